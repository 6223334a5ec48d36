#include <chrono>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "base/crypto.h"
#include "store/approvals.h"
#include "store/backup.h"
#include "store/chain.h"
#include "store/chain_check.h"
#include "store/dispatch_log.h"
#include "store/log_pruning.h"
#include "store/migrations.h"
#include "store/routing_log.h"
#include "tests/support/store_fixture.h"

namespace {

using store::DecisionAction;

struct Fixture : support::StoreFixture {
  store::DispatchLog log{db};
  store::Approvals approvals{db};
  store::ChainCheck chain{db};

  /// Two decisions, a dispatch that ran, an approval that was settled, a verdict.
  void fill() {
    decide(DecisionAction::answer);
    const auto dispatch = this->dispatch(project("site"));
    const auto decision = log.dispatch(dispatch).decision;
    log.begin(dispatch, "s-2", false, "r-1", clock.now());
    store::Approval approval;
    approval.dispatch = dispatch;
    approval.request_id = "q-1";
    approval.tool = "Bash";
    approval.detail = "make";
    const auto asked = approvals.add(approval, clock.now());
    approvals.settle(asked, store::ApprovalState::allowed, "go on", person.id, clock.now());
    log.finish(dispatch, store::DispatchOutcome::success, "Built.", "{}", 0.5, clock.now());
    store::RoutingLog(db).add(store::VerdictRecord{decision, store::Verdict::right, "fine", {}, clock.now()});
  }
  /// As another program does it.
  void elsewhere(const std::string& sql) {
    SQLite::Database(db.path().string(), SQLite::OPEN_READWRITE, 5000).exec(sql);
  }
  /// "decisions 1", or empty.
  std::string first() {
    const auto report = chain.verify();
    return report.first ? report.first->table + " " + std::to_string(report.first->id) : "";
  }
};

TEST_CASE_FIXTURE(Fixture, "each change of the log is an entry of a chain that holds") {
  CHECK(chain.head().entries == 0);
  CHECK(chain.head().hash == std::string(64, '0'));
  CHECK(first().empty());
  fill();
  const auto report = chain.verify();
  CHECK_FALSE(report.first);
  CHECK(report.head.entries == 8);
  CHECK(report.head.hash == chain.head().hash);
  CHECK(report.rows == std::map<std::string, std::int64_t>{
                           {"approvals", 1}, {"decisions", 2}, {"dispatches", 1}, {"verdicts", 1}});
}

TEST_CASE_FIXTURE(
    Fixture, "entries take part in the transaction of their change, and leave the program's view alone") {
  {
    store::Transaction undone(db);
    CHECK(decide().value == 1);  // the id of the decision, not of the entry
  }
  CHECK(chain.head().entries == 0);
  CHECK(decide().value == 1);
  CHECK(decide().value == 2);
  CHECK(chain.head().entries == 2);
  // What changes nothing makes no entry, and what fails leaves none.
  CHECK_FALSE(log.answer_question({1}, store::QuestionState::yes, clock.now()));
  CHECK_THROWS_AS(log.add_decision({}, clock.now()), std::runtime_error);
  CHECK(chain.head().entries == 2);
  log.note_over_budget({1});
  log.note_over_budget({1});
  CHECK(chain.head().entries == 3);
  CHECK(first().empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "a row that another program changed, removed, added or exchanged is found and named") {
  fill();
  const auto found = [&](const std::string& sql) {
    elsewhere(sql);
    return first();
  };
  SUBCASE("a number") {
    CHECK(found("UPDATE decisions SET p = 0.2500001 WHERE id = 2") == "decisions 2");
  }
  SUBCASE("a text") {
    CHECK(found("UPDATE dispatches SET result = 'Built!' WHERE id = 1") == "dispatches 1");
  }
  SUBCASE("to nothing") {
    CHECK(found("UPDATE verdicts SET person_id = 1") == "verdicts 1");
  }
  SUBCASE("a type") {
    CHECK(found("UPDATE approvals SET comment = CAST(comment AS BLOB)") == "approvals 1");
  }
  SUBCASE("the oldest of several") {
    CHECK(found("UPDATE verdicts SET note = ''; UPDATE decisions SET cause = 'x'") == "decisions 1");
    CHECK(chain.verify().problems == 3);
  }
  SUBCASE("removed") {
    CHECK(found("DELETE FROM verdicts") == "verdicts 1");
  }
  SUBCASE("added") {
    CHECK(
        found(
            "INSERT INTO verdicts SELECT 2, decision_id, 'bad_result', '', NULL, 0, 'said', NULL, NULL FROM verdicts") ==
        "verdicts 2");
  }
  SUBCASE("exchanged") {
    CHECK(
        found(
            "PRAGMA foreign_keys = OFF; UPDATE decisions SET id = 99 WHERE id = 1; UPDATE decisions SET id = 1 "
            "WHERE id = 2; UPDATE decisions SET id = 2 WHERE id = 99") == "decisions 1");
  }
}

TEST_CASE_FIXTURE(Fixture, "a chain that was rewritten by hand is found and named") {
  fill();
  SUBCASE("an entry removed") {
    elsewhere("DELETE FROM chain WHERE seq = 4");
    CHECK(first() == "chain 4");
  }
  SUBCASE("two entries exchanged") {
    elsewhere(
        "UPDATE chain SET seq = 99 WHERE seq = 1; UPDATE chain SET seq = 1 WHERE seq = 2; "
        "UPDATE chain SET seq = 2 WHERE seq = 99");
    CHECK(first() == "chain 1");
  }
  SUBCASE("another digest, in row and entry") {
    elsewhere("UPDATE chain SET digest = zeroblob(32) WHERE seq = 3");
    CHECK(first() == "chain 3");
  }
  SUBCASE("another event") {
    elsewhere("UPDATE chain SET event = 'pruned' WHERE seq = 8");
    CHECK(first() == "chain 8");
  }
  SUBCASE("the whole table") {
    elsewhere("DROP TABLE chain");
    CHECK(first() == "chain 1");
  }
}

TEST_CASE_FIXTURE(Fixture, "a later change by the program does not hide what another program did before") {
  fill();
  elsewhere("UPDATE decisions SET reason = 'forged' WHERE id = 1");
  log.note_over_budget({1});
  CHECK(first() == "decisions 1");
  CHECK(chain.verify().first->what == "was changed by another program before its next change");
  CHECK(chain.verify().problems == 1);
}

TEST_CASE_FIXTURE(Fixture, "a head that was kept shows what was removed at the end") {
  decide();
  const auto old = chain.head();
  fill();
  const auto head = chain.head();
  CHECK(head.entries > old.entries);
  CHECK_FALSE(chain.missing(old));
  CHECK_FALSE(chain.missing(head));
  CHECK_FALSE(chain.missing({0, std::string(64, '0')}));
  elsewhere("DELETE FROM chain WHERE about = 'verdicts'; DELETE FROM verdicts");
  CHECK(first().empty());
  REQUIRE(chain.missing(head));
  CHECK(chain.missing(head)->id == head.entries);
  CHECK_FALSE(chain.missing(old));
  CHECK(chain.missing({old.entries, std::string(64, '0')})->id == old.entries);
}

TEST_CASE_FIXTURE(Fixture, "a copy verifies, and goes on with its own chain") {
  fill();
  const auto head = chain.head();
  const auto copy = folder.path() / "copy.db";
  store::back_up(db.path(), copy);
  decide();
  store::Database restored(copy);
  CHECK_FALSE(store::ChainCheck(restored).verify().first);
  CHECK(store::ChainCheck(restored).head().hash == head.hash);
  store::DispatchLog(restored).note_over_budget({1});
  CHECK_FALSE(store::ChainCheck(restored).verify().first);
  CHECK(store::ChainCheck(restored).missing(chain.head()));
}

TEST_CASE_FIXTURE(Fixture,
                  "texts that are taken out are named as pruned, and their digests tell nothing any more") {
  fill();
  {
    store::Transaction transaction(db);
    const store::ChainedErasure erasure(db, store::chain_event::kPruned);
    db.handle().exec("UPDATE dispatches SET prompt = '', result = ''");
    transaction.commit();
  }
  log.note_over_budget({1});
  const auto report = chain.verify();
  CHECK_FALSE(report.first);
  CHECK(report.pruned == 1);
  CHECK(db.handle()
            .execAndGet("SELECT count(*) FROM chain WHERE about = 'dispatches' AND salt IS NOT NULL")
            .getInt() == 1);
  CHECK(db.handle().execAndGet("SELECT event FROM chain ORDER BY seq DESC LIMIT 1").getString() == "written");
}

TEST_CASE_FIXTURE(Fixture, "pruning takes the texts of what is old and at rest, and the chain holds") {
  fill();
  const auto waiting = dispatch(project("later"));
  const auto open = decide(DecisionAction::ask);
  const auto old = clock.now() + std::chrono::hours(1);
  clock.advance(std::chrono::hours(2));
  decide(DecisionAction::answer);
  store::LogPruning pruning(db);
  using Mode = store::LogPruning::Mode;
  const auto head = chain.head().entries;
  CHECK(pruning.next(old, {}, Mode::count).rows == 5);
  CHECK(chain.head().entries == head);
  const auto step = pruning.next(old, {}, Mode::prune);
  CHECK(step.rows == 5);  // two decisions, a dispatch, an approval, a verdict
  CHECK_FALSE(step.more);
  CHECK(log.decision({1}).reason.empty());
  CHECK(log.decision({1}).p == 0.6);
  CHECK(log.dispatch({1}).result.empty());
  CHECK(log.dispatch({1}).outcome == store::DispatchOutcome::success);
  CHECK(approvals.get(1).detail.empty());
  CHECK(log.dispatch(waiting).prompt == "do it");
  CHECK(log.decision(open).reason == "because");
  CHECK(log.last_decision(conversation.id)->reason == "because");
  const auto report = chain.verify();
  CHECK_FALSE(report.first);
  CHECK(report.pruned == 5);
  CHECK(pruning.next(old, {}, Mode::prune).rows == 0);
}

TEST_CASE("rows of an older database are taken over by the chain, and a later migration does not break it") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  {
    SQLite::Database old(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store::migrate(old, path.string(), 16);
    old.exec(
        "INSERT INTO people VALUES (1, 'ops', '7', 'Ada', 0);"
        "INSERT INTO conversations(section, chat_id, created_at) VALUES ('ops', 'c-1', 0);"
        "INSERT INTO messages(conversation_id, author, person_id, text, created_at) VALUES (1, 'user', 1, 'Q', 0);"
        "INSERT INTO decisions(message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, layer, cause, "
        "reason, decided_at) SELECT 1, 1, 1, 'answer', 0.5, 0.3, 0.7, 'global', 'policy', value, 0 FROM "
        "json_each('[1,2,3]')");
  }
  store::Database db(path);
  store::ChainCheck chain(db);
  CHECK_FALSE(chain.verify().first);
  CHECK(chain.head().entries == 3);
  db.handle().exec("UPDATE main.messages SET text = ''");  // not covered
  CHECK_FALSE(chain.verify().first);

  SQLite::Database other(path.string(), SQLite::OPEN_READWRITE, 5000);
  other.exec("UPDATE decisions SET p = 0.6 WHERE id = 2");
  store::ChainOverMigrations over(other);
  other.exec(
      "ALTER TABLE decisions ADD COLUMN later INTEGER; ALTER TABLE verdicts ADD COLUMN kind TEXT NOT NULL "
      "DEFAULT 'x'; ALTER TABLE decisions ADD COLUMN weight REAL NOT NULL DEFAULT 1.5");
  over.take_over();
  store::Database again(path);
  const auto report = store::ChainCheck(again).verify();
  CHECK(report.head.entries == 5);
  CHECK(report.problems == 1);
  REQUIRE(report.first);
  CHECK(report.first->id == 2);
}

}  // namespace
