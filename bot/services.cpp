#include "bot/services.h"

namespace bot {

std::stop_token RunRegistry::enter(store::DispatchId id) {
  const std::lock_guard lock(mutex_);
  return running_.insert_or_assign(id, std::stop_source()).first->second.get_token();
}

void RunRegistry::leave(store::DispatchId id) {
  const std::lock_guard lock(mutex_);
  running_.erase(id);
}

void RunRegistry::stop(store::DispatchId id) {
  const std::lock_guard lock(mutex_);
  if (const auto it = running_.find(id); it != running_.end()) {
    it->second.request_stop();
  }
}

void RunRegistry::stop_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, source] : running_) {
    source.request_stop();
  }
}

std::size_t RunRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return running_.size();
}

ChatPlatform* Services::platform(const std::string& section) const {
  const auto found = platforms.find(section);
  return found == platforms.end() ? nullptr : found->second.get();
}

double Services::price(const llm::Usage& usage) const {
  // Anthropic's factors: a cache read costs a tenth of an input token, a five-minute cache write five
  // quarters.
  const auto& s = settings.secretary;
  const double input = static_cast<double>(usage.input) + 0.1 * static_cast<double>(usage.cache_read) +
                       1.25 * static_cast<double>(usage.cache_write);
  return (input * s.usd_per_million_input + static_cast<double>(usage.output) * s.usd_per_million_output) /
         1e6;
}

}  // namespace bot
