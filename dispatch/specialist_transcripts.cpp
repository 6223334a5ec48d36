#include "dispatch/specialist_transcripts.h"

#include <cstdlib>
#include <system_error>

#include "base/file.h"
#include "dispatch/adapters/claude_sessions.h"

namespace dispatch {

int remove_transcripts(const std::filesystem::path& project, const std::string& session_id) {
  const char* own = std::getenv("CLAUDE_CONFIG_DIR");
  const auto state =
      own != nullptr && *own != '\0' ? std::filesystem::path(own) : base::home_directory() / ".claude";
  std::error_code ec;
  const auto folder = std::filesystem::canonical(project, ec);  // as a run has it
  return remove_session(state, ec ? project : folder, session_id);
}

}  // namespace dispatch
