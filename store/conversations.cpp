#include "store/conversations.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/error.h"
#include "base/utf8.h"
#include "store/chat_address.h"
#include "store/people.h"

namespace store {
namespace {

constexpr std::pair<ButtonKind, const char*> kButtonKinds[] = {{ButtonKind::yes, "yes"},
                                                               {ButtonKind::no, "no"},
                                                               {ButtonKind::give, "give"},
                                                               {ButtonKind::resume, "continue"},
                                                               {ButtonKind::cancel, "cancel"},
                                                               {ButtonKind::allow, "allow"},
                                                               {ButtonKind::allow_for_task, "allow_for_task"},
                                                               {ButtonKind::deny, "deny"},
                                                               {ButtonKind::change, "change"},
                                                               {ButtonKind::option, "option"},
                                                               {ButtonKind::file, "file"}};

ButtonKind button_kind(const std::string& name) {
  for (const auto& [kind, text] : kButtonKinds) {
    if (name == text) {
      return kind;
    }
  }
  throw base::PermanentError("unknown kind of button: " + name);
}

constexpr const char* kMessageColumns =
    "SELECT id, conversation_id, author, person_id, external_id, text, button, dispatch_id, created_at, "
    "edited_at "
    "FROM messages ";

Message read_message(SQLite::Statement& row) {
  Message m;
  m.id = {row.getColumn(0).getInt64()};
  m.conversation = {row.getColumn(1).getInt64()};
  m.author = row.getColumn(2).getString() == "user" ? Author::user : Author::assistant;
  if (!row.getColumn(3).isNull()) {
    m.person = PersonId{row.getColumn(3).getInt64()};
  }
  m.external_id = row.getColumn(4).getString();
  m.text = row.getColumn(5).getString();
  if (!row.getColumn(6).isNull()) {
    m.button = row.getColumn(6).getString();
  }
  if (!row.getColumn(7).isNull()) {
    m.dispatch = DispatchId{row.getColumn(7).getInt64()};
  }
  m.created = base::from_unix_ms(row.getColumn(8).getInt64());
  if (!row.getColumn(9).isNull()) {
    m.edited = base::from_unix_ms(row.getColumn(9).getInt64());
  }
  return m;
}

constexpr const char* kConversation =
    "SELECT id, section, chat_id, context_from, in_group, room FROM conversations ";

Conversation read_conversation(SQLite::Statement& row) {
  return {ConversationId{row.getColumn(0).getInt64()},
          row.getColumn(1).getString(),
          row.getColumn(2).getString(),
          MessageId{row.getColumn(3).getInt64()},
          row.getColumn(4).getInt() != 0,
          row.getColumn(5).getString()};
}

}  // namespace

std::string place_of(const Conversation& conversation) {
  return conversation.in_group ? ChatAddress::parse(conversation.chat_id).chat : kDirect;
}

std::string to_string(ButtonKind kind) {
  const auto it = std::find_if(std::begin(kButtonKinds), std::end(kButtonKinds),
                               [&](const auto& k) { return k.first == kind; });
  return it->second;
}

bool Conversations::first_time(const std::string& section, const std::string& external_id,
                               base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "INSERT INTO inbound_ids(section, external_id, received_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  s.bind(1, section);
  s.bind(2, external_id);
  s.bind(3, base::to_unix_ms(now));
  return s.exec() > 0;
}

void Conversations::on_stored(const std::string& section, const std::string& external_id, MessageId message) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE inbound_ids SET message_id = ? WHERE section = ? AND external_id = ?");
  s.bind(1, message.value);
  s.bind(2, section);
  s.bind(3, external_id);
  s.exec();
}

MessageId Conversations::stored_as(const std::string& section, const std::string& external_id) {
  SQLite::Statement s(
      db_.handle(), "SELECT coalesce(message_id, 0) FROM inbound_ids WHERE section = ? AND external_id = ?");
  s.bind(1, section);
  s.bind(2, external_id);
  return {s.executeStep() ? s.getColumn(0).getInt64() : 0};
}

bool Conversations::knows_id(const std::string& section, const std::string& external_id) {
  SQLite::Statement s(db_.handle(), "SELECT 1 FROM inbound_ids WHERE section = ? AND external_id = ?");
  s.bind(1, section);
  s.bind(2, external_id);
  return s.executeStep();
}

