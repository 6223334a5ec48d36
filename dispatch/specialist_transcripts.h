#pragma once

#include <filesystem>
#include <string>

namespace dispatch {

/// Removes what Claude Code itself keeps of a session in that project: all that was said in it. Returns how
/// many files went; what cannot be removed stays. Thread rule: any thread.
int remove_transcripts(const std::filesystem::path& project, const std::string& session_id);

}  // namespace dispatch
