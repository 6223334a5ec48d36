#pragma once

#include <string>
#include <vector>

#include "config/config_file.h"

namespace bot::runtime {

/// The paths of the keys whose values differ, without those that SIGHUP brings into force: what Policy holds.
std::vector<std::string> keys_that_wait(const config::Values& running, const config::Values& now);

}  // namespace bot::runtime