std::optional<Conversation> Conversations::find(const std::string& section, const std::string& chat_id) {
  SQLite::Statement s(db_.handle(), std::string(kConversation) + "WHERE section = ? AND chat_id = ?");
  s.bind(1, section);
  s.bind(2, chat_id);
  return s.executeStep() ? std::optional(read_conversation(s)) : std::nullopt;
}

Conversation Conversations::open(const std::string& section, const std::string& chat_id, base::Timestamp now,
                                 const std::string& room) {
  auto found = find(section, chat_id);
  const auto& wanted = room.empty() ? chat_id : room;
  if (found && found->room == wanted) {
    return *std::move(found);
  }
  SQLite::Statement s(db_.handle(),
                      "INSERT INTO conversations(section, chat_id, created_at, room) VALUES (?, ?, ?, ?) "
                      "ON CONFLICT DO UPDATE SET room = excluded.room");
  s.bind(1, section);
  s.bind(2, chat_id);
  s.bind(3, base::to_unix_ms(now));
  s.bind(4, wanted);
  s.exec();
  return *find(section, chat_id);
}

Conversation Conversations::get(ConversationId id) {
  SQLite::Statement s(db_.handle(), std::string(kConversation) + "WHERE id = ?");
  s.bind(1, id.value);
  if (!s.executeStep()) {
    throw base::PermanentError("there is no such conversation");
  }
  return read_conversation(s);
}

std::vector<Conversations::Use> Conversations::used_since(const std::string& section, base::Timestamp since) {
  SQLite::Statement s(
      db_.handle(),
      "SELECT chat_id, at FROM (SELECT c.chat_id, (SELECT created_at FROM messages WHERE conversation_id = "
      "c.id AND author = 'user' ORDER BY id DESC LIMIT 1) AS at FROM conversations c WHERE c.section = ?) "
      "WHERE at >= ? ORDER BY at");
  s.bind(1, section);
  s.bind(2, base::to_unix_ms(since));
  std::vector<Use> used;
  while (s.executeStep()) {
    used.push_back({s.getColumn(0).getString(), base::from_unix_ms(s.getColumn(1).getInt64())});
  }
  return used;
}

void Conversations::move_chat(const std::string& section, const std::string& from, const std::string& to) {
  SQLite::Statement s(
      db_.handle(),
      "UPDATE OR IGNORE conversations SET chat_id = ?3 || substr(chat_id, length(?2) + 1) "
      "WHERE section = ?1 AND (chat_id = ?2 OR substr(chat_id, 1, length(?2) + 1) = ?2 || '/')");
  s.bind(1, section);
  s.bind(2, from);
  s.bind(3, to);
  s.exec();
  SQLite::Statement room(db_.handle(), "UPDATE conversations SET room = ?3 WHERE section = ?1 AND room = ?2");
  room.bind(1, section);
  room.bind(2, from);
  room.bind(3, to);
  room.exec();
}

void Conversations::mark_as_group(ConversationId id) {
  SQLite::Statement s(db_.handle(), "UPDATE conversations SET in_group = 1 WHERE id = ?");
  s.bind(1, id.value);
  s.exec();
}

std::vector<ChatSummary> Conversations::chats(const std::string& section, int limit) {
  SQLite::Statement s(
      db_.handle(),
      "SELECT c.chat_id,"
      " coalesce((SELECT substr(text, 1, 300) FROM messages WHERE conversation_id = c.id AND author = 'user'"
      "           AND button IS NULL ORDER BY id LIMIT 1), ''),"
      " coalesce((SELECT created_at FROM messages WHERE conversation_id = c.id ORDER BY id DESC LIMIT 1), "
      "c.created_at) AS at"
      " FROM conversations c WHERE c.section = ?1 ORDER BY at DESC LIMIT ?2");
  s.bind(1, section);
  s.bind(2, limit);
  std::vector<ChatSummary> chats;
  while (s.executeStep()) {
    chats.push_back({s.getColumn(0).getString(), base::ellipsize(s.getColumn(1).getString(), 80),
                     base::from_unix_ms(s.getColumn(2).getInt64())});
  }
  return chats;
}

