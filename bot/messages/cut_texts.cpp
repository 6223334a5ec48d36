#include "bot/messages/cut_texts.h"

#include <algorithm>

#include "store/cut_messages.h"

namespace bot::messages {

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
