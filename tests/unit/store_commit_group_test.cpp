#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "store/commit_group.h"
#include "store/connection.h"
#include "store/conversations.h"
#include "store/job_queue.h"
#include "store/statement.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace {

using std::chrono::milliseconds;

struct Fixture {
  support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "frontdesk.db";
  support::FakeClock clock;
  base::Notifier notifier;
  store::CommitGroup group{path};

  void open(store::Database& db, const std::string& chat) {
    store::Conversations(db).open("web", chat, clock.now());
  }
  /// Seen by a connection that knows nothing of the group: it is committed.
  bool is_committed(const std::string& chat) {
    store::Database other(path);
    return store::Conversations(other).find("web", chat).has_value();
  }
  void write(const std::string& chat) {
    group.write([&](store::Database& db) { open(db, chat); }, notifier);
  }
};

/// Holds the turn of writers until it is let go, so that others line up behind it.
class Holder {
 public:
  explicit Holder(Fixture& fixture)
      : thread_([this, &fixture] {
          fixture.group.write(
              [this](store::Database&) {
                held_ = true;
                held_.notify_all();
                go_.wait(false);
              },
              fixture.notifier);
        }) {
    held_.wait(false);
  }
  ~Holder() { let_go(); }
  void let_go() {
    go_ = true;
    go_.notify_all();
  }

 private:
  std::atomic<bool> held_ = false;
  std::atomic<bool> go_ = false;
  std::jthread thread_;
};

TEST_CASE_FIXTURE(Fixture, "threaded: what a writer of the group wrote is committed when it returns") {
  std::atomic<int> missing = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 15; ++i) {
          const auto chat = std::to_string(t) + "-" + std::to_string(i);
          write(chat);
          missing += is_committed(chat) ? 0 : 1;
        }
      });
    }
  }
  CHECK(missing == 0);
  CHECK(group.counts().writes == 120);
}

TEST_CASE_FIXTURE(Fixture, "threaded: those who wait together share a commit") {
  std::vector<std::jthread> threads;
  {
    Holder holder(*this);
    for (int t = 0; t < 10; ++t) {
      threads.emplace_back([&, t] { write(std::to_string(t)); });
    }
    std::this_thread::sleep_for(milliseconds(200));
    CHECK_FALSE(is_committed("0"));
  }
  threads.clear();
  CHECK(is_committed("0"));
  CHECK(is_committed("9"));
  CHECK(group.counts().writes == 11);
  CHECK(group.counts().commits < 6);
}

TEST_CASE_FIXTURE(Fixture, "threaded: one that fails takes no other along, and only its own rows are gone") {
  std::atomic<int> failed = 0;
  std::vector<std::jthread> threads;
  {
    Holder holder(*this);
    for (int t = 0; t < 9; ++t) {
      threads.emplace_back([&, t] {
        try {
          group.write(
              [&](store::Database& db) {
                open(db, std::to_string(t));
                if (t % 3 == 0) {
                  throw std::runtime_error("not this one");
                }
                if (t % 3 == 1) {  // what SQLite looks for at the commit alone
                  db.handle().exec("PRAGMA defer_foreign_keys = ON");
                  db.handle().exec(
                      "INSERT INTO pairing_requests(code_hash, person_id, place, expires_at) VALUES ('h', 999, 'direct', 0)");
                }
              },
              notifier);
        } catch (const std::exception&) {
          ++failed;
        }
      });
    }
    std::this_thread::sleep_for(milliseconds(100));
  }
  threads.clear();
  CHECK(failed == 6);
  for (int t = 0; t < 9; ++t) {
    CHECK(is_committed(std::to_string(t)) == (t % 3 == 2));
  }
}

TEST_CASE_FIXTURE(
    Fixture, "threaded: a database that another process holds is given up in time, with nothing written") {
  store::Database other(path);
  std::optional<store::Transaction> lock(std::in_place, other);
  std::atomic<int> locked = 0;
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        try {
          group.write([&](store::Database& db) { open(db, std::to_string(t)); }, notifier, milliseconds(300));
        } catch (const SQLite::Exception&) {
          ++locked;
        }
      });
    }
  }
  CHECK(locked == 4);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(8));
  lock.reset();
  CHECK_FALSE(is_committed("0"));
  write("0");
  CHECK(is_committed("0"));
}

TEST_CASE_FIXTURE(Fixture, "one that is alone and fails has written nothing, and the next is kept") {
  CHECK_THROWS_AS(group.write(
                      [&](store::Database& db) {
                        open(db, "gone");
                        throw std::runtime_error("no");
                      },
                      notifier),
                  std::runtime_error);
  write("kept");
  CHECK_FALSE(is_committed("gone"));
  CHECK(is_committed("kept"));
  CHECK(group.counts().writes == 1);
}

