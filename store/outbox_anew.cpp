#include "store/outbox_anew.h"

#include <string>

#include "base/id.h"
#include "store/conversations.h"
#include "store/job_queue.h"
#include "store/outbox.h"
#include "store/statement.h"

namespace store {
namespace {

constexpr int kMostTimesAnew = 2;

/// The newest call before `?1` that was to bring its message into the chat.
constexpr const char* kTarget =
    "(SELECT max(t.id) FROM outbox t WHERE t.kind = 'message' AND t.id < ?1 AND t.message_id = "
    "(SELECT message_id FROM outbox WHERE id = ?1))";

}  // namespace

void make_message_of_edit(Database& db, OutboxId call) {
  // What a service has of a message stands in pieces; there the platform knows what is left to be said.
  Statement(
      db,
      std::string("UPDATE outbox SET kind = 'message', body = (SELECT CASE WHEN "
                  "json_extract(t.body, '$.reply_to') IS NULL THEN outbox.body ELSE "
                  "json_set(outbox.body, '$.reply_to', json_extract(t.body, '$.reply_to')) END "
                  "FROM outbox t WHERE t.id = ") +
          kTarget +
          ") WHERE id = ?1 AND kind = 'edit' AND state = 'new' AND EXISTS (SELECT 1 FROM outbox t WHERE "
          "t.state = 'dead' AND t.id = " +
          kTarget + ") AND NOT EXISTS (SELECT 1 FROM pieces p WHERE p.message_id = outbox.message_id)",
      call)
      .execute();
}

void say_anew(Database& db, OutboxId edit, base::Timestamp now) {
  // Somebody who never knows what is to be changed would get every edit as a message.
  const bool is_enough =
      Statement(db,
                "SELECT 1 FROM outbox e WHERE e.id = ?1 AND (EXISTS (SELECT 1 FROM pieces p WHERE "
                "p.message_id = e.message_id) OR (SELECT count(*) FROM outbox m WHERE m.message_id = "
                "e.message_id AND m.kind = 'message') > ?2)",
                edit, kMostTimesAnew)
          .any();
  if (is_enough) {
    return;
  }
  Statement(db, std::string("UPDATE outbox SET state = 'dead' WHERE id = ") + kTarget, edit).execute();
  const bool has_later = Statement(db,
                                   "SELECT 1 FROM outbox l JOIN outbox e ON e.id = ?1 WHERE l.message_id = "
                                   "e.message_id AND l.id > e.id AND l.state = 'new'",
                                   edit)
                             .any();
  if (has_later) {
    return;
  }
  Statement(db,
            "INSERT INTO outbox(key, conversation_id, message_id, kind, body, created_at) SELECT ?2, "
            "conversation_id, message_id, 'edit', body, ?3 FROM outbox WHERE id = ?1",
            edit, "msg_" + base::time_ordered_hex(), now)
      .execute();
  const OutboxId again{db.last_row_id()};
  make_message_of_edit(db, again);
  const auto head = Outbox(db).head(again);
  JobQueue(db).enqueue(Outbox::job_kind(head.section), head.conversation.value, again.value, now);
}

}  // namespace store
