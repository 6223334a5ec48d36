#include "bot/runtime/services.h"

#include <utility>

#include "base/error.h"
#include "dispatch/task/transcript.h"

namespace bot::runtime {
namespace {

constexpr std::chrono::seconds kLookAtMemory{1};
/// After that what a CLI takes has come off what is available.
constexpr std::chrono::seconds kUntilMemoryIsSeen{5};

}  // namespace

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

void RunRegistry::note_spent(store::DispatchId id, store::PersonId person, double usd) {
  const std::lock_guard lock(mutex_);
  if (const auto it = running_.find(id); it != running_.end()) {
    it->second.person = person;
    it->second.usd = usd;
  }
}

double RunRegistry::spent(std::optional<store::PersonId> person) const {
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

void RunSlots::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool RunSlots::has_memory_for_another() {
  const auto lately = std::chrono::steady_clock::now() - kUntilMemoryIsSeen;
  while (!begun_.empty() && begun_.front() < lately) {
    begun_.pop_front();
  }
  const auto available = available_memory_ && alive_ > 0 ? available_memory_() : std::nullopt;
  return !available || *available >= memory_of_run * (begun_.size() + 1);
}

bool RunSlots::is_short_of_memory() {
  const std::lock_guard lock(mutex_);
  return !has_memory_for_another();
}

RunSlots::Place::Place(RunSlots& slots, std::stop_token stop) : slots_(slots) {
  std::unique_lock lock(slots_.mutex_);
  bool free = false;
  while (!free && !slots_.closed_ && !stop.stop_requested()) {
    // Nobody tells when memory comes free.
    free = slots_.changed_.wait_for(lock, stop, kLookAtMemory, [&] {
      return (slots_.free_ > 0 && slots_.has_memory_for_another()) || slots_.closed_;
    });
  }
  if (!free || slots_.closed_) {
    throw base::Stopped();
  }
  --slots_.free_;
  ++slots_.alive_;
  slots_.begun_.push_back(std::chrono::steady_clock::now());
}

RunSlots::Place::~Place() {
  leave_to_others();
  const std::lock_guard lock(slots_.mutex_);
  --slots_.alive_;
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

chat::Platform* Services::platform(const std::string& section) const {
  const auto found = platforms.find(section);
  return found == platforms.end() ? nullptr : found->second.get();
}

double Services::price(const llm::Usage& usage) const {
  const auto& s = settings.secretary;
  return dispatch::TokenPrice{s.usd_per_million_input, s.usd_per_million_output}.usd(
      {usage.input, usage.cache_read, usage.cache_write, usage.output});
}

}  // namespace bot::runtime
