#include "bot/services.h"

#include <utility>

#include "base/error.h"
#include "dispatch/transcript.h"

namespace bot {

RunRegistry::Run RunRegistry::enter(store::DispatchId id) {
  const std::lock_guard lock(mutex_);
  return running_.insert_or_assign(id, Run{{}, std::make_shared<dispatch::Mailbox>()}).first->second;
}

void RunRegistry::reply(store::DispatchId id, dispatch::Reply reply) {
  const std::lock_guard lock(mutex_);
  if (const auto it = running_.find(id); it != running_.end()) {
    it->second.mailbox->push(std::move(reply));
  }
}

void RunRegistry::leave(store::DispatchId id) {
  const std::lock_guard lock(mutex_);
  running_.erase(id);
}

void RunRegistry::stop(store::DispatchId id) {
  const std::lock_guard lock(mutex_);
  if (const auto it = running_.find(id); it != running_.end()) {
    it->second.stop.request_stop();
  }
}

void RunRegistry::stop_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, run] : running_) {
    run.stop.request_stop();
  }
}

std::size_t RunRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return running_.size();
}

void RunSlots::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

RunSlots::Place::Place(RunSlots& slots, std::stop_token stop) : slots_(slots) {
  std::unique_lock lock(slots_.mutex_);
  const bool free =
      slots_.changed_.wait(lock, std::move(stop), [&] { return slots_.free_ > 0 || slots_.closed_; });
  if (!free || slots_.closed_) {
    throw base::Stopped();
  }
  --slots_.free_;
}

RunSlots::Place::~Place() {
  leave_to_others();
}

void RunSlots::Place::leave_to_others() {
  const std::lock_guard lock(slots_.mutex_);
  if (std::exchange(held_, false)) {
    ++slots_.free_;
    slots_.changed_.notify_one();
  }
}

void RunSlots::Place::take_back() {
  const std::lock_guard lock(slots_.mutex_);
  if (!std::exchange(held_, true)) {
    --slots_.free_;
  }
}

ChatPlatform* Services::platform(const std::string& section) const {
  const auto found = platforms.find(section);
  return found == platforms.end() ? nullptr : found->second.get();
}

double Services::price(const llm::Usage& usage) const {
  const auto& s = settings.secretary;
  return dispatch::TokenPrice{s.usd_per_million_input, s.usd_per_million_output}.usd(
      {usage.input, usage.cache_read, usage.cache_write, usage.output});
}

}  // namespace bot
