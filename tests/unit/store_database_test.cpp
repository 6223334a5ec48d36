#include <atomic>
#include <thread>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/notifier.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/job_queue.h"
#include "store/ledger.h"
#include "store/log_view.h"
#include "store/migrations.h"
#include "store/people.h"
#include "store/serve_lock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace {

/// Offset 60 of a SQLite file is user_version, big-endian (https://sqlite.org/fileformat.html, 1.3).
std::string with_user_version(std::string bytes, unsigned version) {
  for (int i = 0; i < 4; ++i) {
    bytes.at(60 + static_cast<std::size_t>(i)) = static_cast<char>(version >> (24 - 8 * i));
  }
  return bytes;
}

TEST_CASE("a new database and its folder are made when it is opened") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "a/b/frontdesk.db";
  store::Database db(path);
  CHECK(std::filesystem::exists(path));
  CHECK(db.path() == path);
  CHECK(!store::Conversations(db).find("web", "c-1"));
}

TEST_CASE("a database keeps its rows when it is opened again") {
  const support::TemporaryFolder folder;
  const support::FakeClock clock;
  const auto path = folder.path() / "frontdesk.db";
  {
    store::Database db(path);
    store::Conversations(db).open("web", "c-1", clock.now());
  }
  store::Database db(path);
  CHECK(store::Conversations(db).find("web", "c-1"));
}

TEST_CASE("a database of the first schema is brought up to date and keeps its rows") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  {
    SQLite::Database old(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store::migrate(old, path.string(), 1);
    REQUIRE(old.execAndGet("PRAGMA user_version").getInt() == 1);
    old.exec(
        "INSERT INTO people VALUES (1, 'tg', '7', 'Ada', 0, 5000, NULL), (2, 'tg', '8', 'Eve', 0, NULL, "
        "6000),"
        " (3, 'tg', '9', 'Bob', 0, NULL, NULL);"
        "INSERT INTO pairing_codes VALUES ('hash', 2, 9000);"
        "INSERT INTO conversations VALUES (1, 'tg', 'c-1', 0, 0);"
        "INSERT INTO messages(id, conversation_id, author, text, created_at) VALUES (1, 1, 'assistant', 'Q', "
        "0);"
        "INSERT INTO buttons VALUES ('b-1', 1, 0, 'allow', 4, 'Allow once', 1), ('b-2', 1, 1, 'deny', 4, "
        "'Deny', "
        "0)");
  }
  store::Database db(path);
  CHECK(db.handle().execAndGet("PRAGMA user_version").getInt() == store::schema_version());
  CHECK(db.handle().execAndGet("SELECT count(joined_id) FROM dispatches").getInt() == 0);
  const auto conversation = store::Conversations(db).find("tg", "c-1");
  REQUIRE(conversation);
  CHECK_FALSE(conversation->in_group);
  store::People people(db);
  CHECK(people.is_admitted({1}, store::kDirect));
  CHECK_FALSE(people.is_admitted({1}, "c-1"));
  CHECK_FALSE(people.is_admitted({2}, store::kDirect));
  CHECK_FALSE(people.is_admitted({3}, store::kDirect));
  CHECK_FALSE(people.note_refusal({2}, store::kDirect, base::from_unix_ms(6500), base::from_unix_ms(5500)));
  CHECK(db.handle().execAndGet("SELECT place FROM pairing_requests").getString() == store::kDirect);
  const auto shown = store::Conversations(db).find_button("b-1");
  REQUIRE(shown);
  CHECK(shown->shown);
  CHECK(shown->button.kind == store::ButtonKind::allow);
  CHECK(shown->button.ref == 4);
  CHECK(shown->button.label == "Allow once");
  const auto old_button = store::Conversations(db).find_button("b-2");
  REQUIRE(old_button);
  CHECK_FALSE(old_button->shown);
}

TEST_CASE("threads of an older database are told from other chats with a slash") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  {
    SQLite::Database old(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store::migrate(old, path.string(), 3);
    old.exec(
        "INSERT INTO conversations(section, chat_id, created_at, in_group) VALUES ('team', 'C1/7', 0, 1), "
        "('team', 'C1', 0, 1), ('ops', 'room/7', 0, 0)");
  }
  store::Database db(path);
  store::Conversations conversations(db);
  CHECK(conversations.find("team", "C1/7")->room == "C1");
  CHECK(conversations.find("team", "C1")->room == "C1");
  CHECK(conversations.find("ops", "room/7")->room == "room/7");
}

