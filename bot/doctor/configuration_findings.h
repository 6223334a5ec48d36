#pragma once

#include <vector>

#include "bot/doctor/finding.h"
#include "bot/runtime/settings.h"

namespace bot::doctor {

/// What a configuration that loads silently does not do, or lets others do: addresses and names that fit
/// nothing, files that others may read or write. Nothing where all is well. Reads the file again, calls
/// nobody.
std::vector<Finding> configuration_findings(const runtime::Settings& settings);

}  // namespace bot::doctor
