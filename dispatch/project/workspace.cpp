#include "dispatch/project/workspace.h"

#include <algorithm>
#include <cctype>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/private_folder.h"
#include "base/utf8.h"
#include "dispatch/project/context.h"
#include "dispatch/task/session_id.h"
#include "dispatch/task/specialist_defaults.h"
#include "dispatch/task/stored_result.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

/// In the form of Claude Code's result.
nlohmann::json usage_json(const Tokens& tokens) {
  return {{"input_tokens", tokens.input},
          {"cache_read_input_tokens", tokens.cache_read},
          {"cache_creation_input_tokens", tokens.cache_write},
          {"output_tokens", tokens.output}};
}

/// The CLI's longest line is half of it, and JSON may escape what is in it.
constexpr std::size_t kMostOfResult = 32 * 1024 * 1024;
constexpr std::size_t kMostOfBaseline = 32 * 1024 * 1024;
constexpr std::size_t kMostOfSmallFile = 64 * 1024;
constexpr std::size_t kMostNames = 100'000;
/// Of a project that has more, the newest.
constexpr std::size_t kMostResults = 1'000;

/// The result of the last run in that session, `except` left out.
std::optional<nlohmann::json> last_result_in(const base::HeldFolder& logs, const std::string& session_id,
                                             const std::string& except) {
  auto results = logs.names(kMostNames);
  std::erase_if(results, [&](const std::string& name) {
    return !name.ends_with("-result.json") || name == except + "-result.json";
  });
  std::sort(results.rbegin(), results.rend());
  results.resize(std::min(results.size(), kMostResults));
  for (const auto& name : results) {
    const auto stored = logs.read(name, kMostOfResult).value_or("");
    auto result = base::parse_json(stored);
    if (!result || !result->is_object()) {
      result = base::parse_json(report_of_result(stored, {}).raw_result);
    }
    if (result && base::json_string(*result, "session_id") == std::optional(session_id)) {
      return result;
    }
  }
  return std::nullopt;
}

bool is_uuid(std::string_view text) {
  static constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(), [](char c, char form) {
    return form == '-' ? c == '-' : std::isxdigit(static_cast<unsigned char>(c)) != 0;
  });
}

std::string session_file(const std::string& specialist) {
  return specialist == kClaudeCode ? "last-session-id" : "last-session-id." + specialist;
}

constexpr const char* kLogs = ".dispatch-logs";
constexpr const char* kLock = "run.lock";
constexpr std::size_t kMaxSlug = 64;
constexpr std::size_t kMaxMadeSlug = 40;
constexpr std::size_t kMaxFiles = 20'000;
constexpr std::string_view kNotLookedAt[] = {kLogs,   ".git",        "node_modules",
                                             ".venv", "__pycache__", ".claude"};

std::string iso_time(base::Timestamp time) {
  const auto t = base::local_time(time, "UTC");
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.year, t.month, t.day, t.hour, t.minute,
                     t.second);
}

base::HeldFolder open_logs(const base::HeldFolder& project, const std::string& slug) {
  try {
    return project.make(kLogs);
  } catch (const std::system_error& e) {
    const auto name = fmt::format("{}/{}", slug, kLogs);
    std::error_code ec;
    throw base::PermanentError(fs::is_symlink(fs::symlink_status(project.path_of(kLogs), ec))
                                   ? texts::folder_is_link(name)
                                   : texts::folder_unusable(name, e.code().message()));
  }
}

fs::path checked_folder(const fs::path& root, const std::string& slug) {
  if (!is_slug(slug)) {
    throw base::PermanentError(texts::not_a_project_name(base::ellipsize(slug, 80)));
  }
  return root / slug;
}

}  // namespace

bool is_slug(std::string_view slug) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !slug.empty() && slug.size() <= kMaxSlug && slug.front() != '.' && slug.front() != '-' &&
         std::all_of(slug.begin(), slug.end(), allowed) && slug.find("..") == std::string_view::npos;
}

std::string make_slug(std::string_view words) {
  std::string slug;
  for (const char c : base::ascii_lower(words)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      slug.push_back(c);
    } else if (!slug.empty() && slug.back() != '-' && c != '\'') {
      slug.push_back('-');
    }
  }
  if (slug.size() > kMaxMadeSlug) {
    slug.resize(kMaxMadeSlug + 1);
    const auto cut = slug.rfind('-');
    slug.resize(cut == std::string::npos || cut < kMaxMadeSlug / 2 ? kMaxMadeSlug : cut);
  }
  while (slug.ends_with('-')) {
    slug.pop_back();
  }
  return slug.empty() ? "project" : slug;
}

FolderSnapshot FolderSnapshot::take(const fs::path& folder) {
  FolderSnapshot snapshot;
  std::error_code ec;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, ec);
  for (; !ec && it != fs::recursive_directory_iterator(); it.increment(ec)) {
    const auto name = it->path().filename().string();
    struct stat info {};
    if (::lstat(it->path().c_str(), &info) != 0) {
      continue;
    }
    if (S_ISDIR(info.st_mode)) {
      if (std::find(std::begin(kNotLookedAt), std::end(kNotLookedAt), name) != std::end(kNotLookedAt)) {
        it.disable_recursion_pending();
      }
      continue;
    }
    if (snapshot.files_.size() >= kMaxFiles) {
      snapshot.complete_ = false;
      break;
    }
    snapshot.files_[base::to_valid_utf8(it->path().lexically_relative(folder).string())] = {
        static_cast<std::uintmax_t>(info.st_size),
        static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec};
  }
  return snapshot;
}

