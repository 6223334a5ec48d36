#include "bot/reminders/undelivered.h"

#include <vector>

#include "base/log.h"
#include "bot/access/admins_chats.h"
#include "bot/access/person_name.h"
#include "bot/markup/literal_markdown.h"
#include "bot/reminders/asked_time.h"
#include "bot/texts/reminders.h"
#include "store/conversations.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/reminders.h"

namespace bot::reminders {

void tell_undelivered(const runtime::Services& services, store::Database& db, store::MessageId message) {
  store::Reminders reminders(db);
  const auto origin = reminders.origin_of(message);
  const auto reminder = origin ? reminders.find(origin->reminder) : std::nullopt;
  store::Conversations conversations(db);
  // What tells of that elsewhere has no more places to be told in.
  if (!reminder || conversations.message(message).conversation != reminder->conversation) {
    return;
  }
  const auto now = services.clock.now();
  if (reminder->due) {
    reminders.move(reminder->id, std::nullopt, now);
  }
  const auto gone = conversations.get(reminder->conversation);
  const auto owner = store::People(db).get(reminder->person);
  std::vector<store::Conversation> chats;
  if (auto direct = conversations.last_alone_with(owner.id, gone.id)) {
    chats.push_back(*std::move(direct));
  }
  const bool to_owner = !chats.empty();
  if (!to_owner) {
    chats = access::admins_chats(services, db, gone.id);
  }
  const auto said =
      texts::reminder_undelivered(markup::literal_with_addresses(reminder->text),
                                  in_words(conversations.message(message).created, reminder->zone),
                                  markup::inline_code(gone.section + ":" + gone.chat_id),
                                  to_owner ? std::string() : access::name_in_markdown(owner));
  for (const auto& chat : chats) {
    reminders.note_message(store::Outbox(db).post(chat, {said}, now), *reminder);
  }
  base::log_warning("reminder {} could not be posted in its chat; {} chats were told", reminder->id.value,
                    chats.size());
}

}  // namespace bot::reminders
