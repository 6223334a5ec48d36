#pragma once

#include <filesystem>
#include <vector>

#include "config/section.h"

namespace bot::runtime {

/// A list of paths, with "~" as the home folder and without one in front as below the working folder. Throws
/// base::ConfigError for an empty one.
std::vector<std::filesystem::path> read_paths(config::Section& section, const char* key);

}  // namespace bot::runtime
