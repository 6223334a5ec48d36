#include "store/outbox.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "store/job_queue.h"
#include "store/statement.h"

namespace store {
namespace {

using nlohmann::json;

// A Post as it stands in outbox.body. Kinds are stored by name so that a row outlives the enum's order.
std::string to_body(const Post& post) {
  json buttons = json::array();
  for (const auto& b : post.buttons) {
    buttons.push_back({{"id", b.id}, {"label", b.label}, {"kind", to_string(b.kind)}, {"ref", b.ref}});
  }
  json body = {{"text", post.text}, {"buttons", buttons}};
  if (!post.reply_to.empty()) {
    body["reply_to"] = post.reply_to;
  }
  if (post.dispatch) {
    body["dispatch"] = post.dispatch->value;
  }
  if (post.file) {
    body["file"] = {
        {"project", post.file->project.value}, {"path", post.file->path}, {"name", post.file->name}};
  }
  return base::dump_json(body);
}

Post from_body(const json& body) {
  Post post;
  post.text = body.at("text").get<std::string>();
  for (const auto& b : body.at("buttons")) {
    post.buttons.push_back({stored<ButtonKind>(b.at("kind").get<std::string>()),
                            b.at("ref").get<std::int64_t>(), b.at("label").get<std::string>(),
                            b.at("id").get<std::string>()});
  }
  post.reply_to = base::json_string(body, "reply_to").value_or("");
  if (const auto dispatch = base::json_integer(body, "dispatch")) {
    post.dispatch = DispatchId{*dispatch};
  }
  post.rest_refused = base::json_bool(body, "rest_refused").value_or(false);
  if (const auto* file = base::json_member(body, "file")) {
    post.file = Post::File{{base::json_integer(*file, "project").value_or(0)},
                           base::json_string(*file, "path").value_or(""),
                           base::json_string(*file, "name").value_or("")};
  }
  return post;
}

/// The platform's id of the message that the message with that body answers.
std::string answered_by(const std::string& body) {
  const auto post = base::parse_json(body);
  return post ? base::json_string(*post, "reply_to").value_or("") : std::string();
}

/// What no chat shows, and what a terminal would obey, goes out of no door, whoever wrote it.
std::string sendable(const std::string& text) {
  return base::strip_controls(base::to_valid_utf8(text));
}

bool same_buttons(const std::vector<Button>& a, const std::vector<Button>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Button& x, const Button& y) {
    return x.kind == y.kind && x.ref == y.ref && x.label == y.label;
  });
}

}  // namespace

std::string Outbox::job_kind(const std::string& section) {
  return "deliver:" + section;
}

std::vector<Button> Outbox::store_buttons(MessageId message, std::vector<Button> buttons) {
  for (auto& button : buttons) {
    button.label = sendable(button.label);
  }
  auto shown = Conversations(db_).buttons(message);
  if (same_buttons(shown, buttons)) {
    return shown;
  }
  Statement(db_, "UPDATE buttons SET shown = 0 WHERE message_id = ?", message).execute();
  int position = 0;
  for (auto& button : buttons) {
    button.id = "b" + base::time_ordered_hex();
    Statement(db_,
              "INSERT INTO buttons(id, message_id, position, kind, ref, label) VALUES (?, ?, ?, ?, ?, ?)",
              button.id, message, position++, button.kind, button.ref, button.label)
        .execute();
  }
  return buttons;
}