TEST_CASE_FIXTURE(Fixture, "a transaction of a database of the group is one of its writers") {
  store::Database db(group);
  {
    store::Transaction transaction(db, notifier);
    open(db, "c-1");
    store::JobQueue(db).enqueue("turn", 1, 1, clock.now());
    CHECK(store::Conversations(db).find("web", "c-1"));
    CHECK_FALSE(is_committed("c-1"));
    CHECK(notifier.count("turn") == 0);
    transaction.commit();
  }
  CHECK(is_committed("c-1"));
  CHECK(notifier.count("turn") == 1);
  {
    store::Transaction transaction(db, notifier);
    open(db, "c-2");
  }
  CHECK_FALSE(store::Conversations(db).find("web", "c-2"));
  open(db, "c-3");  // outside of any
  CHECK(is_committed("c-3"));
  CHECK(store::Conversations(db).find("web", "c-3"));
}

TEST_CASE_FIXTURE(Fixture, "a transaction within a transaction is refused, and the outer one goes on") {
  store::Database db(group);
  store::Transaction transaction(db);
  open(db, "c-1");
  CHECK_THROWS_AS(store::Transaction{db}, std::logic_error);
  transaction.commit();
  CHECK(is_committed("c-1"));
}

TEST_CASE_FIXTURE(Fixture, "threaded: what need not be safe at once is, when the next one's is") {
  store::Database db(group);
  std::jthread other;
  {
    store::Transaction transaction(db, store::Transaction::Promise::soon);
    open(db, "c-1");
    other = std::jthread([&] { write("c-2"); });
    std::this_thread::sleep_for(milliseconds(100));
    transaction.commit();
  }
  other.join();
  CHECK(is_committed("c-1"));
  CHECK(is_committed("c-2"));
  {
    store::Transaction transaction(db, store::Transaction::Promise::soon);
    open(db, "c-3");
    transaction.commit();
  }
  CHECK(is_committed("c-3"));  // nobody else would have done it
}

TEST_CASE_FIXTURE(Fixture, "the id of a new row is that of the own statement") {
  store::Database db(group), second(group);
  const auto mine = store::JobQueue(db).enqueue("turn", 1, 1, clock.now());
  const auto other = store::JobQueue(second).enqueue("turn", 2, 2, clock.now());
  CHECK(other == mine + 1);
  CHECK(db.last_row_id() == mine);
}

TEST_CASE_FIXTURE(Fixture, "a kept statement starts anew: no value and no row of the last time is left") {
  store::Database db(path);
  const std::string sql = "SELECT ?1, ?2";
  {
    store::Statement first(db, sql, std::string("a"), std::string("b"));
    REQUIRE(first.next());
  }
  store::Statement second(db, sql, std::string("c"));
  REQUIRE(second.next());
  CHECK(second.value<std::string>() == "c");
  CHECK_FALSE(second.value<std::optional<std::string>>());
}

TEST_CASE_FIXTURE(Fixture, "a statement within one of the same text is another one") {
  store::Database db(path);
  open(db, "c-1");
  open(db, "c-2");
  const std::string sql = "SELECT chat_id FROM conversations ORDER BY id";
  std::string seen;
  store::Statement outer(db, sql);
  while (outer.next()) {
    store::Statement inner(db, sql);
    while (inner.next()) {
      seen += inner.value<std::string>();
    }
    seen += outer.value<std::string>() + ";";
  }
  CHECK(seen == "c-1c-2c-1;c-1c-2c-2;");
}

TEST_CASE_FIXTURE(Fixture, "a kept statement works again after an error and after a change of the schema") {
  store::Database db(path);
  const std::string sql = "INSERT INTO probes(id, at) VALUES (?, ?)";
  CHECK_THROWS_AS(store::Statement(db, sql, 2, 1).execute(), SQLite::Exception);  // there is one row alone
  CHECK(store::Statement(db, sql, 1, 1).execute() == 1);
  const std::string read = "SELECT at FROM probes";
  CHECK(store::Statement(db, read).first<int>() == 1);
  SQLite::Database(path.string(), SQLite::OPEN_READWRITE).exec("ALTER TABLE probes ADD COLUMN more TEXT");
  CHECK(store::Statement(db, read).first<int>() == 1);
}

TEST_CASE("a connection keeps a bounded number of statements") {
  const support::TemporaryFolder folder;
  store::Connection connection(folder.path() / "frontdesk.db");
  for (int i = 0; i < 2'000; ++i) {
    const auto sql = "SELECT " + std::to_string(i);
    connection.give_back(connection.take(sql));
  }
  CHECK(connection.kept() <= 400);
  CHECK(connection.kept() > 100);
}

}  // namespace