MessageId Conversations::add_incoming(ConversationId conversation, PersonId person,
                                      const std::string& external_id, const std::string& text,
                                      const std::optional<std::string>& button, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "INSERT INTO messages(conversation_id, author, person_id, external_id, text, button, created_at) "
      "VALUES (?, 'user', ?, ?, ?, ?, ?)");
  s.bind(1, conversation.value);
  s.bind(2, person.value);
  s.bind(3, external_id);
  s.bind(4, text);
  if (button) {
    s.bind(5, *button);
  }
  s.bind(6, base::to_unix_ms(now));
  s.exec();
  return {db_.handle().getLastInsertRowid()};
}

Message Conversations::message(MessageId id) {
  SQLite::Statement s(db_.handle(), std::string(kMessageColumns) + "WHERE id = ?");
  s.bind(1, id.value);
  if (!s.executeStep()) {
    throw base::PermanentError("there is no such message");
  }
  auto message = read_message(s);
  message.buttons = buttons(id);
  return message;
}

std::optional<Message> Conversations::find_incoming(ConversationId conversation,
                                                    const std::string& external_id) {
  SQLite::Statement s(db_.handle(),
                      std::string(kMessageColumns) +
                          "WHERE conversation_id = ? AND external_id = ? AND author = 'user' AND button IS "
                          "NULL ORDER BY id DESC LIMIT 1");
  s.bind(1, conversation.value);
  s.bind(2, external_id);
  return s.executeStep() ? std::optional(read_message(s)) : std::nullopt;
}

void Conversations::replace_text(MessageId message, const std::string& text, base::Timestamp now) {
  SQLite::Statement s(db_.handle(), "UPDATE messages SET text = ?, edited_at = ? WHERE id = ?");
  s.bind(1, text);
  s.bind(2, base::to_unix_ms(now));
  s.bind(3, message.value);
  s.exec();
}

void Conversations::keep_ticket(MessageId message, const std::string& ticket, base::Timestamp expires) {
  SQLite::Statement s(db_.handle(),
                      "INSERT INTO reply_tickets(message_id, ticket, expires_at) VALUES (?, ?, ?)");
  s.bind(1, message.value);
  s.bind(2, ticket);
  s.bind(3, base::to_unix_ms(expires));
  s.exec();
}

void Conversations::hold_edit(const HeldEdit& edit, base::Timestamp now, base::Timestamp forget_before) {
  SQLite::Statement forget(db_.handle(), "DELETE FROM held_edits WHERE held_at < ?");
  forget.bind(1, base::to_unix_ms(forget_before));
  forget.exec();
  SQLite::Statement s(
      db_.handle(),
      "INSERT OR REPLACE INTO held_edits(section, chat_id, external_id, user_id, text, held_at) "
      "VALUES (?, ?, ?, ?, ?, ?)");
  s.bind(1, edit.section);
  s.bind(2, edit.chat_id);
  s.bind(3, edit.external_id);
  s.bind(4, edit.user_id);
  s.bind(5, edit.text);
  s.bind(6, base::to_unix_ms(now));
  s.exec();
}

std::optional<std::string> Conversations::take_held_edit(const std::string& section,
                                                         const std::string& chat_id,
                                                         const std::string& external_id,
                                                         const std::string& user_id) {
  SQLite::Statement s(db_.handle(),
                      "DELETE FROM held_edits WHERE section = ? AND chat_id = ? AND external_id = ? AND "
                      "user_id = ? RETURNING text");
  s.bind(1, section);
  s.bind(2, chat_id);
  s.bind(3, external_id);
  s.bind(4, user_id);
  std::optional<std::string> text;
  while (s.executeStep()) {
    text = s.getColumn(0).getString();
  }
  return text;
}

void Conversations::drop_tickets(base::Timestamp expired_before) {
  SQLite::Statement s(db_.handle(), "DELETE FROM reply_tickets WHERE expires_at < ?");
  s.bind(1, base::to_unix_ms(expired_before));
  s.exec();
}

std::vector<Message> Conversations::history(ConversationId conversation, std::optional<MessageId> before,
                                            int limit) {
  SQLite::Statement s(db_.handle(),
                      std::string(kMessageColumns) +
                          "WHERE conversation_id = ?1 AND (?2 IS NULL OR id < ?2) AND button IS NULL "
                          "ORDER BY id DESC LIMIT ?3");
  s.bind(1, conversation.value);
  if (before) {
    s.bind(2, before->value);
  }
  s.bind(3, limit);
  std::vector<Message> messages;
  while (s.executeStep()) {
    messages.push_back(read_message(s));
  }
  std::reverse(messages.begin(), messages.end());
  for (auto& m : messages) {
    m.buttons = buttons(m.id);
  }
  return messages;
}

