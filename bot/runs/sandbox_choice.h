#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process/sandbox.h"
#include "bot/runtime/settings.h"

namespace bot::runs {

struct SandboxChoice {
  base::Sandbox sandbox;
  std::string detail;  ///< one line for the log and for doctor
};

/// The sandbox that the settings ask for, as far as this machine has one: "auto" goes on without where it
/// does not work. Throws base::ConfigError where "bwrap", or a permission that needs a sandbox, cannot be
/// had.
/// `hidden`: folders of the program's own, which the specialist does not see wherever they are.
SandboxChoice choose_sandbox(const runtime::DispatchSettings& settings,
                             std::vector<std::filesystem::path> hidden);

}  // namespace bot::runs
