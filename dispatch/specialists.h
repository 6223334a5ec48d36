#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/section.h"
#include "dispatch/sandbox.h"
#include "dispatch/specialist.h"

namespace dispatch {

/// What the program decides about a specialist, against what its own section of the configuration says.
struct SpecialistDefaults {
  std::string command;   ///< from DISPATCH_CC_BIN; empty: as configured
  std::string base_url;  ///< where nothing else is configured (the demo model's address); may be empty
  std::string api_key;   ///< goes with base_url
  std::string
      state_folder;  ///< where the CLI keeps sessions and settings in demo mode; empty: its own default
  Sandbox sandbox;   ///< around every run
};

/// The specialist called `name`, reading its section [specialist.<name>]. Throws base::ConfigError for an
/// unknown one.
std::unique_ptr<Specialist> make_specialist(const std::string& name, config::Section section,
                                            const SpecialistDefaults& defaults);

/// The names that make_specialist() knows.
std::vector<std::string> specialist_names();

}  // namespace dispatch
