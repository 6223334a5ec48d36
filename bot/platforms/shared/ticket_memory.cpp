#include "bot/platforms/shared/ticket_memory.h"

namespace bot::shared {
namespace {

constexpr std::size_t kMostTickets = 1'000;

}  // namespace

void TicketMemory::keep(const chat::IncomingMessage& incoming, base::Timestamp now) {
  tickets_.with([&](Tickets& tickets) {
    if (tickets.size() >= kMostTickets) {
      std::erase_if(tickets, [&](const auto& entry) { return entry.second.expires <= now; });
    }
    if (tickets.size() < kMostTickets) {
      tickets[incoming.own_id()] = {incoming.ticket, now + incoming.ticket_life};
    }
  });
}

std::optional<store::OutgoingCall::Ticket> TicketMemory::find(const std::string& message) const {
  return tickets_.with([&](const Tickets& tickets) {
    const auto it = tickets.find(message);
    return it == tickets.end() ? std::nullopt : std::optional(it->second);
  });
}

}  // namespace bot::shared
