#pragma once

#include <filesystem>

#include "dispatch/specialists.h"

namespace bot::serve {

/// Logs what `doctor` would fail on, as far as it is seen without running or calling anything. Makes the
/// folder of the projects where there is none.
void tell_what_is_missing(const dispatch::Specialists& specialists, const std::filesystem::path& projects);

}  // namespace bot::serve
