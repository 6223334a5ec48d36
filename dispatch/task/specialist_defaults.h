#pragma once

#include <string>

#include "base/process/sandbox.h"

namespace dispatch {

/// What the program decides about a specialist; it overrides the specialist's section of the configuration.
struct SpecialistDefaults {
  std::string command;   ///< from DISPATCH_CC_BIN, for Claude Code; empty: as configured
  std::string base_url;  ///< where nothing else is configured (the demo model's address); may be empty
  std::string api_key;   ///< goes with base_url
  std::string
      state_folder;       ///< where the CLI keeps sessions and settings in demo mode; empty: its own default
  base::Sandbox sandbox;  ///< around every run
};

/// The specialist that exists without being configured.
inline constexpr const char* kClaudeCode = "claude-code";

}  // namespace dispatch
