#include "dispatch/project/catalog.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/held_folder.h"
#include "base/json.h"
#include "base/utf8.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/stored_result.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kResult = "-result.json";

constexpr std::size_t kMostNames = 100'000;
constexpr std::size_t kMostOfSmallFile = 64 * 1024;
constexpr std::size_t kMostOfText = 256 * 1024;
constexpr std::size_t kMostOfResult = 32 * 1024 * 1024;

/// A file that a specialist can write, too: whatever is wrong with it, it is as if it were not there.
std::string text_of(const base::HeldFolder& logs, const std::string& name) {
  return base::to_valid_utf8(logs.read(name, kMostOfSmallFile).value_or(""));
}

/// Its log folder; nothing where there is none, or it or the project is a link.
std::optional<base::HeldFolder> logs_of(const fs::path& project) {
  try {
    const auto folder = base::HeldFolder::open(project);
    return folder ? folder->folder(".dispatch-logs") : std::nullopt;
  } catch (const std::system_error&) {
    return std::nullopt;  // one that may not be looked into
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string run_time(std::string_view name) {
  constexpr std::string_view kShape = "00000000-000000-";
  if (name.size() < kShape.size()) {
    return {};
  }
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '-' ? name[i] != '-' : !is_digit(name[i])) {
      return {};
    }
  }
  return fmt::format("{}-{}-{} {}:{}:{}", name.substr(0, 4), name.substr(4, 2), name.substr(6, 2),
                     name.substr(9, 2), name.substr(11, 2), name.substr(13, 2));
}

std::optional<ProjectInfo> ProjectCatalog::read(const std::string& slug, bool with_holder) const {
  ProjectInfo project;
  project.slug = slug;
  project.folder = root_ / slug;
  const auto logs = logs_of(project.folder);
  if (!logs) {
    return std::nullopt;
  }
  for (const auto& name : logs->names(kMostNames)) {
    // Of one second, the longer number is the later one.
    const auto later = [](const std::string& a, const std::string& b) {
      return a.substr(0, 15) != b.substr(0, 15) || a.size() == b.size() ? a < b : a.size() < b.size();
    };
    if (name.ends_with(kResult) && (project.last_run.empty() || later(project.last_run, name))) {
      project.last_run = name;
    }
  }
  if (const auto json = base::parse_json(text_of(*logs, "project.json"))) {
    project.description = base::json_string(*json, "description").value_or("");
    project.created = base::json_string(*json, "created").value_or("");
    project.updated = base::json_string(*json, "updated").value_or("");
  }
  project.last_session = std::string(base::trim(text_of(*logs, "last-session-id")));
  if (const auto text = logs->read_head("last-result.txt", kMostOfText)) {
    project.last_text = base::to_valid_utf8(*text);
  }
  // dispatch-cc looks for the words in an object: of a list it finds none, and writes that down.
  const auto file_text = project.last_text.value_or("");
  if (const auto words = base::trim(file_text); words.empty() || words == "null") {
    if (const auto report = last_report(project); report && !report->raw_result.empty()) {
      project.last_text = (report->text.empty() ? report->problem : report->text) + "\n";
    }
  }
  if (with_holder && logs->has_file("run.lock")) {
    project.holder = ProjectWorkspace::live_holder(root_, slug);
  }
  return project;
}

std::vector<ProjectInfo> ProjectCatalog::all() const {
  const auto root = base::HeldFolder::open(root_ / ".");
  if (!root) {
    return {};
  }
  auto names = root->names(kMostNames);
  std::sort(names.begin(), names.end());
  std::vector<ProjectInfo> projects;
  for (const auto& name : names) {
    if (!is_slug(name)) {
      continue;
    }
    if (auto project = read(name, false)) {
      projects.push_back(*std::move(project));
    }
  }
  return projects;
}

std::vector<ProjectInfo> ProjectCatalog::search(const std::vector<std::string>& words) const {
  auto projects = all();
  std::erase_if(projects, [&](const ProjectInfo& project) {
    const auto text =
        base::ascii_lower(project.slug + "\n" + project.description + "\n" + project.last_text.value_or(""));
    return !std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      return text.find(base::ascii_lower(word)) != std::string::npos;
    });
  });
  return projects;
}

std::optional<ProjectInfo> ProjectCatalog::find(const std::string& slug) const {
  if (!is_slug(slug)) {
    return std::nullopt;
  }
  auto project = read(slug, true);
  std::error_code ec;
  if (!project && fs::is_directory(fs::symlink_status(root_ / slug, ec))) {
    project.emplace();  // nobody has worked in it yet
    project->slug = slug;
    project->folder = root_ / slug;
  }
  return project;
}

std::optional<Report> ProjectCatalog::last_report(const ProjectInfo& project) {
  if (project.last_run.empty()) {
    return std::nullopt;
  }
  const auto logs = logs_of(project.folder);
  const auto stored = logs ? logs->read(project.last_run, kMostOfResult) : std::nullopt;
  return report_of_result(base::to_valid_utf8(stored.value_or("")), project.folder);
}

}  // namespace dispatch