std::string FolderSnapshot::to_text() const {
  nlohmann::json files = nlohmann::json::object();
  for (const auto& [path, stamp] : files_) {
    files[path] = {stamp.size, stamp.modified_ns};
  }
  return base::dump_json({{"complete", complete_}, {"files", files}});
}

FolderSnapshot FolderSnapshot::from_text(const std::string& text) {
  FolderSnapshot snapshot;
  const auto json = base::parse_json(text).value_or(nlohmann::json::object());
  snapshot.complete_ = base::json_bool(json, "complete").value_or(false);
  if (const auto* files = base::json_member(json, "files"); files != nullptr && files->is_object()) {
    for (const auto& [path, stamp] : files->items()) {
      // The file is in the project folder, where the specialist can write, too.
      if (stamp.is_array() && stamp.size() == 2 && stamp[0].is_number_integer() &&
          stamp[1].is_number_integer()) {
        snapshot.files_[path] = {stamp[0].get<std::uintmax_t>(), stamp[1].get<std::int64_t>()};
      } else {
        snapshot.complete_ = false;
      }
    }
  }
  return snapshot;
}

std::vector<FileChange> FolderSnapshot::changes_to(const FolderSnapshot& later) const {
  std::vector<FileChange> changes;
  for (const auto& [path, stamp] : later.files_) {
    const auto before = files_.find(path);
    if (before == files_.end()) {
      changes.push_back({FileChange::Kind::created, path});
    } else if (!(before->second == stamp)) {
      changes.push_back({FileChange::Kind::changed, path});
    }
  }
  for (const auto& [path, stamp] : files_) {
    if (!later.files_.contains(path) && later.complete_) {
      changes.push_back({FileChange::Kind::deleted, path});
    }
  }
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return changes;
}

ProjectWorkspace::ProjectWorkspace(fs::path folder, std::string slug, base::HeldFolder logs,
                                   base::FileLock lock)
    : folder_(std::move(folder)), slug_(std::move(slug)), logs_(std::move(logs)), lock_(std::move(lock)) {}

bool ProjectWorkspace::exists(const fs::path& root, const std::string& slug) {
  std::error_code ec;
  return is_slug(slug) && fs::exists(fs::symlink_status(root / slug, ec));
}

std::string ProjectWorkspace::holder(const fs::path& root, const std::string& slug) {
  return base::FileLock::holder(checked_folder(root, slug) / kLogs / kLock);
}

std::string ProjectWorkspace::live_holder(const fs::path& root, const std::string& slug) {
  const auto path = checked_folder(root, slug) / kLogs / kLock;
  return base::FileLock::is_held(path) ? base::FileLock::holder(path) : "";
}

std::optional<ProjectWorkspace> ProjectWorkspace::open(const fs::path& root, const std::string& slug,
                                                       const std::string& described, base::Timestamp now) {
  const auto description = base::redacted(described);
  const auto folder = checked_folder(root, slug);
  try {
    base::make_private_folders(root);
    const auto held_root = base::HeldFolder::open(root / ".");
    if (!held_root || fs::is_symlink(folder)) {
      throw base::PermanentError(texts::folder_is_link(slug));
    }
    const auto held = held_root->make(slug);
    auto logs = open_logs(held, slug);
    auto lock = base::FileLock::try_acquire(
        logs.path_of(kLock), fmt::format("process {} since {}", ::getpid(), base::format_minute(now, "")));
    if (!lock) {
      return std::nullopt;
    }
    const auto words = first_claude_md(folder, slug, description);
    if (!words.empty() && !held.has("CLAUDE.md")) {
      held.write("CLAUDE.md", words);
    }
    ProjectWorkspace workspace(fs::canonical(folder), slug, std::move(logs), *std::move(lock));
    workspace.write_project_json(description, now);
    return workspace;
  } catch (const std::system_error& e) {
    throw base::PermanentError(texts::folder_unusable(folder.string(), e.code().message()));
  }
}

void ProjectWorkspace::write_project_json(const std::string& description, base::Timestamp now) {
  const auto text = logs_.read("project.json", kMostOfSmallFile);
  auto project = text ? base::parse_json(*text) : std::nullopt;
  if (!project || !project->is_object()) {
    project = nlohmann::json{{"slug", slug_}, {"created", iso_time(now)}, {"description", description}};
  }
  if (!description.empty()) {
    (*project)["description"] = description;
  }
  (*project)["updated"] = iso_time(now);
  logs_.write("project.json", project->dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
              base::Durability::relaxed);
}

