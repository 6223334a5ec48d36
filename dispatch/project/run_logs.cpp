#include "dispatch/project/run_logs.h"

#include <optional>

#include <nlohmann/json.hpp>

#include "base/held_folder.h"
#include "base/json.h"
#include "dispatch/project/files.h"
#include "dispatch/project/workspace.h"

namespace dispatch {
namespace {

constexpr std::size_t kMostOfProjectJson = 64 * 1024;
constexpr const char* kLogFolder = ".dispatch-logs";
constexpr const char* kEndings[] = {"-result.json", "-stderr.log", "-events.jsonl", "-events.jsonl.gz"};

std::optional<base::HeldFolder> project_folder(const std::filesystem::path& root, const std::string& slug) {
  const auto projects = is_slug(slug) ? base::HeldFolder::open(root) : std::nullopt;
  return projects ? projects->folder(slug) : std::nullopt;
}

bool remove(const base::HeldFolder& folder, const std::string& name) {
  if (!folder.has_file(name)) {
    return false;
  }
  folder.remove(name);
  return !folder.has_file(name);
}

}  // namespace

int remove_run_logs(const std::filesystem::path& root, const std::string& slug, const std::string& record,
                    bool last) {
  const auto project = project_folder(root, slug);
  const auto logs = project ? project->folder(kLogFolder) : std::nullopt;
  if (!logs || record.empty() || record.find('/') != std::string::npos) {
    return 0;
  }
  int removed = 0;
  for (const auto* const ending : kEndings) {
    removed += remove(*logs, record + ending) ? 1 : 0;
  }
  return removed + (last && remove(*logs, "last-result.txt") ? 1 : 0);
}

bool forget_description(const std::filesystem::path& root, const std::string& slug) {
  constexpr const char* kFile = "project.json";
  const auto project = project_folder(root, slug);
  const auto logs = project ? project->folder(kLogFolder) : std::nullopt;
  const auto text = logs ? logs->read(kFile, kMostOfProjectJson) : std::nullopt;
  auto json = text ? base::parse_json(*text) : std::nullopt;
  if (!json || base::json_text(*json, "description").empty()) {
    return false;
  }
  (*json)["description"] = "";
  logs->write(kFile, json->dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  return true;
}

bool remove_project_file(const std::filesystem::path& root, const std::string& slug,
                         const std::string& path) {
  auto folder = is_shown_path(path) ? project_folder(root, slug) : std::nullopt;
  std::string_view rest = path;
  for (auto slash = rest.find('/'); folder && slash != std::string_view::npos; slash = rest.find('/')) {
    folder = folder->folder(std::string(rest.substr(0, slash)));
    rest.remove_prefix(slash + 1);
  }
  return folder && remove(*folder, std::string(rest));
}

}  // namespace dispatch
