#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/held_folder.h"
#include "dispatch/task/specialist.h"

namespace dispatch {

/// Whether it may name a project: `[A-Za-z0-9._-]+`, not beginning with "." or "-", at most 64 bytes, no
/// "..".
bool is_slug(std::string_view slug);

/// A slug made from words: lower case, ASCII letters and digits with single hyphens, at most 40 bytes;
/// "project" where nothing is left.
std::string make_slug(std::string_view words);

struct FileChange {
  enum class Kind { created, changed, deleted };
  Kind kind;
  std::string path;  ///< relative to the project folder
};

/// What a project folder holds, at one moment. Folders of tools (.git, node_modules and the like) are left
/// out.
class FolderSnapshot {
 public:
  static FolderSnapshot take(const std::filesystem::path& folder);
  /// As text and back, so that a run that was interrupted still knows what it changed since it began.
  std::string to_text() const;
  static FolderSnapshot from_text(const std::string& text);
  /// What is different in `later`, by path. `complete` is false where a folder was too large to be looked at
  /// whole.
  std::vector<FileChange> changes_to(const FolderSnapshot& later) const;
  bool complete() const { return complete_; }

 private:
  struct Stamp {
    std::uintmax_t size;
    std::int64_t modified_ns;
    bool operator==(const Stamp&) const = default;
  };
  std::map<std::string, Stamp> files_;
  bool complete_ = true;
};

/// A project folder, locked for this process for as long as the object lives. The layout is the one of
/// expert-dispatch 1.0.2 (README, "Project structure"), so its folders are used as they are. The log folder
/// is held open, and what is read of it is bounded and no link: whoever works in the project can exchange all
/// of it. Thread rule: one thread at a time.
class ProjectWorkspace {
 public:
  /// The workspace, made where needed (folder, CLAUDE.md unless there is an AGENTS.md, project.json), or
  /// nothing while another run holds it; then holder() names who. Throws base::PermanentError with a sentence
  /// if the slug is not one, the folder leads out of the root, or it cannot be written.
  static std::optional<ProjectWorkspace> open(const std::filesystem::path& root, const std::string& slug,
                                              const std::string& description, base::Timestamp now);
  static std::string holder(const std::filesystem::path& root, const std::string& slug);
  /// Who works in it now; empty where nobody does.
  static std::string live_holder(const std::filesystem::path& root, const std::string& slug);
  /// Whether a folder of that name is there.
  static bool exists(const std::filesystem::path& root, const std::string& slug);

  /// Which of these specialists began a session there last, by its session files; nothing where none did.
  static std::optional<std::string> last_specialist(const std::filesystem::path& root,
                                                    const std::string& slug,
                                                    const std::vector<std::string>& names);

  const std::filesystem::path& folder() const { return folder_; }
  int lock_fd() const { return lock_.fd(); }

  /// That specialist's session here, which `resume` continues; nothing where what is written there is no
  /// session's id. Claude Code's is in last-session-id, that of another one in last-session-id.<name>.
  std::optional<std::string> last_session(const std::string& specialist) const;
  /// Throws std::system_error, as all here that writes.
  void set_last_session(const std::string& specialist, const std::string& session_id);

  /// The folder as it was when the run called `name` first began: kept on disk until forget_baseline().
  FolderSnapshot baseline(const std::string& name);
  void forget_baseline(const std::string& name);

  /// A name for this run's files that is not taken: "<local YYYYmmdd-HHMMSS>-<n>".
  std::string new_record(base::Timestamp now, std::int64_t n) const;
  /// The file for the raw events of a run: a path for this process while the workspace lives.
  std::filesystem::path event_log(const std::string& record) const;
  /// Writes <record>-result.json, <record>-stderr.log and last-result.txt, and the time into project.json.
  /// Where the specialist gave no result in the form of Claude Code's, one is made.
  void save(const std::string& record, const Report& report, base::Timestamp now);
  /// The session's total cost in US dollars when its last run ended, by the result files, `except` left out.
  double spent_in_session(const std::string& session_id, const std::string& except) const;
  /// The session's tokens when its last run ended, where its CLI counts so (Report::session_tokens).
  Tokens tokens_in_session(const std::string& session_id, const std::string& except) const;
  /// The report as one line of JSON, in the form of Claude Code's result: its own where there is one.
  std::string result_json(const std::string& record, const Report& report) const;
  /// The result that an earlier process of ours wrote under that name, if it came that far.
  std::optional<std::string> saved_result(const std::string& record) const;

 private:
  ProjectWorkspace(std::filesystem::path folder, std::string slug, base::HeldFolder logs,
                   base::FileLock lock);
  void write_project_json(const std::string& description, base::Timestamp now);

  std::filesystem::path folder_;
  std::string slug_;
  base::HeldFolder logs_;
  base::FileLock lock_;
};

}  // namespace dispatch
