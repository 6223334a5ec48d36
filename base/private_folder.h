#pragma once

#include <filesystem>

namespace base {

/// Makes the folder and those above it that are missing, for this user alone (mode 0700). One that is there
/// keeps its mode. Throws std::system_error that names the folder.
void make_private_folders(const std::filesystem::path& path);

}  // namespace base
