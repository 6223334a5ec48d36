#include "dispatch/project/settings.h"

#include <system_error>

namespace dispatch {

namespace fs = std::filesystem;

std::vector<std::string> executable_settings(const fs::path& folder) {
  std::vector<std::string> found;
  for (const char* name : {".claude/settings.json", ".claude/settings.local.json", ".claude/agents",
                           ".claude/commands", ".claude/hooks", ".claude/skills", ".mcp.json"}) {
    std::error_code ec;
    if (fs::exists(fs::symlink_status(folder / name, ec))) {
      found.emplace_back(name);
    }
  }
  return found;
}

}  // namespace dispatch
