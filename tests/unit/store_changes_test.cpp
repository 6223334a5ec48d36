// What people changed in the console: kept for ever, and part of the log's hash chain.
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "store/chain.h"
#include "store/chain_check.h"
#include "store/changes.h"
#include "store/migrations.h"
#include "tests/support/store_fixture.h"

namespace {

struct Fixture : support::StoreFixture {
  store::Changes changes{db};

  store::Change change(const std::string& what) {
    return {.at = clock.now(),
            .by = "ada",
            .role = "operator",
            .what = what,
            .scope = "global",
            .before = R"({"ask_at":0.35})",
            .after = R"({"ask_at":0.4})",
            .reason = "too eager"};
  }
};

TEST_CASE_FIXTURE(Fixture, "a change is told as it was stored, the newest first") {
  CHECK(changes.newest(10).empty());
  for (const char* what : {"routing.set", "person.role", "delivery.arrived"}) {
    changes.add(change(what));
  }
  const auto newest = changes.newest(2);
  REQUIRE(newest.size() == 2);
  CHECK(newest.at(0).what == "delivery.arrived");
  CHECK(newest.at(1).what == "person.role");
  const auto older = changes.newest(2, newest.at(1).id);
  REQUIRE(older.size() == 1);
  const auto& oldest = older.front();
  CHECK(oldest.what == "routing.set");
  CHECK(oldest.at == clock.now());
  CHECK(oldest.by == "ada");
  CHECK(oldest.role == "operator");
  CHECK(oldest.scope == "global");
  CHECK(oldest.before == R"({"ask_at":0.35})");
  CHECK(oldest.after == R"({"ask_at":0.4})");
  CHECK(oldest.reason == "too eager");
}

TEST_CASE_FIXTURE(Fixture,
                  "a change is covered by the chain, and goes with the transaction of what it tells of") {
  {
    const store::Transaction undone(db);
    changes.add(change("routing.set"));
  }
  CHECK(changes.newest(10).empty());
  changes.add(change("routing.set"));
  changes.add(change("person.role"));
  store::ChainCheck chain(db);
  CHECK_FALSE(chain.verify().first);
  CHECK(chain.verify().rows.at("changes") == 2);
  SQLite::Database elsewhere(db.path().string(), SQLite::OPEN_READWRITE, 5000);
  SUBCASE("rewritten") {
    elsewhere.exec("UPDATE changes SET changed_by = 'eve' WHERE id = 2");
  }
  SUBCASE("removed") {
    elsewhere.exec("DELETE FROM changes WHERE id = 2");
  }
  const auto first = chain.verify().first;
  REQUIRE(first);
  CHECK(first->table == "changes");
  CHECK(first->id == 2);
}

TEST_CASE("the chain of a database from before the log of changes still holds, and goes on") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  std::string head;
  {
    SQLite::Database old(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store::migrate(old, path.string(), 21);
    REQUIRE_FALSE(old.tableExists("changes"));
    store::attach_chain(old);
    old.exec(
        "INSERT INTO people VALUES (1, 'ops', '7', 'Ada', 0);"
        "INSERT INTO conversations(section, chat_id, created_at) VALUES ('ops', 'c-1', 0);"
        "INSERT INTO messages(conversation_id, author, person_id, text, created_at) VALUES (1, 'user', 1, 'Q', 0);"
        "INSERT INTO decisions(message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, layer, cause, "
        "reason, decided_at) SELECT 1, 1, 1, 'answer', 0.5, 0.3, 0.7, 'global', 'policy', value, 0 FROM "
        "json_each('[1,2,3]')");
    old.exec("UPDATE decisions SET became = 'failed' WHERE id = 2");
    head = old.execAndGet("SELECT lower(hex(hash)) FROM chain ORDER BY seq DESC LIMIT 1").getString();
    store::detach_chain(old);
  }
  store::Database db(path);
  store::ChainCheck chain(db);
  CHECK_FALSE(chain.verify().first);
  CHECK_FALSE(chain.missing({4, head}));
  store::Changes(db).add({.at = {}, .by = "ada", .role = "admin", .what = "routing.set"});
  CHECK(chain.head().entries >= 5);
  CHECK_FALSE(chain.verify().first);
}

}  // namespace
