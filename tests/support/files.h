#pragma once

#include <filesystem>
#include <string>

namespace support {

/// What the file holds, empty where it cannot be read.
std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace support
