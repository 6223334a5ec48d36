#pragma once

#include <vector>

#include "bot/cli/doctor_finding.h"
#include "bot/runtime/settings.h"

namespace bot::cli {

/// What a configuration that loads silently does not do, or lets others do: addresses and names that fit
/// nothing, files that others may read or write. Nothing where all is well. Reads the file again, calls
/// nobody.
std::vector<Finding> configuration_findings(const runtime::Settings& settings);

}  // namespace bot::cli
