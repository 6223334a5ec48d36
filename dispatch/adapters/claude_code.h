#pragma once

#include <memory>

#include "config/section.h"
#include "dispatch/task/specialist.h"
#include "dispatch/task/specialist_defaults.h"

namespace dispatch {

/// The Claude Code CLI, driven over its stream-json input and output (measured with 2.1.197 and 2.1.330).
/// Keys of its section: about, command, model, base_url, api_key, usd_per_million_input,
/// usd_per_million_output.
std::unique_ptr<Specialist> make_claude_code(const std::string& name, config::Section section,
                                             const SpecialistDefaults& defaults);

}  // namespace dispatch
