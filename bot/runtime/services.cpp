#include "bot/runtime/services.h"

#include "dispatch/task/transcript.h"

namespace bot::runtime {
namespace {

/// Null where the secretary's model itself counted them.
const ModelSettings* fallback_of(const Settings& settings, const llm::Usage& usage) {
  const auto& fallback = settings.secretary.fallback;
  return usage.by == 0 || usage.by > fallback.size() ? nullptr : &fallback[usage.by - 1];
}

}  // namespace

chat::Platform* Services::platform(const std::string& section) const {
  const auto found = platforms.find(section);
  return found == platforms.end() ? nullptr : found->second.get();
}

double Services::price(const llm::Usage& usage) const {
  const auto* const fallback = fallback_of(settings, usage);
  const ModelSettings& s = fallback == nullptr ? settings.secretary : *fallback;
  return dispatch::TokenPrice{s.usd_per_million_input, s.usd_per_million_output}.usd(
      {.input = usage.input,
       .cache_read = usage.cache_read,
       .cache_write = usage.cache_write,
       .output = usage.output});
}

std::string Services::provider_of(const llm::Usage& usage) const {
  const auto* const fallback = fallback_of(settings, usage);
  return fallback == nullptr ? model.provider() : fallback->provider;
}

std::string Services::model_of(const llm::Usage& usage) const {
  const auto* const fallback = fallback_of(settings, usage);
  return fallback == nullptr ? model.model() : fallback->model;
}

}  // namespace bot::runtime
