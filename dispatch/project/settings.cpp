#include "dispatch/project/settings.h"

#include <system_error>

#include "base/file.h"
#include "base/utf8.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

/// One argument of a command holds 128 KiB at most (MAX_ARG_STRLEN).
constexpr std::size_t kMaxContext = 32 * 1024;

}  // namespace

std::string project_context(const fs::path& folder) {
  std::error_code ec;
  const auto path = folder / "CLAUDE.md";
  if (fs::symlink_status(path, ec).type() != fs::file_type::regular) {
    return {};
  }
  try {
    const auto text = base::to_valid_utf8(base::read_file(path));
    return "\n\nFor reference, the project's CLAUDE.md as it is now:\n\n" +
           base::keep_ends(text, kMaxContext);
  } catch (const std::system_error&) {
    return {};
  }
}

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
