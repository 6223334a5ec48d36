// The checks of the schema cost little, and still check.
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "store/database.h"
#include "tests/support/temporary_folder.h"

namespace {

struct Fixture {
  support::TemporaryFolder folder;
  store::Database db{folder.path() / "frontdesk.db"};

  int trees(const std::string& sql) {
    int trees = 0;
    SQLite::Statement program(db.handle(), "EXPLAIN " + sql);
    while (program.executeStep()) {
      trees += program.getColumn(1).getString() == "OpenEphemeral" ? 1 : 0;
    }
    return trees;
  }
};

TEST_CASE_FIXTURE(Fixture, "no row that a turn writes makes SQLite build a tree for a check") {
  // Without the triggers, which look into other tables.
  std::vector<std::string> triggers;
  SQLite::Statement named(db.handle(), "SELECT name FROM sqlite_schema WHERE type = 'trigger'");
  while (named.executeStep()) {
    triggers.push_back(named.getColumn(0).getString());
  }
  named.reset();
  for (const auto& name : triggers) {
    db.handle().exec("DROP TRIGGER " + name);
  }
  for (const char* const table : {"inbound_ids", "messages", "jobs", "decisions", "judgements", "ledger",
                                  "buttons", "outbox", "chain", "pieces"}) {
    CAPTURE(table);
    CHECK(trees(std::string("INSERT INTO ") + table + " DEFAULT VALUES") == 0);
  }
  CHECK(trees("UPDATE outbox SET state = 'attempted' WHERE id = 1") == 0);
}

TEST_CASE_FIXTURE(Fixture, "what no state says is refused, as before") {
  auto& sqlite = db.handle();
  sqlite.exec("PRAGMA foreign_keys = OFF");
  const auto refused = [&](const std::string& sql) {
    CAPTURE(sql);
    CHECK_THROWS_WITH_AS(sqlite.exec(sql), doctest::Contains("CHECK constraint failed"), SQLite::Exception);
  };
  const std::string button =
      "INSERT INTO buttons(id, message_id, position, kind, ref, label) VALUES ('b', 1, 0, ";
  refused(button + "'nonsense', 1, '')");
  sqlite.exec(button + "'retry', 1, '')");
  const std::string outbox =
      "INSERT INTO outbox(key, conversation_id, message_id, kind, body, created_at, state) VALUES "
      "('k', 1, 1, 'message', '{}', 0, ";
  refused(outbox + "'sent')");
  sqlite.exec(outbox + "'dead')");
  const std::string decision =
      "INSERT INTO decisions(message_id, conversation_id, person_id, p, ask_at, dispatch_at, layer, cause, "
      "reason, decided_at, action, question, became) VALUES (1, 1, 1, 0.5, 0.3, 0.7, '', '', '', 0, ";
  refused(decision + "'run', NULL, NULL)");
  refused(decision + "'ask', 'maybe', NULL)");
  refused(decision + "'answer', NULL, 'done')");
  refused(
      "INSERT INTO ledger(at, purpose, provider, model, input_tokens, cache_read_tokens, "
      "cache_write_tokens, output_tokens, usd) VALUES (0, 'fun', '', '', 0, 0, 0, 0, 0)");
  refused("INSERT INTO chain(about, row_id, event, digest, hash) VALUES ('jobs', 1, 'written', '', '')");
  refused("INSERT INTO chain(about, row_id, event, digest, hash) VALUES ('changes', 1, 'new', '', '')");
  refused("INSERT INTO pieces(message_id, position, state, attempted_at) VALUES (1, 0, 'gone', 0)");
}

}  // namespace
