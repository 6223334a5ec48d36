#pragma once

#include <filesystem>
#include <string>

namespace dispatch {

/// Where the Claude Code CLI keeps the transcripts of its sessions, as `<working folder>/<id>.jsonl`.
std::filesystem::path usual_sessions(const std::filesystem::path& state);

/// What the sandbox shows in place of it: a folder of this project alone. In the usual place the CLI names
/// the folder of a project after its path, but folds the name, so that several projects can share one; and
/// how it folds is its own affair.
std::filesystem::path sandboxed_sessions(const std::filesystem::path& state,
                                         const std::filesystem::path& project);

/// Makes a session that is kept in the one place known in the other, as the same file, so that a project can
/// go on with and without the sandbox. Does nothing where the other has it already and it is not older, or
/// where there is no such session. No run of the project may be going on.
void share_session(const std::filesystem::path& from, const std::filesystem::path& to,
                   const std::string& session_id);

/// Removes the transcript of a session of that project in both places. Returns how many files went.
int remove_session(const std::filesystem::path& state, const std::filesystem::path& project,
                   const std::string& session_id);

}  // namespace dispatch