TEST_CASE("calls of a database that knew no decision's costs are kept, and charged to none") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  {
    SQLite::Database old(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store::migrate(old, path.string(), 6);
    old.exec(
        "INSERT INTO ledger(at, purpose, provider, model, input_tokens, cache_read_tokens, "
        "cache_write_tokens, output_tokens, usd) VALUES (5, 'secretary', 'anthropic', 'm', 1, 0, 0, 1, 0.25)");
  }
  store::Database db(path);
  CHECK(store::Ledger(db).spent_since({}) == doctest::Approx(0.25));
  CHECK(db.handle().execAndGet("SELECT count(decision_id) FROM ledger").getInt() == 0);
}

TEST_CASE("an older log that called failures answered is put right, and its runs have one leg each") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  {
    SQLite::Database old(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store::migrate(old, path.string(), 7);
    old.exec(
        "INSERT INTO people VALUES (1, 'ops', '7', 'Ada', 0);"
        "INSERT INTO conversations(section, chat_id, created_at) VALUES ('ops', 'c-1', 0);"
        "INSERT INTO messages(conversation_id, author, person_id, text, created_at) VALUES (1, 'user', 1, 'Q', 0);"
        "INSERT INTO projects VALUES (1, 'site', 1, '', 0, 0)");
    for (const char* cause : {"rule:model-error", "rule:budget", "rule:declined", "policy"}) {
      old.exec(
          "INSERT INTO decisions(message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, layer, "
          "cause, reason, decided_at) VALUES (1, 1, 1, 'answer', 0.5, 0.3, 0.7, 'global', '" +
          std::string(cause) + "', '', 0)");
    }
    old.exec(
        "INSERT INTO dispatches(decision_id, conversation_id, person_id, project_id, action, prompt, specialist, "
        "state, session_id, resumes_session, record, created_at, started_at) VALUES (4, 1, 1, 1, 'run', 'p', "
        "'claude-code', 'running', 's', 0, 'r-1', 0, 5)");
  }
  store::Database db(path);
  std::string outcomes;
  for (const auto& row : store::LogView(db).rows({})) {
    outcomes += row.outcome + " ";
  }
  CHECK(outcomes == "running declined over_budget failed ");
  const auto legs = store::DispatchLog(db).legs({1});
  REQUIRE(legs.size() == 1);
  CHECK(legs[0].record == "r-1");
  CHECK(legs[0].started == base::from_unix_ms(5));
  CHECK_FALSE(legs[0].ended);
}

TEST_CASE("buttons of a database that knew no raise keep what they do") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  {
    SQLite::Database old(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store::migrate(old, path.string(), 9);
    old.exec(
        "INSERT INTO conversations(section, chat_id, created_at) VALUES ('tg', 'c-1', 0);"
        "INSERT INTO messages(conversation_id, author, text, created_at) VALUES (1, 'assistant', 'Q', 0);"
        "INSERT INTO buttons VALUES ('b-1', 1, 0, 'file', 4, 'Send a.txt', 1), ('b-2', 1, 1, 'no', 5, 'No', 0)");
  }
  store::Database db(path);
  store::Conversations conversations(db);
  const auto shown = conversations.buttons({1});
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].kind == store::ButtonKind::file);
  CHECK(conversations.find_button("b-2")->button.ref == 5);
  CHECK(conversations.message_with_button(store::ButtonKind::file, 4));
  CHECK_FALSE(store::Ledger(db).last_raise("day"));
}

TEST_CASE("turns that wait in an older database belong to whoever wrote") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  {
    SQLite::Database old(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    store::migrate(old, path.string(), 10);
    old.exec(
        "INSERT INTO people VALUES (7, 'ops', '7', 'Ada', 0);"
        "INSERT INTO conversations(section, chat_id, created_at) VALUES ('ops', 'c-1', 0);"
        "INSERT INTO messages(id, conversation_id, author, person_id, text, created_at) VALUES (3, 1, 'user', 7, 'Q', 0);"
        "INSERT INTO jobs(kind, lane, ref, created_at) VALUES ('turn', 1, 3, 0), ('deliver:ops', 1, 3, 0)");
  }
  store::Database db(path);
  store::JobQueue queue(db);
  const auto now = base::from_unix_ms(10);
  CHECK(queue.claim("turn", now, store::JobQueue::Order::shared_out)->owner == 7);
  CHECK(queue.claim("deliver:ops", now)->owner == 0);
}

TEST_CASE("a database that a newer version wrote is refused and keeps every byte") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  { store::Database db(path); }
  const auto newer = with_user_version(base::read_file(path), 999);
  base::write_file_atomically(path, newer);
  CHECK_THROWS_WITH_AS(store::Database{path}, doctest::Contains("schema 999"), base::ConfigError);
  CHECK_THROWS_WITH_AS(store::Database{path}, doctest::Contains(path.c_str()), base::ConfigError);
  CHECK(base::read_file(path) == newer);
}

