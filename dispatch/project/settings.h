#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dispatch {

/// What the folder holds of settings that can run code or lead the Claude Code CLI elsewhere, as paths
/// relative to it. The CLI honours them only where Task::trusts_folder says so.
std::vector<std::string> executable_settings(const std::filesystem::path& folder);

}  // namespace dispatch
