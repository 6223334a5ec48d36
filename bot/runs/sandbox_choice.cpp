#include "bot/runs/sandbox_choice.h"

#include <fmt/core.h>

#include "base/error.h"

namespace bot::runs {
namespace {

using Mode = runtime::DispatchSettings::Sandbox;

constexpr const char* kOpen = "the specialist can read and change what this user can";

}  // namespace

SandboxChoice choose_sandbox(const runtime::DispatchSettings& settings,
                             std::vector<std::filesystem::path> hidden) {
  const bool skips = settings.permission == "dangerously-skip-permissions";
  if (settings.sandbox == Mode::off) {
    if (skips) {
      throw base::ConfigError(
          "dispatch.permission: \"dangerously-skip-permissions\" needs the sandbox, and dispatch.sandbox is "
          "\"off\"; use \"auto\", or \"acceptEdits\" with dispatch.allowed_tools");
    }
    return {{}, fmt::format("off: {}", kOpen)};
  }
  const auto check = base::Sandbox::check();
  if (check.works) {
    hidden.push_back(settings.projects_dir);
    return {base::Sandbox(settings.sandbox_read, std::move(hidden)),
            fmt::format("{}: the specialist sees the system and its project only", check.detail)};
  }
  if (skips) {
    throw base::ConfigError(
        fmt::format("dispatch.permission: \"dangerously-skip-permissions\" needs a working sandbox, and {}",
                    check.detail));
  }
  if (settings.sandbox == Mode::bwrap) {
    throw base::ConfigError(fmt::format("dispatch.sandbox: {}", check.detail));
  }
  return {{}, fmt::format("NONE, {}: {}", check.detail, kOpen)};
}

}  // namespace bot::runs