TEST_CASE("a file that is no database is refused as a configuration error and keeps every byte") {
  const support::TemporaryFolder folder;
  const std::string garbage = "this is not a database, but somebody's notes\n" + std::string(4096, 'x');
  const auto path = folder.write("notes.txt", garbage);
  CHECK_THROWS_WITH_AS(store::Database{path}, doctest::Contains("cannot be read as a database"),
                       base::ConfigError);
  CHECK(base::read_file(path) == garbage);
}

TEST_CASE("threaded: several threads may open a new database at the same moment") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  std::atomic<int> failed = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      try {
        store::Database db(path);
        store::Conversations(db).find("web", "c-1");
      } catch (const std::exception& e) {
        ++failed;
        MESSAGE(e.what());
      }
    });
  }
  threads.clear();
  CHECK(failed == 0);
}

TEST_CASE("a transaction that is not committed leaves nothing behind") {
  const support::TemporaryFolder folder;
  const support::FakeClock clock;
  store::Database db(folder.path() / "frontdesk.db");
  store::Conversations conversations(db);
  {
    store::Transaction transaction(db);
    conversations.open("web", "gone", clock.now());
  }
  CHECK_FALSE(conversations.find("web", "gone"));
  {
    store::Transaction transaction(db);
    conversations.open("web", "kept", clock.now());
    transaction.commit();
  }
  CHECK(conversations.find("web", "kept"));
}

TEST_CASE("an exception rolls the transaction back, and the next one works") {
  const support::TemporaryFolder folder;
  const support::FakeClock clock;
  store::Database db(folder.path() / "frontdesk.db");
  store::Conversations conversations(db);
  const auto fail = [&] {
    store::Transaction transaction(db);
    conversations.open("web", "gone", clock.now());
    throw base::TransientError("for the test");
  };
  CHECK_THROWS_AS(fail(), base::TransientError);
  CHECK_FALSE(conversations.find("web", "gone"));
  store::Transaction transaction(db);
  conversations.open("web", "kept", clock.now());
  transaction.commit();
  CHECK(conversations.find("web", "kept"));
}

TEST_CASE("what was committed can be read over a second connection") {
  const support::TemporaryFolder folder;
  const support::FakeClock clock;
  store::Database first(folder.path() / "frontdesk.db");
  store::Database second(folder.path() / "frontdesk.db");
  {
    store::Transaction transaction(first);
    store::Conversations(first).open("web", "c-1", clock.now());
    CHECK_FALSE(store::Conversations(second).find("web", "c-1"));
    transaction.commit();
  }
  CHECK(store::Conversations(second).find("web", "c-1"));
}

TEST_CASE("the database and its log are nobody else's to read") {
  const support::TemporaryFolder folder;
  store::Database db(folder.path() / "frontdesk.db");
  db.probe_write(support::FakeClock().now());
  for (const char* name : {"frontdesk.db", "frontdesk.db-wal"}) {
    const auto permissions = std::filesystem::status(folder.path() / name).permissions();
    CHECK((permissions & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
          std::filesystem::perms::none);
  }
}

TEST_CASE("a second serve lock on a database throws and names the holder") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "new/frontdesk.db";
  {
    const store::ServeLock lock(path);
    const auto holder = "process " + std::to_string(::getpid());
    CHECK_THROWS_WITH_AS(store::ServeLock{path}, doctest::Contains(holder.c_str()), base::ConfigError);
    CHECK_THROWS_WITH_AS(store::ServeLock{path}, doctest::Contains(path.c_str()), base::ConfigError);
    const store::ServeLock other(folder.path() / "other.db");
  }
  CHECK_NOTHROW(store::ServeLock{path});
}

TEST_CASE("no other name of a database lets a second serve in") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  {
    const store::ServeLock lock(path);
    std::filesystem::create_symlink(path, folder.path() / "link.db");
    std::filesystem::create_directory_symlink(folder.path(), folder.path() / "also");
    for (const char* name : {"link.db", "also/frontdesk.db", "also/link.db", "x/../frontdesk.db"}) {
      CHECK_THROWS_WITH_AS(store::ServeLock{folder.path() / name}, doctest::Contains("already served"),
                           base::ConfigError);
    }
  }
  std::filesystem::create_hard_link(path, folder.path() / "hard.db");
  for (const char* name : {"hard.db", "frontdesk.db", "link.db"}) {
    CHECK_THROWS_WITH_AS(store::ServeLock{folder.path() / name}, doctest::Contains("2 names"),
                         base::ConfigError);
  }
  std::filesystem::remove(folder.path() / "hard.db");
  CHECK_NOTHROW(store::ServeLock{folder.path() / "link.db"});
}

