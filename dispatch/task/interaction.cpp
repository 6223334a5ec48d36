#include "dispatch/task/interaction.h"

namespace dispatch {

void Mailbox::push(Mail mail) {
  const std::lock_guard lock(mutex_);
  mail_.push_back(std::move(mail));
  if (wake_) {
    wake_();
  }
}

std::optional<Mailbox::Mail> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  if (mail_.empty()) {
    return std::nullopt;
  }
  auto mail = std::move(mail_.front());
  mail_.pop_front();
  return mail;
}

void Mailbox::set_wake(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace dispatch
