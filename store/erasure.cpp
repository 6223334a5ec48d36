#include "store/erasure.h"

#include <algorithm>

#include "store/chain.h"
#include "store/dispatch_log.h"
#include "store/found_messages.h"
#include "store/job_queue.h"
#include "store/log_pruning.h"
#include "store/notes.h"
#include "store/outbox.h"
#include "store/reminders.h"
#include "store/retention.h"
#include "store/statement.h"
#include "store/tool_calls.h"
#include "store/traces.h"

namespace store {
namespace {

/// A step holds up other writers for a few milliseconds.
constexpr std::size_t kRowsInAStep = 100;

/// Chats in which nobody else wrote.
constexpr const char* kAlone =
    "SELECT DISTINCT m.conversation_id FROM messages m WHERE m.person_id = ?1 AND NOT EXISTS "
    "(SELECT 1 FROM messages x JOIN people p ON p.id = x.person_id WHERE x.conversation_id = m.conversation_id "
    "AND x.person_id <> ?1 AND p.section <> 'console')";

std::vector<MessageId> ids(Database& db, const std::string& sql, PersonId person) {
  return Statement(db, sql, person).all<MessageId>();
}

}  // namespace

std::optional<std::string> Erasure::hindered_by(PersonId person) {
  if (const auto dispatch =
          Statement(db_, "SELECT min(id) FROM dispatches WHERE person_id = ? AND state <> 'finished'", person)
              .first<std::optional<std::int64_t>>()
              .value_or(std::nullopt)) {
    return "d-" + std::to_string(*dispatch);
  }
  const bool turn = Statement(db_,
                              "SELECT 1 FROM jobs WHERE kind IN ('turn', 'quick-turn') AND ref IN "
                              "(SELECT id FROM messages WHERE person_id = ?)",
                              person)
                        .any();
  return turn ? std::optional<std::string>("a message") : std::nullopt;
}

std::set<MessageId> Erasure::messages_about(PersonId person) {
  std::set<MessageId> all;
  for (const std::string& sql :
       {std::string("SELECT id FROM messages WHERE person_id = ?1"),
        // Where they are alone with the bot, all that it said.
        "SELECT a.id FROM messages a WHERE a.author = 'assistant' AND a.conversation_id IN (" +
            std::string(kAlone) + ")",
        // Elsewhere what answers a message of theirs, and what tells of their runs.
        std::string("SELECT a.id FROM messages a JOIN outbox o ON o.message_id = a.id AND o.kind = 'message' "
                    "WHERE a.author = 'assistant' AND a.conversation_id IN (SELECT DISTINCT conversation_id "
                    "FROM messages WHERE person_id = ?1) AND json_extract(o.body, '$.reply_to') IN (SELECT "
                    "external_id FROM messages WHERE person_id = ?1 AND external_id <> '')"),
        std::string(
            "SELECT m.id FROM dispatches d JOIN messages m ON m.conversation_id = d.conversation_id AND "
            "m.dispatch_id = d.id WHERE d.person_id = ?1"),
        std::string("SELECT note_id FROM dispatches WHERE person_id = ?1 AND note_id IS NOT NULL"),
        std::string("SELECT a.message_id FROM approvals a JOIN dispatches d ON d.id = a.dispatch_id WHERE "
                    "d.person_id = ?1 AND a.message_id IS NOT NULL"),
        std::string("SELECT message_id FROM reminder_messages WHERE person_id = ?1"),
        // What shows the button of a question to them, or of a reminder of theirs.
        std::string("SELECT b.message_id FROM buttons b JOIN reminders r ON r.id = b.ref WHERE b.kind IN "
                    "('snooze', 'change_reminder', 'delete_reminder') AND r.person_id = ?1"),
        std::string("SELECT b.message_id FROM buttons b JOIN decisions d ON d.id = b.ref WHERE b.kind IN "
                    "('yes', 'no', 'give') AND d.person_id = ?1"),
        std::string("SELECT shown_id FROM tool_calls WHERE person_id = ?1 AND shown_id IS NOT NULL")}) {
    const auto found = ids(db_, sql, person);
    all.insert(found.begin(), found.end());
  }
  // What others found of it by a search.
  all.merge(FoundMessages(db_).answers_that_show(all));
  return all;
}

void Erasure::end_deliveries(MessageId message, base::Timestamp now) {
  const auto pending =
      Statement(db_, "SELECT id FROM outbox WHERE message_id = ? AND state IN ('new', 'attempted')", message)
          .all<OutboxId>();
  for (const auto call : pending) {
    const auto kind = Statement(db_, "SELECT kind FROM jobs WHERE kind GLOB 'deliver:*' AND ref = ?", call)
                          .first<std::string>();
    if (kind) {
      JobQueue(db_).drop(*kind, call.value);
    }
    Outbox(db_).mark_dead(call, "", now);
  }
}

void Erasure::empty(const std::vector<MessageId>& messages, base::Timestamp now) {
  Retention retention(db_);
  for (std::size_t i = 0; i < messages.size(); i += kRowsInAStep) {
    Transaction transaction(db_);
    for (auto m = i; m < std::min(messages.size(), i + kRowsInAStep); ++m) {
      end_deliveries(messages[m], now);
      retention.empty(messages[m], now, chain_event::kErased);
    }
    transaction.commit();
  }
}

int Erasure::empty_decisions(PersonId person) {
  const auto decisions =
      Statement(db_, "SELECT id FROM decisions WHERE person_id = ?", person).all<DecisionId>();
  LogPruning log(db_);
  for (std::size_t i = 0; i < decisions.size(); i += kRowsInAStep) {
    Transaction transaction(db_);
    const ChainedErasure erasure(db_, chain_event::kErased);
    for (auto d = i; d < std::min(decisions.size(), i + kRowsInAStep); ++d) {
      log.empty_texts(decisions[d]);
      Statement(db_, "DELETE FROM judgements WHERE decision_id = ?", decisions[d]).execute();
    }
    transaction.commit();
  }
  return static_cast<int>(decisions.size());
}

void Erasure::forget_reminders(PersonId person) {
  Transaction transaction(db_);
  for (const auto id :
       Statement(db_, "SELECT id FROM reminders WHERE person_id = ?", person).all<ReminderId>()) {
    JobQueue(db_).drop(Reminders::kJob, id.value);
  }
  Statement(db_, "DELETE FROM reminders WHERE person_id = ?", person).execute();
  transaction.commit();
}

/// Their name, what they said about what is not theirs, and their notes, which it counts.
int Erasure::forget_person(PersonId person, base::Timestamp now) {
  Transaction transaction(db_);
  const ChainedErasure erasure(db_, chain_event::kErased);
  for (const std::string& sql :
       {std::string("UPDATE verdicts SET note = '' WHERE person_id = ?1 AND note <> ''"),
        std::string("UPDATE approvals SET comment = '' WHERE settled_by = ?1 AND comment <> ''"),
        "UPDATE projects SET description = '' WHERE conversation_id IN (" + std::string(kAlone) + ")",
        "UPDATE page_chats SET title = '' WHERE conversation_id IN (" + std::string(kAlone) + ")",
        std::string("DELETE FROM page_files WHERE ('web', user) = (SELECT section, user_id FROM people WHERE "
                    "id = ?1)"),
        // Words of theirs that others passed on or answered.
        std::string(
            "UPDATE quotations SET text = '', author = '' WHERE author = (SELECT nullif(name, '') FROM "
            "people WHERE id = ?1) AND message_id IN (SELECT m.id FROM messages m JOIN conversations c ON "
            "c.id = m.conversation_id WHERE c.section = (SELECT section FROM people WHERE id = ?1))"),
        std::string("DELETE FROM held_edits WHERE (section, user_id) = (SELECT section, user_id FROM people "
                    "WHERE id = ?1)"),
        std::string(kEmptyCalls) + " WHERE person_id = ?1",
        std::string("UPDATE tool_calls SET comment = '' WHERE settled_by = ?1 AND comment <> ''"),
        std::string("DELETE FROM pairing_requests WHERE person_id = ?1")}) {
    Statement(db_, sql, person).execute();
  }
  Statement(db_, "UPDATE people SET name = '', time_zone = NULL, erased_at = ?2 WHERE id = ?1", person, now)
      .execute();
  const int notes = Notes(db_).erase(person);
  transaction.commit();
  return notes;
}

std::vector<Erasure::File> Erasure::attachments_of(PersonId person) {
  return Statement(db_,
                   "SELECT j.slug, t.path FROM messages m JOIN attachments t ON t.message_id = m.id JOIN "
                   "dispatches d ON d.id = t.dispatch_id JOIN projects j ON j.id = d.project_id "
                   "WHERE m.person_id = ? AND t.path <> ''",
                   person)
      .all([](Statement& row) {
        File file;
        row.read(file.slug, file.path);
        return file;
      });
}

std::vector<std::string> Erasure::page_files_of(PersonId person) {
  return Statement(
             db_,
             "SELECT id FROM page_files WHERE ('web', user) = (SELECT section, user_id FROM people WHERE "
             "id = ?)",
             person)
      .all<std::string>();
}

std::vector<Erasure::Session> Erasure::sessions_of(PersonId person) {
  return Statement(
             db_,
             "SELECT DISTINCT j.slug, d.session_id FROM dispatches d JOIN projects j ON j.id = d.project_id "
             "WHERE d.person_id = ?1 AND d.session_id <> '' AND NOT EXISTS (SELECT 1 FROM dispatches x WHERE "
             "x.project_id = d.project_id AND x.session_id = d.session_id AND x.person_id <> ?1)",
             person)
      .all([](Statement& row) {
        Session session;
        row.read(session.slug, session.id);
        return session;
      });
}

std::vector<Erasure::Project> Erasure::projects_of(PersonId person) {
  return Statement(
             db_,
             "SELECT j.slug, NOT EXISTS (SELECT 1 FROM dispatches x WHERE x.project_id = j.id AND x.person_id "
             "<> ?1) FROM projects j WHERE j.id IN (SELECT project_id FROM dispatches WHERE person_id = ?1) "
             "ORDER BY j.slug",
             person)
      .all([](Statement& row) {
        Project project;
        row.read(project.slug, project.is_theirs);
        return project;
      });
}

std::vector<Erasure::Run> Erasure::runs_of(PersonId person) {
  return Statement(db_,
                   "SELECT j.slug, l.record, d.id = (SELECT max(x.id) FROM dispatches x WHERE x.project_id = "
                   "d.project_id) FROM dispatches d JOIN legs l ON l.dispatch_id = d.id JOIN projects j ON "
                   "j.id = d.project_id WHERE d.person_id = ? AND l.record <> ''",
                   person)
      .all([](Statement& row) {
        Run run;
        row.read(run.slug, run.record, run.is_last);
        return run;
      });
}

Erasure::Erased Erasure::erase(PersonId person, base::Timestamp now) {
  {
    Transaction transaction(db_);
    const auto open =
        Statement(db_, "SELECT id FROM decisions WHERE person_id = ? AND question = 'open'", person)
            .all<DecisionId>();
    for (const auto question : open) {
      DispatchLog(db_).answer_question(question, QuestionState::expired, now);
      JobQueue(db_).withdraw("question", question.value);
    }
    Statement(
        db_, "UPDATE tool_calls SET state = 'expired', ended_at = ?2 WHERE person_id = ?1 AND state = 'open'",
        person, now)
        .execute();
    transaction.commit();
  }
  Erased erased;
  const auto about = messages_about(person);
  forget_reminders(person);
  empty({about.begin(), about.end()}, now);
  erased.messages = static_cast<int>(about.size());
  erased.decisions = empty_decisions(person);
  erased.notes = forget_person(person, now);
  erased.traces = !wipe_traces(db_);
  return erased;
}

}  // namespace store
