#pragma once

#include "base/process/sandbox.h"
#include "bot/runtime/settings.h"

namespace bot::serve {

/// The sandbox of specialists and of the secretary's tools; the log says which it is. Throws
/// base::ConfigError.
base::Sandbox sandbox_of(const runtime::Settings& settings);

}  // namespace bot::serve