void Outbox::add(const Conversation& conversation, MessageId message, CallKind kind, const std::string& body,
                 base::Timestamp now) {
  Statement(db_,
            "INSERT INTO outbox(key, conversation_id, message_id, kind, body, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            "msg_" + base::time_ordered_hex(), conversation.id, message, kind, body, now)
      .execute();
  JobQueue(db_).enqueue(job_kind(conversation.section), conversation.id.value, db_.last_row_id(), now);
}

MessageId Outbox::post(const Conversation& conversation, const Post& post, base::Timestamp now) {
  auto stored = post;
  stored.text = sendable(post.text);
  Statement(db_,
            "INSERT INTO messages(conversation_id, author, text, dispatch_id, created_at) "
            "VALUES (?, ?, ?, ?, ?)",
            conversation.id, Author::assistant, stored.text, post.dispatch, now)
      .execute();
  const MessageId id{db_.last_row_id()};
  stored.buttons = store_buttons(id, post.buttons);
  add(conversation, id, CallKind::message, to_body(stored), now);
  return id;
}

void Outbox::edit(MessageId message, const std::string& text, const std::vector<Button>& buttons,
                  base::Timestamp now) {
  Conversations conversations(db_);
  const auto before = conversations.message(message);
  const auto shown = sendable(text);
  conversations.replace_text(message, shown, now);
  const auto body = to_body({shown, store_buttons(message, buttons), {}, before.dispatch});
  const auto replaced = Statement(db_,
                                  "UPDATE outbox SET body = ?1 WHERE message_id = ?2 AND kind = 'edit' AND "
                                  "state = 'new' AND id = (SELECT max(id) FROM outbox WHERE "
                                  "conversation_id = ?3)",
                                  body, message, before.conversation)
                            .execute();
  if (replaced == 0) {
    add(conversations.get(before.conversation), message, CallKind::edit, body, now);
  }
}

bool Outbox::is_pending(MessageId message) {
  const auto state =
      Statement(db_, "SELECT state FROM outbox WHERE message_id = ? ORDER BY id DESC LIMIT 1", message)
          .first<DeliveryState>();
  return state && !is_settled(*state);
}

std::optional<Outbox::Called> Outbox::message_called(ConversationId conversation, const std::string& id) {
  return Statement(
             db_,
             "SELECT m.id, m.dispatch_id, o.body FROM outbox o JOIN messages m ON m.id = o.message_id "
             "WHERE o.conversation_id = ?1 AND o.kind = 'message' AND (o.key = ?2 OR o.external_id = ?2 "
             "OR EXISTS (SELECT 1 FROM pieces p WHERE p.message_id = m.id AND p.external_id = ?2)) "
             "ORDER BY o.id DESC LIMIT 1",
             conversation, id)
      .first([](Statement& row) {
        Called called;
        row.read(called.message, called.dispatch);
        called.reply_to = answered_by(row.value<std::string>());
        return called;
      });
}

std::string Outbox::answered(MessageId message) {
  const auto body =
      Statement(db_,
                "SELECT body FROM outbox WHERE message_id = ? AND kind = 'message' ORDER BY id DESC LIMIT 1",
                message)
          .first<std::string>();
  return body ? answered_by(*body) : std::string();
}

OutgoingCall Outbox::get(OutboxId id) {
  auto found =
      Statement(db_,
                "SELECT o.id, o.key, o.conversation_id, o.message_id, o.kind, o.created_at, o.state, "
                "c.chat_id, m.key, m.external_id, o.body, CASE WHEN m.id <> o.id THEN m.body END "
                "FROM outbox o JOIN conversations c ON c.id = o.conversation_id "
                // The last one, where it was said anew.
                "JOIN outbox m ON m.id = (SELECT max(id) FROM outbox WHERE message_id = o.message_id AND "
                "kind = 'message' AND id <= o.id) WHERE o.id = ?",
                id)
          .first([](Statement& row) {
            OutgoingCall c;
            std::string body;
            std::optional<std::string> first;  // of the message that it changes
            row.read(c.id, c.key, c.conversation, c.message, c.kind, c.created, c.state, c.chat_id,
                     c.target_key, c.target_external_id, body, first);
            c.post = from_body(json::parse(body));
            c.answers = first ? answered_by(*first) : c.post.reply_to;
            return c;
          });
  if (!found) {
    throw base::PermanentError("there is no such call in the outbox");
  }
  auto& call = *found;
  call.answers_first =
      !call.answers.empty() && is_first_answer(call.conversation, call.answers, call.message);
  if (!call.answers.empty()) {
    read_answered(call);
  }
  return std::move(call);
}

Outbox::Head Outbox::head(OutboxId id) {
  auto found =
      Statement(db_,
                "SELECT o.key, o.conversation_id, c.section, c.chat_id, o.created_at, o.state "
                "FROM outbox o JOIN conversations c ON c.id = o.conversation_id WHERE o.id = ?",
                id)
          .first([](Statement& row) {
            Head head;
            row.read(head.key, head.conversation, head.section, head.chat_id, head.created, head.state);
            return head;
          });
  if (!found) {
    throw base::PermanentError("there is no such call in the outbox");
  }
  return *std::move(found);
}

void Outbox::read_answered(OutgoingCall& call) {
  Statement row(
      db_,
      "SELECT m.id, m.created_at, t.ticket, t.expires_at FROM messages m LEFT JOIN reply_tickets t ON "
      "t.message_id = m.id WHERE m.conversation_id = ? AND m.external_id = ? AND m.author = 'user' "
      "ORDER BY m.id DESC LIMIT 1",
      call.conversation, call.answers);
  if (!row.next()) {
    return;
  }
  std::optional<std::string> ticket;
  std::optional<base::Timestamp> expires;
  auto& answered = call.answered.emplace();
  row.read(answered.message, answered.stored, ticket, expires);
  if (ticket && expires) {
    call.ticket = {.value = *ticket, .expires = *expires};
  }
}

bool Outbox::is_first_answer(ConversationId conversation, const std::string& to, MessageId answer) {
  // Only what came after the message that is answered is looked at, however long the conversation is.
  return !Statement(db_,
                    "SELECT 1 FROM messages m JOIN outbox o ON o.message_id = m.id AND o.kind = 'message' "
                    "WHERE m.conversation_id = ?1 AND m.id < ?2 AND m.author = 'assistant' AND m.id > "
                    "coalesce((SELECT max(id) FROM messages WHERE conversation_id = ?1 AND external_id = ?3 "
                    "AND author = 'user'), 0) AND json_extract(o.body, '$.reply_to') = ?3 LIMIT 1",
                    conversation, answer, to)
              .any();
}

void Outbox::drop_file(OutboxId id, const std::string& why) {
  const auto stored = Statement(db_, "SELECT body FROM outbox WHERE id = ?", id).first<std::string>();
  if (!stored) {
    return;
  }
  auto body = json::parse(*stored);
  body.erase("file");
  body["text"] = body.at("text").get<std::string>() + "\n\n" + why;
  Statement(db_, "UPDATE outbox SET body = ? WHERE id = ?", base::dump_json(body), id).execute();
}

void Outbox::note_rest_refused(OutboxId id) {
  Statement(db_, "UPDATE outbox SET body = json_set(body, '$.rest_refused', json('true')) WHERE id = ?", id)
      .execute();
}

void Outbox::mark_attempted(OutboxId id) {
  Statement(db_, "UPDATE outbox SET state = 'attempted' WHERE id = ? AND state = 'new'", id).execute();
}

void Outbox::mark_delivered(OutboxId id, const std::string& external_id, base::Timestamp now) {
  Statement(db_,
            "UPDATE outbox SET state = 'delivered', external_id = ?, settled_at = ?, error = NULL "
            "WHERE id = ?",
            external_id, now, id)
      .execute();
}

void Outbox::mark_dead(OutboxId id, const std::string& error, base::Timestamp now) {
  Statement(db_, "UPDATE outbox SET state = 'dead', error = ?, settled_at = ? WHERE id = ?", error, now, id)
      .execute();
  Statement(db_, "DELETE FROM inbox_done WHERE item = 'outbox-' || ?", id).execute();
}

bool Outbox::revive(MessageId message, base::Timestamp now) {
  // What was sent of it is known by its parts, so that it goes on where it stopped.
  const auto id =
      Statement(db_,
                "UPDATE outbox SET state = 'attempted', error = NULL, settled_at = NULL WHERE id = "
                "(SELECT max(id) FROM outbox WHERE message_id = ? AND state = 'dead') RETURNING id",
                message)
          .first<OutboxId>();
  if (!id) {
    return false;
  }
  const auto conversation = Conversations(db_).get(Conversations(db_).message(message).conversation);
  JobQueue(db_).enqueue(job_kind(conversation.section), conversation.id.value, id->value, now);
  return true;
}

bool Outbox::repeat(MessageId message, base::Timestamp now) {
  const auto id =
      Statement(db_,
                "UPDATE outbox SET state = 'attempted', error = NULL, settled_at = NULL WHERE id = "
                "(SELECT max(id) FROM outbox WHERE message_id = ?1) AND state IN ('delivered', 'dead') "
                "AND NOT EXISTS (SELECT 1 FROM messages WHERE id = ?1 AND emptied_at IS NOT NULL) "
                "RETURNING id",
                message)
          .first<OutboxId>();
  if (!id) {
    return false;
  }
  const auto conversation = Conversations(db_).get(Conversations(db_).message(message).conversation);
  JobQueue(db_).enqueue(job_kind(conversation.section), conversation.id.value, id->value, now);
  return true;
}

std::vector<std::string> Outbox::sections() {
  return Statement(db_, "SELECT DISTINCT section FROM conversations ORDER BY section").all<std::string>();
}

}  // namespace store
