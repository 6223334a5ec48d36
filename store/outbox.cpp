#include "store/outbox.h"

#include <algorithm>

#include <SQLiteCpp/SQLiteCpp.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "store/job_queue.h"

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

Post from_body(const std::string& text, Conversations& conversations) {
  const auto body = json::parse(text);
  Post post;
  post.text = body.at("text").get<std::string>();
  for (const auto& b : body.at("buttons")) {
    if (const auto found = conversations.find_button(b.at("id").get<std::string>())) {
      post.buttons.push_back(found->button);
    }
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
  auto shown = Conversations(db_).buttons(message);
  if (same_buttons(shown, buttons)) {
    return shown;
  }
  SQLite::Statement hide(db_.handle(), "UPDATE buttons SET shown = 0 WHERE message_id = ?");
  hide.bind(1, message.value);
  hide.exec();
  int position = 0;
  for (auto& button : buttons) {
    button.id = "b" + base::random_hex(12);
    SQLite::Statement s(
        db_.handle(),
        "INSERT INTO buttons(id, message_id, position, kind, ref, label) VALUES (?, ?, ?, ?, ?, ?)");
    s.bind(1, button.id);
    s.bind(2, message.value);
    s.bind(3, position++);
    s.bind(4, to_string(button.kind));
    s.bind(5, button.ref);
    s.bind(6, button.label);
    s.exec();
  }
  return buttons;
}

void Outbox::add(const Conversation& conversation, MessageId message, const char* kind,
                 const std::string& body, base::Timestamp now) {
  SQLite::Statement s(db_.handle(),
                      "INSERT INTO outbox(key, conversation_id, message_id, kind, body, created_at) "
                      "VALUES (?, ?, ?, ?, ?, ?)");
  s.bind(1, "msg_" + base::random_hex(16));
  s.bind(2, conversation.id.value);
  s.bind(3, message.value);
  s.bind(4, kind);
  s.bind(5, body);
  s.bind(6, base::to_unix_ms(now));
  s.exec();
  const auto id = db_.handle().getLastInsertRowid();
  JobQueue(db_).enqueue(job_kind(conversation.section), conversation.id.value, id, now);
}

MessageId Outbox::post(const Conversation& conversation, const Post& post, base::Timestamp now) {
  SQLite::Statement s(db_.handle(),
                      "INSERT INTO messages(conversation_id, author, text, dispatch_id, created_at) "
                      "VALUES (?, 'assistant', ?, ?, ?)");
  s.bind(1, conversation.id.value);
  s.bind(2, post.text);
  if (post.dispatch) {
    s.bind(3, post.dispatch->value);
  }
  s.bind(4, base::to_unix_ms(now));
  s.exec();
  const MessageId id{db_.handle().getLastInsertRowid()};
  auto stored = post;
  stored.buttons = store_buttons(id, post.buttons);
  add(conversation, id, "message", to_body(stored), now);
  return id;
}

void Outbox::edit(MessageId message, const std::string& text, const std::vector<Button>& buttons,
                  base::Timestamp now) {
  Conversations conversations(db_);
  const auto before = conversations.message(message);
  conversations.replace_text(message, text, now);
  const auto body = to_body({text, store_buttons(message, buttons), {}, before.dispatch});
  SQLite::Statement replace(
      db_.handle(),
      "UPDATE outbox SET body = ?1 WHERE message_id = ?2 AND kind = 'edit' AND state = 'new' "
      "AND id = (SELECT max(id) FROM outbox WHERE conversation_id = ?3)");
  replace.bind(1, body);
  replace.bind(2, message.value);
  replace.bind(3, before.conversation.value);
  if (replace.exec() == 0) {
    add(conversations.get(before.conversation), message, "edit", body, now);
  }
}

bool Outbox::is_pending(MessageId message) {
  SQLite::Statement s(
      db_.handle(),
      "SELECT state IN ('new', 'attempted') FROM outbox WHERE message_id = ? ORDER BY id DESC LIMIT 1");
  s.bind(1, message.value);
  return s.executeStep() && s.getColumn(0).getInt() != 0;
}

OutgoingCall Outbox::get(OutboxId id) {
  SQLite::Statement s(db_.handle(),
                      "SELECT o.key, o.conversation_id, o.message_id, o.kind, o.body, o.created_at, o.state, "
                      "c.chat_id, m.key, m.external_id, m.body "
                      "FROM outbox o JOIN conversations c ON c.id = o.conversation_id "
                      "JOIN outbox m ON m.message_id = o.message_id AND m.kind = 'message' WHERE o.id = ?");
  s.bind(1, id.value);
  if (!s.executeStep()) {
    throw base::PermanentError("there is no such call in the outbox");
  }
  OutgoingCall call;
  call.id = id;
  call.key = s.getColumn(0).getString();
  call.conversation = {s.getColumn(1).getInt64()};
  call.message = {s.getColumn(2).getInt64()};
  call.kind = s.getColumn(3).getString() == "edit" ? OutgoingCall::Kind::edit : OutgoingCall::Kind::message;
  Conversations conversations(db_);
  call.post = from_body(s.getColumn(4).getString(), conversations);
  call.created = base::from_unix_ms(s.getColumn(5).getInt64());
  const auto state = s.getColumn(6).getString();
  call.settled = state == "delivered" || state == "dead";
  call.chat_id = s.getColumn(7).getString();
  call.target_key = s.getColumn(8).getString();
  call.target_external_id = s.getColumn(9).getString();
  if (const auto first = base::parse_json(s.getColumn(10).getString())) {
    call.answers = base::json_string(*first, "reply_to").value_or("");
  }
  call.answers_first =
      !call.answers.empty() && is_first_answer(call.conversation, call.answers, call.message);
  SQLite::Statement ticket(db_.handle(),
                           "SELECT t.ticket, t.expires_at FROM messages m JOIN reply_tickets t ON "
                           "t.message_id = m.id WHERE m.conversation_id = ? AND m.external_id = ? AND "
                           "m.author = 'user' ORDER BY m.id DESC LIMIT 1");
  ticket.bind(1, call.conversation.value);
  ticket.bind(2, call.answers);
  if (ticket.executeStep()) {
    call.ticket = {ticket.getColumn(0).getString(), base::from_unix_ms(ticket.getColumn(1).getInt64())};
  }
  return call;
}

bool Outbox::is_first_answer(ConversationId conversation, const std::string& to, MessageId answer) {
  // Only what came after the message that is answered is looked at, however long the conversation is.
  SQLite::Statement s(
      db_.handle(),
      "SELECT 1 FROM messages m JOIN outbox o ON o.message_id = m.id AND o.kind = 'message' "
      "WHERE m.conversation_id = ?1 AND m.id < ?2 AND m.author = 'assistant' AND m.id > "
      "coalesce((SELECT max(id) FROM messages WHERE conversation_id = ?1 AND external_id = ?3 "
      "AND author = 'user'), 0) AND json_extract(o.body, '$.reply_to') = ?3 LIMIT 1");
  s.bind(1, conversation.value);
  s.bind(2, answer.value);
  s.bind(3, to);
  return !s.executeStep();
}

void Outbox::drop_file(OutboxId id, const std::string& why) {
  SQLite::Statement read(db_.handle(), "SELECT body FROM outbox WHERE id = ?");
  read.bind(1, id.value);
  if (!read.executeStep()) {
    return;
  }
  auto body = json::parse(read.getColumn(0).getString());
  body.erase("file");
  body["text"] = body.at("text").get<std::string>() + "\n\n" + why;
  SQLite::Statement write(db_.handle(), "UPDATE outbox SET body = ? WHERE id = ?");
  write.bind(1, base::dump_json(body));
  write.bind(2, id.value);
  write.exec();
}

void Outbox::note_rest_refused(OutboxId id) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE outbox SET body = json_set(body, '$.rest_refused', json('true')) WHERE id = ?");
  s.bind(1, id.value);
  s.exec();
}

