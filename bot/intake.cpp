#include "bot/intake.h"

#include <stdexcept>

#include <fmt/core.h>

#include "bot/commands.h"
#include "store/conversations.h"
#include "store/job_queue.h"
#include "store/people.h"

namespace bot {
namespace {

constexpr std::chrono::hours kTellAgain{24};
constexpr std::chrono::minutes kPairingCodeLife{60};

}  // namespace

bool Intake::admit(store::Database& db, const store::Conversation& conversation, const store::Person& person,
                   const Incoming& incoming) {
  const auto policy = services_.policy();
  const auto it = policy->access.find(conversation.section);
  if (it == policy->access.end()) {
    throw std::runtime_error("there are no rules of access for the chat section " + conversation.section);
  }
  const auto& access = it->second;
  if (access.mode == Access::Mode::open || access.allow.contains(person.user_id) ||
      (access.mode == Access::Mode::pairing && person.admitted)) {
    return true;
  }
  const auto now = services_.clock.now();
  store::People people(db);
  if (people.note_refusal(person.id, now,
                          now - (access.mode == Access::Mode::pairing ? kPairingCodeLife : kTellAgain))) {
    const auto text =
        access.mode == Access::Mode::pairing
            ? fmt::format(
                  "I do not know you yet. Ask the operator to run `frontdesk pair {}`; the code is good for "
                  "one hour.",
                  people.new_pairing_code(person.id, now + kPairingCodeLife))
            : fmt::format(
                  "You are not on the list of people who may write to me here. The operator can add `{}`.",
                  person.user_id);
    store::Outbox(db).post(conversation, {text, {}, incoming.external_id}, now);
  }
  return false;
}

Intake::Taken Intake::take(const std::string& section, const Incoming& incoming) {
  const auto taken = db_.with([&](store::Database& db) -> Taken {
    const auto now = services_.clock.now();
    store::Transaction transaction(db);
    store::Conversations conversations(db);
    if (!conversations.first_time(section, incoming.external_id, now)) {
      return {.repeated = true, .message = conversations.stored_as(section, incoming.external_id)};
    }
    const auto person = store::People(db).remember(section, incoming.user_id, incoming.user_name, now);
    const auto conversation = conversations.open(section, incoming.chat_id, now);
    Taken result;
    if (admit(db, conversation, person, incoming)) {
      result.message = conversations.add_incoming(conversation.id, person.id, incoming.external_id,
                                                  incoming.text, incoming.button, now);
      conversations.note_stored(section, incoming.external_id, result.message);
      const auto command = parse_command(incoming.text);
      bool quick = command && is_quick(*command);
      if (incoming.button) {
        // After a "no" the secretary answers itself, which takes a model.
        const auto button = conversations.find_button(*incoming.button);
        quick = !button || button->button.kind != store::ButtonKind::no;
      }
      store::JobQueue(db).enqueue(quick ? kQuickTurnJob : kTurnJob, conversation.id.value,
                                  result.message.value, now);
    } else {
      result.refused = true;
    }
    transaction.commit();
    return result;
  });
  if (!taken.repeated) {
    services_.metrics.message_received(section);
    services_.doorbell.ring();
  }
  return taken;
}

}  // namespace bot
