#include "store/retention.h"

#include "store/found_messages.h"
#include "store/statement.h"
#include "store/tool_calls.h"

namespace store {
namespace {

// Who speaks of it: by an open job of any kind, a question, a request or a run. The states are written as in
// the partial indexes, and jobs are found by their lane, so that this costs the same however many there are.
constexpr const char* kUnderWay =
    "SELECT 1 FROM messages m WHERE m.id = ?1 AND ("
    " EXISTS (SELECT 1 FROM jobs j WHERE j.kind IN ('turn', 'quick-turn') AND j.lane = m.conversation_id"
    "  AND j.ref = m.id)"
    " OR EXISTS (SELECT 1 FROM outbox o WHERE o.message_id = m.id AND o.state IN ('new', 'attempted'))"
    " OR EXISTS (SELECT 1 FROM decisions d WHERE d.conversation_id = m.conversation_id AND d.question = 'open'"
    "  AND (d.message_id = m.id OR EXISTS (SELECT 1 FROM buttons b WHERE b.message_id = m.id"
    "   AND b.kind = 'yes' AND b.ref = d.id)))"
    " OR EXISTS (SELECT 1 FROM dispatches r JOIN decisions d ON d.id = r.decision_id"
    "  WHERE r.conversation_id = m.conversation_id AND r.state <> 'finished'"
    "  AND (d.message_id = m.id OR r.note_id = m.id OR r.id = m.dispatch_id))"
    " OR EXISTS (SELECT 1 FROM approvals a WHERE a.message_id = m.id AND a.state = 'open')"
    " OR EXISTS (SELECT 1 FROM tool_calls t WHERE t.conversation_id = m.conversation_id AND t.state = 'open'"
    "  AND (t.message_id = m.id OR t.shown_id = m.id))"
    " OR EXISTS (SELECT 1 FROM tool_calls t WHERE t.message_id = m.id AND t.state = 'running'))";

}  // namespace

Retention::Step Retention::empty_old(base::Timestamp before, int rows, base::Timestamp now) {
  Transaction transaction(db_);
  const auto old = next_before(before, rows);
  if (old.empty()) {
    return {};
  }
  const Step step{.emptied = empty_all(old, now), .more = static_cast<int>(old.size()) == rows};
  Statement(db_, "INSERT OR REPLACE INTO retention(id, message_id) VALUES (1, ?)", old.back()).execute();
  transaction.commit();
  return step;
}

std::vector<MessageId> Retention::next_before(base::Timestamp before, int rows) {
  Statement next(
      db_,
      "SELECT id, created_at FROM messages WHERE id > coalesce((SELECT message_id FROM retention), 0) "
      "ORDER BY id LIMIT ?",
      rows);
  std::vector<MessageId> old;
  while (next.next()) {
    MessageId id;
    base::Timestamp created;
    next.read(id, created);
    if (created >= before) {
      break;
    }
    old.push_back(id);
  }
  return old;
}

Retention::Step Retention::empty_later(int rows, base::Timestamp now) {
  Transaction transaction(db_);
  const auto waiting =
      Statement(db_,
                "DELETE FROM retention_later WHERE message_id IN (SELECT message_id FROM retention_later "
                "ORDER BY message_id LIMIT ?) RETURNING message_id",
                rows)
          .all<MessageId>();
  if (waiting.empty()) {
    return {};
  }
  const int emptied = empty_all(waiting, now);
  transaction.commit();
  return {.emptied = emptied, .more = emptied > 0 && static_cast<int>(waiting.size()) == rows};
}

void Retention::empty_of(ConversationId conversation, base::Timestamp now) {
  empty_all(
      Statement(db_, "SELECT id FROM messages WHERE conversation_id = ? AND emptied_at IS NULL", conversation)
          .all<MessageId>(),
      now);
}

int Retention::empty_all(const std::vector<MessageId>& messages, base::Timestamp now) {
  int emptied = 0;
  for (const auto message : messages) {
    if (is_at_rest(message)) {
      empty(message, now);
      ++emptied;
    } else {
      Statement(db_, "INSERT OR IGNORE INTO retention_later(message_id) VALUES (?)", message).execute();
    }
  }
  return emptied;
}

bool Retention::is_at_rest(MessageId message) {
  return !Statement(db_, kUnderWay, message).any();
}

void Retention::empty(MessageId message, base::Timestamp now, const char* why) {
  Statement(db_, "UPDATE messages SET text = '', emptied_at = ?2 WHERE id = ?1", message, now).execute();
  forget_judged_words(message);
  // What it answers stays: by that an answer is found.
  Statement(db_,
            "UPDATE outbox SET error = NULL, body = json_object('text', '', 'buttons', json_array(), "
            "'reply_to', coalesce(json_extract(body, '$.reply_to'), '')) WHERE message_id = ?",
            message)
      .execute();
  empty_calls(message, why);
  FoundMessages(db_).forget(message);
  for (const char* table : {"buttons", "quotations", "attachments", "cut_messages", "reply_tickets",
                            "question_numbers", "replies"}) {
    Statement(db_, std::string("DELETE FROM ") + table + " WHERE message_id = ?", message).execute();
  }
}

void Retention::empty_calls(MessageId message, const char* why) {
  if (!Statement(db_, "SELECT 1 FROM tool_calls WHERE message_id = ? LIMIT 1", message).any()) {
    return;
  }
  const ChainedErasure erasure(db_, why);
  Statement(db_, std::string(kEmptyCalls) + " WHERE message_id = ? AND state NOT IN ('open', 'running')",
            message)
      .execute();
}

void Retention::forget_judged_words(MessageId message) {
  // Messages that were answered together were judged as one, with the last of them.
  Statement(
      db_,
      "UPDATE judgements SET signals = json_set(signals, '$.words', json_array()) WHERE decision_id IN "
      "(SELECT id FROM decisions WHERE message_id = ?1 UNION SELECT * FROM (SELECT n.id FROM decisions j "
      "JOIN decisions n ON n.conversation_id = j.conversation_id AND n.person_id = j.person_id AND "
      "n.message_id > j.message_id AND n.cause <> 'rule:joined' WHERE j.message_id = ?1 AND j.cause = "
      "'rule:joined' ORDER BY n.message_id LIMIT 1)) AND json_array_length(signals, '$.words') > 0",
      message)
      .execute();
}

std::uint64_t Retention::bytes_in_use() {
  const auto pragma = [&](const char* name) {
    return Statement(db_, std::string("PRAGMA ") + name).first<std::int64_t>().value_or(0);
  };
  return static_cast<std::uint64_t>((pragma("page_count") - pragma("freelist_count")) * pragma("page_size"));
}

}  // namespace store