void Outbox::mark_attempted(OutboxId id) {
  SQLite::Statement s(db_.handle(), "UPDATE outbox SET state = 'attempted' WHERE id = ? AND state = 'new'");
  s.bind(1, id.value);
  s.exec();
}

void Outbox::mark_delivered(OutboxId id, const std::string& external_id, base::Timestamp now) {
  SQLite::Statement s(
      db_.handle(),
      "UPDATE outbox SET state = 'delivered', external_id = ?, settled_at = ?, error = NULL WHERE id = ?");
  s.bind(1, external_id);
  s.bind(2, base::to_unix_ms(now));
  s.bind(3, id.value);
  s.exec();
}

void Outbox::mark_dead(OutboxId id, const std::string& error, base::Timestamp now) {
  SQLite::Statement s(db_.handle(),
                      "UPDATE outbox SET state = 'dead', error = ?, settled_at = ? WHERE id = ?");
  s.bind(1, error);
  s.bind(2, base::to_unix_ms(now));
  s.bind(3, id.value);
  s.exec();
}

std::vector<std::string> Outbox::sections() {
  SQLite::Statement s(db_.handle(), "SELECT DISTINCT section FROM conversations ORDER BY section");
  std::vector<std::string> sections;
  while (s.executeStep()) {
    sections.push_back(s.getColumn(0).getString());
  }
  return sections;
}

int Outbox::dead_count() {
  return db_.handle().execAndGet("SELECT count(*) FROM outbox WHERE state = 'dead'").getInt();
}

}  // namespace store
