#include "dispatch/project/old_logs.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/held_folder.h"
#include "dispatch/project/catalog.h"
#include "dispatch/project/workspace.h"

namespace dispatch {
namespace {

constexpr std::size_t kMostNames = 100'000;
constexpr std::size_t kKept = 3;
constexpr const char* kLogFolder = ".dispatch-logs";
constexpr std::array<std::string_view, 2> kResults = {"-result.json", "-stderr.log"};
constexpr std::array<std::string_view, 2> kEvents = {"-events.jsonl", "-events.jsonl.gz"};

/// A file of a run: "<YYYYmmdd-HHMMSS>-<n>-result.json" and its like.
struct RunFile {
  std::string name;
  std::string record;
  bool is_events = false;
};

std::optional<RunFile> run_file(const std::string& name) {
  if (run_time(name).empty()) {
    return std::nullopt;
  }
  const auto with = [&](const auto& endings) -> std::optional<std::string> {
    const auto ending =
        std::find_if(endings.begin(), endings.end(), [&](auto e) { return name.ends_with(e); });
    return ending == endings.end() ? std::nullopt
                                   : std::optional(name.substr(0, name.size() - ending->size()));
  };
  if (auto record = with(kResults)) {
    return RunFile{name, *std::move(record)};
  }
  if (auto record = with(kEvents)) {
    return RunFile{name, *std::move(record), true};
  }
  return std::nullopt;
}

std::vector<RunFile> run_files(const base::HeldFolder& logs) {
  std::vector<RunFile> files;
  for (const auto& name : logs.names(kMostNames)) {
    if (auto file = run_file(name)) {
      files.push_back(*std::move(file));
    }
  }
  return files;
}

/// The oldest record that stays whatever its age; names order as the moments they begin with.
std::string oldest_kept(const std::vector<RunFile>& files) {
  std::vector<std::string> records;
  for (const auto& file : files) {
    records.push_back(file.record);
  }
  std::sort(records.begin(), records.end(), std::greater<>());
  records.erase(std::unique(records.begin(), records.end()), records.end());
  return records.size() <= kKept ? std::string() : records.at(kKept - 1);
}

bool is_older(const base::HeldFolder& logs, const std::string& name,
              const std::optional<base::Timestamp>& before) {
  const auto changed = before ? logs.changed(name) : std::nullopt;
  return changed && base::from_unix_ms(static_cast<std::int64_t>(changed->tv_sec) * 1000) < *before;
}

int remove_from(const base::HeldFolder& logs, const OldLogs& before) {
  const auto files = run_files(logs);
  const auto kept = oldest_kept(files);
  int removed = 0;
  for (const auto& file : files) {
    if (file.record < kept && is_older(logs, file.name, file.is_events ? before.events : before.results)) {
      logs.remove(file.name);
      ++removed;
    }
  }
  return removed;
}

}  // namespace

int remove_old_logs(const std::filesystem::path& root, const OldLogs& before) {
  const auto projects = base::HeldFolder::open(root);
  int removed = 0;
  for (const auto& slug : projects ? projects->names(kMostNames) : std::vector<std::string>()) {
    const auto project = is_slug(slug) ? projects->folder(slug) : std::nullopt;
    const auto logs = project ? project->folder(kLogFolder) : std::nullopt;
    if (logs && ProjectWorkspace::live_holder(root, slug).empty()) {
      removed += remove_from(*logs, before);
    }
  }
  return removed;
}

}  // namespace dispatch
