#include "store/conversations.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/error.h"
#include "store/chat_address.h"
#include "store/people.h"
#include "store/statement.h"

namespace store {
namespace {

std::string select_message(const char* rest) {
  return std::string(
             "SELECT id, conversation_id, author, person_id, external_id, text, button, dispatch_id, "
             "created_at, edited_at FROM messages ") +
         rest;
}

Message read_message(Statement& row) {
  Message m;
  row.read(m.id, m.conversation, m.author, m.person, m.external_id, m.text, m.button, m.dispatch, m.created,
           m.edited);
  return m;
}

std::string select_conversation(const char* rest) {
  return std::string("SELECT id, section, chat_id, context_from, in_group, room FROM conversations ") + rest;
}

Conversation read_conversation(Statement& row) {
  Conversation c;
  row.read(c.id, c.section, c.chat_id, c.context_from, c.in_group, c.room);
  return c;
}

Button read_button(Statement& row) {
  Button b;
  row.read(b.kind, b.ref, b.label, b.id);
  return b;
}

}  // namespace

std::string place_of(const Conversation& conversation) {
  return conversation.in_group ? ChatAddress::parse(conversation.chat_id).chat : kDirect;
}

bool Conversations::first_time(const std::string& section, const std::string& external_id,
                               base::Timestamp now) {
  return Statement(db_,
                   "INSERT INTO inbound_ids(section, external_id, received_at) VALUES (?, ?, ?) "
                   "ON CONFLICT DO NOTHING",
                   section, external_id, now)
             .execute() > 0;
}

void Conversations::on_stored(const std::string& section, const std::string& external_id, MessageId message) {
  Statement(db_, "UPDATE inbound_ids SET message_id = ? WHERE section = ? AND external_id = ?", message,
            section, external_id)
      .execute();
}

MessageId Conversations::stored_as(const std::string& section, const std::string& external_id) {
  return Statement(db_, "SELECT message_id FROM inbound_ids WHERE section = ? AND external_id = ?", section,
                   external_id)
      .first<MessageId>()
      .value_or(MessageId());
}

bool Conversations::knows_id(const std::string& section, const std::string& external_id) {
  return Statement(db_, "SELECT 1 FROM inbound_ids WHERE section = ? AND external_id = ?", section,
                   external_id)
      .any();
}

std::optional<Conversation> Conversations::find(const std::string& section, const std::string& chat_id) {
  return Statement(db_, select_conversation("WHERE section = ? AND chat_id = ?"), section, chat_id)
      .first(read_conversation);
}

Conversation Conversations::open(const std::string& section, const std::string& chat_id, base::Timestamp now,
                                 const std::string& room) {
  auto found = find(section, chat_id);
  const auto& wanted = room.empty() ? chat_id : room;
  if (found && found->room == wanted) {
    return *std::move(found);
  }
  Statement(db_,
            "INSERT INTO conversations(section, chat_id, created_at, room) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET room = excluded.room",
            section, chat_id, now, wanted)
      .execute();
  return find(section, chat_id).value();
}

Conversation Conversations::get(ConversationId id) {
  auto found = Statement(db_, select_conversation("WHERE id = ?"), id).first(read_conversation);
  if (!found) {
    throw base::PermanentError("there is no such conversation");
  }
  return *std::move(found);
}

ConversationId Conversations::room_of(const Conversation& conversation) {
  return Statement(db_, "SELECT min(id) FROM conversations WHERE section = ? AND room = ?",
                   conversation.section, conversation.room)
      .first<std::optional<ConversationId>>()
      .value_or(std::nullopt)
      .value_or(conversation.id);
}

std::optional<Conversation> Conversations::last_alone_with(PersonId person,
                                                           std::optional<ConversationId> except) {
  return Statement(
             db_,
             select_conversation("WHERE id = (SELECT m.conversation_id FROM messages m JOIN conversations c "
                                 "ON c.id = m.conversation_id WHERE m.person_id = ?1 AND c.in_group = 0 "
                                 "AND (?2 IS NULL OR c.id <> ?2) ORDER BY m.id DESC LIMIT 1)"),
             person, except)
      .first(read_conversation);
}

std::vector<Conversations::Use> Conversations::used_since(const std::string& section, base::Timestamp since) {
  return Statement(db_,
                   "SELECT chat_id, at FROM (SELECT c.chat_id, (SELECT created_at FROM messages WHERE "
                   "conversation_id = c.id AND author = 'user' ORDER BY id DESC LIMIT 1) AS at "
                   "FROM conversations c WHERE c.section = ?) WHERE at >= ? ORDER BY at",
                   section, since)
      .all([](Statement& row) {
        Use use;
        row.read(use.chat_id, use.last);
        return use;
      });
}

void Conversations::move_chat(const std::string& section, const std::string& from, const std::string& to) {
  Statement(db_,
            "UPDATE OR IGNORE conversations SET chat_id = ?3 || substr(chat_id, length(?2) + 1) "
            "WHERE section = ?1 AND (chat_id = ?2 OR substr(chat_id, 1, length(?2) + 1) = ?2 || '/')",
            section, from, to)
      .execute();
  Statement(db_, "UPDATE conversations SET room = ?3 WHERE section = ?1 AND room = ?2", section, from, to)
      .execute();
}

void Conversations::mark_as_group(ConversationId id) {
  Statement(db_, "UPDATE conversations SET in_group = 1 WHERE id = ?", id).execute();
}

MessageId Conversations::add_incoming(ConversationId conversation, PersonId person,
                                      const std::string& external_id, const std::string& text,
                                      const std::optional<std::string>& button, base::Timestamp now) {
  Statement(db_,
            "INSERT INTO messages(conversation_id, author, person_id, external_id, text, button, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            conversation, Author::user, person, external_id, text, button, now)
      .execute();
  return {db_.last_row_id()};
}

Message Conversations::message(MessageId id) {
  auto found = Statement(db_, select_message("WHERE id = ?"), id).first(read_message);
  if (!found) {
    throw base::PermanentError("there is no such message");
  }
  found->buttons = buttons(id);
  return *std::move(found);
}

std::optional<Message> Conversations::find_incoming(ConversationId conversation,
                                                    const std::string& external_id) {
  return Statement(db_,
                   select_message("WHERE conversation_id = ? AND external_id = ? AND author = 'user' AND "
                                  "button IS NULL ORDER BY id DESC LIMIT 1"),
                   conversation, external_id)
      .first(read_message);
}

void Conversations::replace_text(MessageId message, const std::string& text, base::Timestamp now) {
  Statement(db_, "UPDATE messages SET text = ?, edited_at = ? WHERE id = ? AND emptied_at IS NULL", text, now,
            message)
      .execute();
}

void Conversations::keep_ticket(MessageId message, const std::string& ticket, base::Timestamp expires) {
  Statement(db_, "INSERT INTO reply_tickets(message_id, ticket, expires_at) VALUES (?, ?, ?)", message,
            ticket, expires)
      .execute();
}

void Conversations::hold_edit(const HeldEdit& edit, base::Timestamp now, base::Timestamp forget_before) {
  Statement(db_, "DELETE FROM held_edits WHERE held_at < ?", forget_before).execute();
  Statement(db_,
            "INSERT OR REPLACE INTO held_edits(section, chat_id, external_id, user_id, text, held_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            edit.section, edit.chat_id, edit.external_id, edit.user_id, edit.text, now)
      .execute();
}

std::optional<std::string> Conversations::take_held_edit(const std::string& section,
                                                         const std::string& chat_id,
                                                         const std::string& external_id,
                                                         const std::string& user_id) {
  const auto is_there = Statement(db_,
                                  "SELECT 1 FROM held_edits WHERE section = ? AND chat_id = ? AND "
                                  "external_id = ? AND user_id = ?",
                                  section, chat_id, external_id, user_id)
                            .any();
  if (!is_there) {
    return std::nullopt;  // which costs less than a statement that would delete and return it
  }
  return Statement(db_,
                   "DELETE FROM held_edits WHERE section = ? AND chat_id = ? AND external_id = ? AND "
                   "user_id = ? RETURNING text",
                   section, chat_id, external_id, user_id)
      .first<std::string>();
}

void Conversations::drop_tickets(base::Timestamp expired_before) {
  Statement(db_, "DELETE FROM reply_tickets WHERE expires_at < ?", expired_before).execute();
}

std::vector<Message> Conversations::history(ConversationId conversation, std::optional<MessageId> before,
                                            int limit) {
  auto messages = Statement(db_,
                            select_message("WHERE conversation_id = ?1 AND (?2 IS NULL OR id < ?2) AND "
                                           "button IS NULL AND emptied_at IS NULL ORDER BY id DESC LIMIT ?3"),
                            conversation, before, limit)
                      .all(read_message);
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
  // Two statements: ordered as one, all of a long conversation would be sorted.
  auto messages = Statement(db_,
                            select_message("WHERE id = ?3 AND conversation_id = ?1 AND id >= ?2 AND "
                                           "button IS NULL AND emptied_at IS NULL"),
                            conversation.id, conversation.context_from, until)
                      .all(read_message);
  auto before = Statement(db_,
                          select_message("WHERE conversation_id = ?1 AND id >= ?2 AND (id < ?3 OR (author = "
                                         "'assistant' AND id > ?3 AND id <= ?4)) AND button IS NULL AND "
                                         "emptied_at IS NULL ORDER BY id DESC LIMIT ?5"),
                          conversation.id, conversation.context_from, until, answers_until,
                          limit - static_cast<int>(messages.size()))
                    .all(read_message);
  std::move(before.begin(), before.end(), std::back_inserter(messages));
  std::reverse(messages.begin(), messages.end());
  return messages;
}

bool Conversations::wrote_between(ConversationId conversation, PersonId person, MessageId after,
                                  MessageId before) {
  return Statement(db_,
                   "SELECT 1 FROM messages WHERE conversation_id = ? AND person_id = ? AND id > ? AND id < ? "
                   "AND button IS NULL LIMIT 1",
                   conversation, person, after, before)
      .any();
}

std::optional<Message> Conversations::last_of(ConversationId conversation, PersonId person,
                                              MessageId before) {
  return Statement(db_,
                   select_message("WHERE conversation_id = ? AND person_id = ? AND id < ? AND author = "
                                  "'user' ORDER BY id DESC LIMIT 1"),
                   conversation, person, before)
      .first(read_message);
}

void Conversations::start_context_at(ConversationId conversation, MessageId from) {
  Statement(db_, "UPDATE conversations SET context_from = ? WHERE id = ?", from, conversation).execute();
}

std::optional<Conversations::FoundButton> Conversations::find_button(const std::string& id) {
  return Statement(db_, "SELECT kind, ref, label, id, message_id, shown FROM buttons WHERE id = ?", id)
      .first([](Statement& row) {
        FoundButton found{read_button(row), {}};
        row.read(found.message, found.shown);
        return found;
      });
}

std::vector<Button> Conversations::buttons(MessageId message) {
  return Statement(
             db_,
             "SELECT kind, ref, label, id FROM buttons WHERE message_id = ? AND shown = 1 ORDER BY position",
             message)
      .all(read_button);
}

std::optional<MessageId> Conversations::last_click(const std::string& button) {
  return Statement(
             db_,
             "SELECT id FROM messages WHERE conversation_id = (SELECT m.conversation_id FROM buttons b JOIN "
             "messages m ON m.id = b.message_id WHERE b.id = ?1) AND id > (SELECT message_id FROM buttons "
             "WHERE id = ?1) AND button = ?1 ORDER BY id DESC LIMIT 1",
             button)
      .first<MessageId>();
}

void Conversations::keep_reply(MessageId message, std::optional<MessageId> to) {
  Statement(db_, "INSERT INTO replies(message_id, to_id) VALUES (?, ?)", message, to).execute();
}

std::optional<Conversations::Reply> Conversations::reply_of(MessageId message) {
  return Statement(db_, "SELECT to_id FROM replies WHERE message_id = ?", message).first([](Statement& row) {
    return Reply{row.value<std::optional<MessageId>>()};
  });
}

bool Conversations::had_button(MessageId message, ButtonKind kind) {
  return Statement(db_, "SELECT 1 FROM buttons WHERE message_id = ? AND kind = ? LIMIT 1", message, kind)
      .any();
}

std::optional<MessageId> Conversations::message_with_button(ButtonKind kind, std::int64_t ref) {
  return Statement(db_, "SELECT message_id FROM buttons WHERE kind = ? AND ref = ? AND shown = 1 LIMIT 1",
                   kind, ref)
      .first<MessageId>();
}

}  // namespace store