TEST_CASE("who takes the lock's file away gets no second serve, and a copy of the database is another one") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    new store::ServeLock(path);
    ::write(ready[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char mark = 0;
  REQUIRE(::read(ready[0], &mark, 1) == 1);
  std::filesystem::remove(path.string() + ".lock");
  CHECK_THROWS_WITH_AS(store::ServeLock{path}, doctest::Contains("already served"), base::ConfigError);
  // Nor who gives it another name, beside which there is no lock.
  std::filesystem::rename(path, folder.path() / "moved.db");
  CHECK_THROWS_WITH_AS(store::ServeLock{folder.path() / "moved.db"}, doctest::Contains("another process"),
                       base::ConfigError);
  std::filesystem::rename(folder.path() / "moved.db", path);
  {
    store::Database db(path);
    db.handle().exec("VACUUM INTO '" + (folder.path() / "copy.db").string() + "'");
  }
  CHECK_NOTHROW(store::ServeLock{folder.path() / "copy.db"});
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  CHECK_NOTHROW(store::ServeLock{path});
}

TEST_CASE("the serve lock of a process goes with the process") {
  const support::TemporaryFolder folder;
  const auto path = folder.path() / "frontdesk.db";
  const pid_t child = ::fork();
  if (child == 0) {
    new store::ServeLock(path);  // never given back: the kernel does it
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK_NOTHROW(store::ServeLock{path});
}

TEST_CASE("the database's path is relative to the folder of the configuration") {
  CHECK(store::database_path("sqlite:frontdesk.db", "/srv/bot") == "/srv/bot/frontdesk.db");
  CHECK(store::database_path("sqlite:../x.db", "/srv/bot") == "/srv/x.db");
  CHECK(store::database_path("sqlite:/var/lib/x.db", "/srv/bot") == "/var/lib/x.db");
  CHECK(store::database_path("sqlite:~/x.db", "/srv/bot") == base::home_directory() / "x.db");
  for (const char* url : {"", "frontdesk.db", "sqlite:", "postgres://host/db"}) {
    CAPTURE(std::string(url));
    CHECK_THROWS_WITH_AS(store::database_path(url, "/srv/bot"), doctest::Contains("sqlite:PATH"),
                         base::ConfigError);
  }
}

TEST_CASE("a transaction rings after its commit, when everybody can see the row") {
  const support::TemporaryFolder folder;
  const support::FakeClock clock;
  const auto path = folder.path() / "frontdesk.db";
  store::Database db(path);
  base::Notifier notifier;
  const auto seen = notifier.count("turn");
  std::atomic<bool> saw_row = false;
  std::jthread reader([&] {
    store::Database other(path);
    if (notifier.wait("turn", seen, std::chrono::seconds(10), {}) != seen) {
      saw_row = store::Conversations(other).find("web", "c-1").has_value();
    }
  });
  {
    store::Transaction transaction(db, notifier);
    store::Conversations(db).open("web", "c-1", clock.now());
    store::JobQueue(db).enqueue("turn", 1, 1, clock.now());
    CHECK(notifier.count("turn") == seen);
    transaction.commit();
    CHECK(notifier.count("turn") == seen + 1);
  }
  reader.join();
  CHECK(saw_row);
  CHECK(notifier.count("turn") == seen + 1);
}

TEST_CASE("a transaction that is rolled back or cannot commit rings nothing") {
  const support::TemporaryFolder folder;
  const support::FakeClock clock;
  store::Database db(folder.path() / "frontdesk.db");
  base::Notifier notifier;
  const auto seen = notifier.count("turn");
  {
    store::Transaction transaction(db, notifier);
    store::Conversations(db).open("web", "c-1", clock.now());
    store::JobQueue(db).enqueue("turn", 1, 1, clock.now());
  }
  CHECK(notifier.count("turn") == seen);
  {
    store::Transaction transaction(db, notifier);
    store::Conversations(db).open("web", "c-1", clock.now());
    store::JobQueue(db).enqueue("turn", 1, 1, clock.now());
    // What a row refers to is looked for at the commit, and is not there.
    db.handle().exec("PRAGMA defer_foreign_keys = ON");
    db.handle().exec(
        "INSERT INTO pairing_requests(code_hash, person_id, place, expires_at) VALUES ('h', 999, 'direct', 0)");
    CHECK_THROWS_AS(transaction.commit(), std::runtime_error);
  }
  CHECK(notifier.count("turn") == seen);
  CHECK_FALSE(store::Conversations(db).find("web", "c-1"));
}

}  // namespace
