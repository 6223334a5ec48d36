#pragma once

#include <string>

namespace support {

/// The folder of the sources, and the build's. Functions, so that only one object file holds these paths: the
/// compiler cache then serves every clone.
std::string source_dir();
std::string build_dir();

}  // namespace support
