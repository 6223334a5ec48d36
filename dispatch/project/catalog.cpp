#include "dispatch/project/catalog.h"

#include <algorithm>

#include <dirent.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/stored_result.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kResult = "-result.json";

/// The names in a folder; a directory_iterator asks for each entry's status, which this does not need.
std::optional<std::vector<std::string>> names_in(const fs::path& folder) {
  DIR* const dir = ::opendir(folder.c_str());
  if (dir == nullptr) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  while (const auto* entry = ::readdir(dir)) {
    names.emplace_back(entry->d_name);
  }
  ::closedir(dir);
  return names;
}

/// A file that a specialist can write, too: whatever is wrong with it, it is as if it were not there.
std::string text_of(const fs::path& path) {
  try {
    return base::to_valid_utf8(base::read_file_if_exists(path).value_or(""));
  } catch (const std::system_error&) {
    return {};
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
  const auto logs = project.folder / ".dispatch-logs";
  const auto names = names_in(logs);
  if (!names) {
    return std::nullopt;
  }
  for (const auto& name : *names) {
    // Of one second, the longer number is the later one.
    const auto later = [](const std::string& a, const std::string& b) {
      return a.substr(0, 15) != b.substr(0, 15) || a.size() == b.size() ? a < b : a.size() < b.size();
    };
    if (name.ends_with(kResult) && (project.last_run.empty() || later(project.last_run, name))) {
      project.last_run = name;
    }
  }
  if (const auto json = base::parse_json(text_of(logs / "project.json"))) {
    project.description = base::json_string(*json, "description").value_or("");
    project.created = base::json_string(*json, "created").value_or("");
    project.updated = base::json_string(*json, "updated").value_or("");
  }
  project.last_session = std::string(base::trim(text_of(logs / "last-session-id")));
  if (std::find(names->begin(), names->end(), "last-result.txt") != names->end()) {
    project.last_text = text_of(logs / "last-result.txt");
  }
  // dispatch-cc looks for the words in an object: of a list it finds none, and writes that down.
  if (const auto words = base::trim(project.last_text.value_or("")); words.empty() || words == "null") {
    if (const auto report = last_report(project); report && !report->raw_result.empty()) {
      project.last_text = (report->text.empty() ? report->problem : report->text) + "\n";
    }
  }
  if (with_holder && std::find(names->begin(), names->end(), "run.lock") != names->end()) {
    project.holder = ProjectWorkspace::live_holder(root_, slug);
  }
  return project;
}

std::vector<ProjectInfo> ProjectCatalog::all() const {
  auto names = names_in(root_);
  if (!names) {
    if (errno == ENOENT) {
      return {};
    }
    base::throw_errno("cannot read " + root_.string());
  }
  std::sort(names->begin(), names->end());
  std::vector<ProjectInfo> projects;
  for (const auto& name : *names) {
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
  return report_of_result(text_of(project.folder / ".dispatch-logs" / project.last_run), project.folder);
}

}  // namespace dispatch
