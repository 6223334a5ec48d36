#pragma once

#include <string>

#include "bot/settings.h"
#include "dispatch/sandbox.h"

namespace bot {

struct SandboxChoice {
  dispatch::Sandbox sandbox;
  std::string detail;  ///< one line for the log and for doctor
};

/// The sandbox that the settings ask for, as far as this machine has one: "auto" goes on without where it
/// does not work. Throws base::ConfigError where "bwrap", or a permission that needs a sandbox, cannot be
/// had.
SandboxChoice choose_sandbox(const DispatchSettings& settings);

}  // namespace bot