std::vector<Message> Conversations::context(const Conversation& conversation, MessageId until, int limit) {
  return context(conversation, until, until, limit);
}

std::vector<Message> Conversations::context_of_turn(const Conversation& conversation, MessageId asked,
                                                    int limit) {
  return context(conversation, asked, {std::numeric_limits<std::int64_t>::max()}, limit);
}

std::vector<Message> Conversations::context(const Conversation& conversation, MessageId until,
                                            MessageId answers_until, int limit) {
  SQLite::Statement s(
      db_.handle(),
      std::string(kMessageColumns) +
          "WHERE conversation_id = ?1 AND id >= ?2 AND (id <= ?3 OR (author = 'assistant' AND id <= ?4)) "
          "AND button IS NULL ORDER BY id = ?3 DESC, id DESC LIMIT ?5");
  s.bind(1, conversation.id.value);
  s.bind(2, conversation.context_from.value);
  s.bind(3, until.value);
  s.bind(4, answers_until.value);
  s.bind(5, limit);
  std::vector<Message> messages;
  while (s.executeStep()) {
    messages.push_back(read_message(s));
  }
  std::reverse(messages.begin(), messages.end());
  return messages;
}

bool Conversations::wrote_between(ConversationId conversation, PersonId person, MessageId after,
                                  MessageId before) {
  SQLite::Statement s(
      db_.handle(),
      "SELECT 1 FROM messages WHERE conversation_id = ? AND person_id = ? AND id > ? AND id < ? "
      "AND button IS NULL LIMIT 1");
  s.bind(1, conversation.value);
  s.bind(2, person.value);
  s.bind(3, after.value);
  s.bind(4, before.value);
  return s.executeStep();
}

std::optional<Message> Conversations::last_of(ConversationId conversation, PersonId person,
                                              MessageId before) {
  SQLite::Statement s(db_.handle(), std::string(kMessageColumns) +
                                        "WHERE conversation_id = ? AND person_id = ? AND id < ? AND author = "
                                        "'user' ORDER BY id DESC LIMIT 1");
  s.bind(1, conversation.value);
  s.bind(2, person.value);
  s.bind(3, before.value);
  return s.executeStep() ? std::optional(read_message(s)) : std::nullopt;
}

void Conversations::start_context_at(ConversationId conversation, MessageId from) {
  SQLite::Statement s(db_.handle(), "UPDATE conversations SET context_from = ? WHERE id = ?");
  s.bind(1, from.value);
  s.bind(2, conversation.value);
  s.exec();
}

std::optional<Conversations::FoundButton> Conversations::find_button(const std::string& id) {
  SQLite::Statement s(db_.handle(),
                      "SELECT kind, ref, label, id, message_id, shown FROM buttons WHERE id = ?");
  s.bind(1, id);
  if (!s.executeStep()) {
    return std::nullopt;
  }
  return FoundButton{{button_kind(s.getColumn(0).getString()), s.getColumn(1).getInt64(),
                      s.getColumn(2).getString(), s.getColumn(3).getString()},
                     MessageId{s.getColumn(4).getInt64()},
                     s.getColumn(5).getInt() != 0};
}

std::vector<Button> Conversations::buttons(MessageId message) {
  SQLite::Statement s(
      db_.handle(),
      "SELECT kind, ref, label, id FROM buttons WHERE message_id = ? AND shown = 1 ORDER BY position");
  s.bind(1, message.value);
  std::vector<Button> buttons;
  while (s.executeStep()) {
    buttons.push_back({button_kind(s.getColumn(0).getString()), s.getColumn(1).getInt64(),
                       s.getColumn(2).getString(), s.getColumn(3).getString()});
  }
  return buttons;
}

std::optional<MessageId> Conversations::message_with_button(ButtonKind kind, std::int64_t ref) {
  SQLite::Statement s(db_.handle(),
                      "SELECT message_id FROM buttons WHERE kind = ? AND ref = ? AND shown = 1 LIMIT 1");
  s.bind(1, to_string(kind));
  s.bind(2, ref);
  return s.executeStep() ? std::optional(MessageId{s.getColumn(0).getInt64()}) : std::nullopt;
}

}  // namespace store
