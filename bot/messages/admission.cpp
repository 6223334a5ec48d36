#include "bot/messages/admission.h"

#include <chrono>
#include <stdexcept>

#include "bot/access/permissions.h"
#include "bot/texts/access.h"
#include "store/outbox.h"

namespace bot::messages {
namespace {

constexpr std::chrono::hours kTellAgain{24};
constexpr std::chrono::hours kTellAgainInGroup{1};
constexpr std::chrono::minutes kPairingCodeLife{60};

}  // namespace

Admission admit(runtime::Services& services, store::Database& db, const store::Conversation& conversation,
                const store::Person& person, const chat::IncomingMessage& incoming, base::Timestamp now) {
  const auto policy = services.policy();
  const auto it = policy->access.find(conversation.section);
  if (it == policy->access.end()) {
    throw std::runtime_error("there are no rules of access for the chat section " + conversation.section);
  }
  const auto& rules = it->second;
  // Who was admitted to direct messages was not admitted to a group with them, nor the other way round.
  const auto place = store::place_of(conversation);
  store::People people(db);
  const auto standing = people.standing(person.id);
  if (access::may_write(db, rules, person, place, standing)) {
    return Admission::granted;
  }
  // What people say to each other in a group is none of the bot's business, also where it reads along.
  using Addressed = chat::IncomingMessage::Addressed;
  if (conversation.in_group &&
      (incoming.addressed == Addressed::in_own_conversation || incoming.addressed == Addressed::in_album ||
       incoming.addressed == Addressed::as_rest)) {
    return Admission::refused;
  }
  const bool pairing = rules.mode == runtime::Access::Mode::pairing && !standing.blocked;
  const std::chrono::milliseconds patience = pairing                 ? kPairingCodeLife
                                             : conversation.in_group ? kTellAgainInGroup
                                                                     : kTellAgain;
  if (!people.note_refusal(person.id, place, now, now - patience)) {
    return Admission::refused;
  }
  const auto text =
      pairing ? texts::pairing_code(people.new_pairing_code(person.id, place, now + kPairingCodeLife),
                                    !rules.admins.empty())
              : texts::not_on_list(person.user_id);
  store::Outbox(db).post(conversation, {text, {}, incoming.own_id()}, now);
  return Admission::refused_and_told;
}

}  // namespace bot::messages
