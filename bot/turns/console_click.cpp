#include "bot/turns/console_click.h"

#include "bot/messages/waiting.h"
#include "bot/turns/turn.h"
#include "store/job_queue.h"

namespace bot::turns {

bool click_in_console(runtime::Services& services, store::Database& db,
                      const store::Conversations::FoundButton& button, const store::Person& presser) {
  store::Conversations conversations(db);
  const auto shown = conversations.message(button.message);
  chat::IncomingMessage click;
  click.button = button.button.id;
  const auto* const kind =
      messages::is_quick_turn(conversations, click) ? runtime::kQuickTurnJob : runtime::kTurnJob;
  store::JobQueue queue(db);
  if (const auto last = conversations.last_click(button.button.id);
      last && queue.is_open(kind, last->value)) {
    return false;
  }
  const auto now = services.clock.now();
  const auto message =
      conversations.add_incoming(shown.conversation, presser.id, {}, {}, button.button.id, now);
  queue.enqueue(kind, shown.conversation.value, message.value, now, {.owner = presser.id.value});
  return true;
}

void Turn::act_for_owner(const store::Conversations::FoundButton& found) {
  using Kind = store::ButtonKind;
  const auto& button = found.button;
  if (person_.section != store::kConsoleSection) {
    return;
  }
  std::optional<store::PersonId> owner;
  if (button.kind == Kind::yes || button.kind == Kind::no || button.kind == Kind::give) {
    owner = log_.decision({button.ref}).person;
  } else if (button.kind == Kind::resume || button.kind == Kind::just_answer ||
             (button.kind == Kind::retry && conversations_.message(found.message).dispatch)) {
    owner = log_.dispatch({button.ref}).person;
  }
  if (owner) {
    in_console_ = person_.name;
    person_ = store::People(db_).get(*owner);
  }
}

std::string Turn::presser() const {
  return in_console_.empty() ? "the sender" : in_console_ + " in the console";
}

}  // namespace bot::turns
