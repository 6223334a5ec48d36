#include "bot/runtime/services.h"

#include "dispatch/task/transcript.h"

namespace bot::runtime {

chat::Platform* Services::platform(const std::string& section) const {
  const auto found = platforms.find(section);
  return found == platforms.end() ? nullptr : found->second.get();
}

double Services::price(const llm::Usage& usage) const {
  const auto& s = settings.secretary;
  return dispatch::TokenPrice{s.usd_per_million_input, s.usd_per_million_output}.usd(
      {.input = usage.input,
       .cache_read = usage.cache_read,
       .cache_write = usage.cache_write,
       .output = usage.output});
}

}  // namespace bot::runtime
