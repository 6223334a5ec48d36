// Calls of tools in the hash chain of the log.
#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "store/chain_check.h"
#include "store/erasure.h"
#include "store/log_pruning.h"
#include "store/migrations.h"
#include "store/retention.h"
#include "store/tool_calls.h"
#include "tests/support/store_fixture.h"

namespace {

using State = store::ToolCallState;

struct Fixture : support::StoreFixture {
  store::ToolCalls calls{db};
  store::ChainCheck chain{db};

  /// One that the person was asked about.
  std::int64_t ask() {
    store::ToolCallRecord record;
    record.message = say("delete it");
    record.conversation = conversation.id;
    record.person = person.id;
    record.server = "mail";
    record.tool = "delete_email";
    record.arguments = R"({"id":"7"})";
    record.hash = "abc";
    record.expires = clock.now() + std::chrono::hours(1);
    const auto id = calls.add(record, clock.now());
    calls.set_shown(id, record.message);
    return id;
  }
  std::int64_t done() {
    const auto id = ask();
    calls.begin(id, person.id, clock.now());
    calls.end(id, State::done, "Deleted.", clock.now(), R"({"tool":"get_email"})");
    return id;
  }
  void elsewhere(const std::string& sql) {
    SQLite::Database(db.path().string(), SQLite::OPEN_READWRITE, 5000).exec(sql);
  }
  std::string first() {
    const auto report = chain.verify();
    return report.first ? report.first->table + " " + std::to_string(report.first->id) : "";
  }
  int salts() { return db.handle().execAndGet("SELECT count(*) FROM chain WHERE salt IS NOT NULL").getInt(); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a call that is asked about is an entry of the chain at each of its steps") {
  done();
  calls.settle(ask(), State::refused, clock.now(), {person.id, "not that one"});
  const auto report = chain.verify();
  CHECK_FALSE(report.first);
  CHECK(report.rows.at("tool_calls") == 2);
  CHECK(report.head.entries == 4 + 3);  // asked, shown, begun, ended; asked, shown, refused
  CHECK(report.before.empty());
}

TEST_CASE_FIXTURE(Fixture, "who said what to a call, when, and what came of it cannot be changed unseen") {
  const auto id = done();
  SUBCASE("what was said") {
    elsewhere("UPDATE tool_calls SET state = 'refused'");
  }
  SUBCASE("by whom") {
    elsewhere("UPDATE tool_calls SET settled_by = NULL");
  }
  SUBCASE("when") {
    elsewhere("UPDATE tool_calls SET begun_at = begun_at - 1");
  }
  SUBCASE("what was asked") {
    elsewhere("UPDATE tool_calls SET arguments = '{\"id\":\"8\"}'");
  }
  SUBCASE("what was read back") {
    elsewhere("UPDATE tool_calls SET read_back = ''");
  }
  SUBCASE("the whole row") {
    elsewhere("DELETE FROM tool_calls");
  }
  CHECK(first() == "tool_calls " + std::to_string(id));
}

TEST_CASE_FIXTURE(Fixture,
                  "the chain holds when a person is erased, and nobody can try guesses on what is left") {
  const auto id = done();
  const auto other = store::People(db).remember("web", "u-2", "Ben", clock.now());
  calls.settle(ask(), State::refused, clock.now(), {other.id, "because I am Ben"});
  store::Erasure(db).erase(other.id, clock.now());
  CHECK(calls.find(id + 1)->comment.empty());
  CHECK(calls.find(id)->result == "Deleted.");
  CHECK(first().empty());
  store::Erasure(db).erase(person.id, clock.now());
  const auto call = calls.find(id).value();
  CHECK(call.arguments == "{}");
  CHECK(call.hash.empty());
  CHECK(call.by == person.id);
  CHECK(call.state == State::done);
  const auto report = chain.verify();
  CHECK_FALSE(report.first);
  CHECK(report.erased >= 2);
  CHECK(salts() == 2);  // of the last entry of each
}

TEST_CASE_FIXTURE(Fixture, "the chain holds when words go by their age") {
  const auto id = done();
  std::string event;
  SUBCASE("with their message") {
    store::Transaction transaction(db);
    store::Retention(db).empty(calls.find(id)->message, clock.now());
    transaction.commit();
  }
  SUBCASE("with their decision") {
    auto record = decision(calls.find(id)->message, conversation, person, store::DecisionAction::answer);
    store::DispatchLog(db).add_decision(record, clock.now());
    store::LogPruning(db).next(clock.now() + std::chrono::hours(1), {}, store::LogPruning::Mode::prune);
  }
  CHECK(calls.find(id)->result.empty());
  const auto report = chain.verify();
  CHECK_FALSE(report.first);
  CHECK(report.pruned >= 1);
  CHECK(db.handle()
            .execAndGet("SELECT count(*) FROM chain WHERE about = 'tool_calls' AND salt IS NOT NULL")
            .getInt() == 1);
}

TEST_CASE("calls of an older database are taken over as they are, and the report says from where on") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  {
    SQLite::Database old(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store::migrate(old, path.string(), 35);
    old.exec(
        "INSERT INTO people(id, section, user_id, name, first_seen) VALUES (1, 'ops', '7', 'Ada', 0);"
        "INSERT INTO conversations(section, chat_id, created_at) VALUES ('ops', 'c-1', 0);"
        "INSERT INTO messages(conversation_id, author, person_id, text, created_at) VALUES (1, 'user', 1, 'Q', 0);"
        "INSERT INTO tool_calls(message_id, conversation_id, person_id, server, tool, arguments, hash, only_reads, "
        "state, result, made_at) SELECT 1, 1, 1, 'mail', 'send', '{}', 'h', 0, 'done', value, 0 FROM "
        "json_each('[1,2,3]')");
  }
  store::Database db(path);
  store::ChainCheck chain(db);
  auto report = chain.verify();
  CHECK_FALSE(report.first);
  CHECK(report.rows.at("tool_calls") == 3);
  CHECK(report.before.at("tool_calls").rows == 3);
  CHECK(report.before.at("tool_calls").entry == 1);
  db.handle().exec("UPDATE tool_calls SET comment = 'seen' WHERE id = 1");
  CHECK(chain.verify().before.at("tool_calls").rows == 3);
  SQLite::Database(path.string(), SQLite::OPEN_READWRITE, 5000)
      .exec("UPDATE tool_calls SET result = 'x' WHERE id = 2");
  report = chain.verify();
  REQUIRE(report.first);
  CHECK(report.first->id == 2);
}
