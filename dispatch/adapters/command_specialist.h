#pragma once

#include <memory>
#include <string>

#include "config/section.h"
#include "dispatch/task/specialist.h"
#include "dispatch/task/specialist_defaults.h"

namespace dispatch {

/// Any CLI that takes a prompt on its input and prints its result as JSON: a section [specialist.<name>] with
/// type = "command". It asks nobody: what needs permission is up to the CLI's own flags.
///
/// Keys (docs/specialists.md): about; run, resume, review, version (argument lists, in which
/// "{session}", "{model}" and "{folder}" are replaced); model; output = "jsonl" | "json"; the selectors (see
/// Selector; a text or a list of texts) result, session, error, refused, done, input_tokens, cached_tokens,
/// output_tokens, usd; counts = "run" | "session"; session_gone; state, readable; usd_per_million_input,
/// usd_per_million_output; and the tables environment, steps and
/// sandboxed (run, resume and review that replace those above in a sandbox, where a task that may change
/// nothing also sees its folder read-only). Throws base::ConfigError.
std::unique_ptr<Specialist> make_command_specialist(const std::string& name, config::Section section,
                                                    const SpecialistDefaults& defaults);

}  // namespace dispatch
