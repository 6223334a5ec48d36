#pragma once

#include <string>
#include <vector>

#include "bot/runtime/settings.h"
#include "config/section.h"

namespace bot::runtime {

/// The keys that every model has; the caller finishes the section. Throws base::ConfigError.
ModelSettings read_model(config::Section& section, const std::vector<std::string>& providers);

/// A section of [[secretary.fallback]]. Throws base::ConfigError.
ModelSettings read_fallback(config::Section section);

/// Whether it is Anthropic's own address, for which its key is looked for in the environment.
bool is_at_anthropic(const ModelSettings& model);

}  // namespace bot::runtime
