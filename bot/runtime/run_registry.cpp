#include "bot/runtime/run_registry.h"

#include <utility>

namespace bot::runtime {

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

void RunRegistry::note_unbooked(store::DispatchId id, store::PersonId person, double usd) {
  const std::lock_guard lock(mutex_);
  if (const auto it = running_.find(id); it != running_.end()) {
    it->second.person = person;
    it->second.usd = usd;
  }
}

void RunRegistry::note_step(store::DispatchId id, const std::string& step) {
  const std::lock_guard lock(mutex_);
  if (const auto it = running_.find(id); it != running_.end()) {
    it->second.step = step;
  }
}

std::optional<RunRegistry::Now> RunRegistry::now(store::DispatchId id) const {
  const std::lock_guard lock(mutex_);
  const auto it = running_.find(id);
  return it == running_.end() ? std::nullopt : std::optional(Now{it->second.step, it->second.usd});
}

double RunRegistry::unbooked(std::optional<store::PersonId> person) const {
  const std::lock_guard lock(mutex_);
  double usd = 0;
  for (const auto& [id, run] : running_) {
    usd += !person || run.person == *person ? run.usd : 0;
  }
  return usd;
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

}  // namespace bot::runtime
