#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/guarded.h"
#include "bot/chat/platform.h"

namespace bot::shared {

/// The tickets of what came lately: what the service wants to be answered with, for some minutes. The store
/// keeps those of messages that were taken; who was refused has to be answered, too. Holds at most 1,000; one
/// that comes while all of them are still good is not kept. Thread rule: any thread.
class TicketMemory {
 public:
  void keep(const chat::IncomingMessage& incoming, base::Timestamp now);

  /// Of the message with that id; it may have expired.
  std::optional<store::OutgoingCall::Ticket> find(const std::string& message) const;

 private:
  using Tickets = std::map<std::string, store::OutgoingCall::Ticket>;

  mutable base::Guarded<Tickets> tickets_{Tickets()};
};

}  // namespace bot::shared