std::optional<std::string> ProjectWorkspace::last_session(const std::string& specialist) const {
  const auto text = logs_.read(session_file(specialist), kMostOfSmallFile);
  const auto id = std::string(base::trim(text.value_or("")));
  // Claude Code takes nothing but a UUID, and says so at each attempt.
  const bool taken = specialist == kClaudeCode ? is_uuid(id) : is_session_id(id);
  return taken ? std::optional(id) : std::nullopt;
}

std::optional<std::string> ProjectWorkspace::last_specialist(const fs::path& root, const std::string& slug,
                                                             const std::vector<std::string>& names) {
  std::optional<std::string> last;
  fs::file_time_type newest;
  for (const auto& name : names) {
    std::error_code ec;
    const auto begun = fs::last_write_time(checked_folder(root, slug) / kLogs / session_file(name), ec);
    if (!ec && (!last || begun > newest)) {
      last = name;
      newest = begun;
    }
  }
  return last;
}

void ProjectWorkspace::set_last_session(const std::string& specialist, const std::string& session_id) {
  logs_.write(session_file(specialist), session_id + "\n", base::Durability::relaxed);
}

FolderSnapshot ProjectWorkspace::baseline(const std::string& name) {
  const auto file = name + "-baseline.json";
  if (const auto text = logs_.read(file, kMostOfBaseline)) {
    return FolderSnapshot::from_text(*text);
  }
  auto snapshot = FolderSnapshot::take(folder_);
  try {
    logs_.write(file, snapshot.to_text(), base::Durability::relaxed);
  } catch (const std::system_error& e) {
    base::log_warning("what {} held before the run is not kept: {}", slug_, e.what());
  }
  return snapshot;
}

void ProjectWorkspace::forget_baseline(const std::string& name) {
  logs_.remove(name + "-baseline.json");
}

std::string ProjectWorkspace::new_record(base::Timestamp now, std::int64_t n) const {
  const auto t = base::local_time(now, "");
  const auto stamp =
      fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second);
  while (logs_.has(fmt::format("{}-{}-result.json", stamp, n)) ||
         logs_.has(fmt::format("{}-{}-stderr.log", stamp, n))) {
    ++n;
  }
  return fmt::format("{}-{}", stamp, n);
}

fs::path ProjectWorkspace::event_log(const std::string& record) const {
  return logs_.path_of(record + "-events.jsonl");
}

void ProjectWorkspace::save(const std::string& record, const Report& report, base::Timestamp now) {
  logs_.write(record + "-result.json", result_json(record, report) + "\n");
  logs_.write(record + "-stderr.log", report.error_output, base::Durability::relaxed);
  logs_.write("last-result.txt", (report.text.empty() ? report.problem : report.text) + "\n",
              base::Durability::relaxed);
  write_project_json({}, now);
}

std::string ProjectWorkspace::result_json(const std::string& record, const Report& report) const {
  if (!report.raw_result.empty()) {
    return report.raw_result;
  }
  const bool failed = report.outcome != Outcome::success && report.outcome != Outcome::blocked;
  auto denials = nlohmann::json::array();
  for (const auto& denial : report.denials) {
    denials.push_back({{"tool_name", denial.tool}, {"tool_input", {{"command", denial.detail}}}});
  }
  nlohmann::json result = {{"type", "result"},
                           {"subtype", failed ? "error_during_execution" : "success"},
                           {"is_error", failed},
                           {"duration_ms", report.duration.count()},
                           {"num_turns", report.turns},
                           // The words are those of last-result.txt.
                           {"result", failed && report.text.empty() ? report.problem : report.text},
                           {"stop_reason", nullptr},
                           {"session_id", report.session_id},
                           {"total_cost_usd", report.session_usd.value_or(
                                                  spent_in_session(report.session_id, record) + report.usd)},
                           {"usage", usage_json(report.tokens)},
                           {"permission_denials", std::move(denials)}};
  if (failed && !report.text.empty()) {
    result["errors"] = nlohmann::json::array({report.problem});
  }
  if (report.session_tokens) {
    result["session_usage"] = usage_json(*report.session_tokens);
  }
  if (auto structured = base::parse_json(report.structured)) {
    result["structured_output"] = *std::move(structured);
  }
  return base::dump_json(result);
}

double ProjectWorkspace::spent_in_session(const std::string& session_id, const std::string& except) const {
  const auto result = last_result_in(logs_, session_id, except);
  return result ? base::json_number(*result, "total_cost_usd").value_or(0) : 0;
}

Tokens ProjectWorkspace::tokens_in_session(const std::string& session_id, const std::string& except) const {
  const auto result = last_result_in(logs_, session_id, except);
  const auto* usage = result ? base::json_member(*result, "session_usage") : nullptr;
  if (usage == nullptr) {
    return {};
  }
  const auto count = [&](const char* key) { return base::json_integer(*usage, key).value_or(0); };
  return {.input = count("input_tokens"),
          .cache_read = count("cache_read_input_tokens"),
          .cache_write = count("cache_creation_input_tokens"),
          .output = count("output_tokens")};
}

std::optional<std::string> ProjectWorkspace::saved_result(const std::string& record) const {
  return logs_.read(record + "-result.json", kMostOfResult);
}

}  // namespace dispatch
