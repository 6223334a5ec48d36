#include "dispatch/interaction.h"

namespace dispatch {

void Mailbox::push(Reply reply) {
  const std::lock_guard lock(mutex_);
  replies_.push_back(std::move(reply));
  if (wake_) {
    wake_();
  }
}

std::optional<Reply> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  if (replies_.empty()) {
    return std::nullopt;
  }
  auto reply = std::move(replies_.front());
  replies_.pop_front();
  return reply;
}

void Mailbox::set_wake(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace dispatch
