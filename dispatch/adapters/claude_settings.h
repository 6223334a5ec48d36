#pragma once

#include <optional>
#include <string>

#include "base/process/sandbox.h"
#include "config/section.h"
#include "dispatch/task/specialist_defaults.h"
#include "dispatch/task/token_price.h"

namespace dispatch {

/// The section [specialist.claude-code], together with what the program decides.
struct ClaudeSettings {
  std::string name;
  std::string about;
  std::string command;  ///< a name to be looked up in PATH, or an absolute path
  std::string model;
  std::string base_url;
  std::string api_key;              ///< empty: the CLI's own login
  std::string state_folder;         ///< empty: the CLI's own choice
  std::optional<TokenPrice> price;  ///< of each model that it uses; none: as the CLI has it
  base::Sandbox sandbox;
};

/// Throws base::ConfigError.
ClaudeSettings read_claude_settings(const std::string& name, config::Section section,
                                    const SpecialistDefaults& defaults);

}  // namespace dispatch
