#include "bot/messages/cut_texts.h"

#include <algorithm>
#include <limits>

#include "bot/chat/commands.h"
#include "bot/runtime/services.h"
#include "store/cut_messages.h"
#include "store/job_queue.h"

namespace bot::messages {

std::optional<store::MessageId> cut_message(store::Database& db, const chat::IncomingMessage& incoming,
                                            const store::Conversation& conversation,
                                            const store::Person& person, base::Timestamp now) {
  const bool may_be_rest = !incoming.button && incoming.quotations.empty() && !incoming.text.empty() &&
                           !chat::parse_command(incoming.text);
  constexpr store::MessageId kNewest{std::numeric_limits<std::int64_t>::max()};
  const auto last =
      may_be_rest ? store::Conversations(db).last_of(conversation.id, person.id, kNewest) : std::nullopt;
  return last && store::JobQueue(db).is_put_off(runtime::kTurnJob, last->id.value, now)
             ? std::optional(last->id)
             : std::nullopt;
}

void add_part(store::Database& db, const store::Message& message, const std::string& own_id,
              const std::string& text, base::Timestamp now) {
  store::CutMessages cut(db);
  if (cut.parts(message.id).empty()) {
    cut.add(message.id, message.external_id, message.text.size());
  }
  cut.add(message.id, own_id, text.size());
  store::Conversations(db).replace_text(message.id, message.text + text, now);
}

std::optional<store::Message> edited_message(store::Database& db, store::ConversationId conversation,
                                             const std::string& own_id) {
  store::Conversations conversations(db);
  if (auto message = conversations.find_incoming(conversation, own_id)) {
    return message;
  }
  const auto whole = store::CutMessages(db).of_part(conversation, own_id);
  return whole ? std::optional(conversations.message(*whole)) : std::nullopt;
}

std::string edited_text(store::Database& db, const store::Message& message, const std::string& own_id,
                        const std::string& part) {
  store::CutMessages cut(db);
  const auto parts = cut.parts(message.id);
  if (parts.empty()) {
    return part;
  }
  std::string text;
  std::size_t at = 0;
  for (const auto& each : parts) {
    const auto old = message.text.substr(std::min(at, message.text.size()), each.bytes);
    at += each.bytes;
    auto now = each.own_id == own_id ? part : old;
    if (old.ends_with('\n') && !now.ends_with('\n')) {
      now += '\n';  // it stands for the end of the part
    }
    cut.resize(message.id, each.own_id, now.size());
    text += now;
  }
  return text;
}

}  // namespace bot::messages
