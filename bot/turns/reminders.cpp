#include "bot/reminders/listed.h"
#include "bot/turns/turn.h"

namespace bot::turns {

std::optional<store::Reminders::Origin> Turn::schedule_of(const store::Message& message) {
  // Only what the program wrote itself has no id of a service.
  return message.external_id.empty() ? store::Reminders(db_).origin_of(message.id) : std::nullopt;
}

void Turn::on_reminders(const std::string& argument) {
  auto post = reminders::Listed(services_, db_, permissions_, conversation_, person_).list(argument);
  post.text = with_commands_spelled(post.text);
  post.reply_to = message_.external_id;
  settle([&] { outbox_.post(conversation_, post, services_.clock.now()); });
}

void Turn::on_reminder_button(const store::Conversations::FoundButton& found) {
  settle([&] {
    const auto answer = reminders::Listed(services_, db_, permissions_, conversation_, person_)
                            .press(found.button, found.message);
    outbox_.post(conversation_, {with_commands_spelled(answer), {}, message_.external_id},
                 services_.clock.now());
  });
}

}  // namespace bot::turns
