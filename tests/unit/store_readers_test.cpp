#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "store/commit_group.h"
#include "store/conversations.h"
#include "store/snapshot.h"
#include "store/statement.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace {

struct Fixture {
  support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "frontdesk.db";
  support::FakeClock clock;
  base::Notifier notifier;
  store::CommitGroup group{path};
  const int of_the_writer = open_connections();

  /// Each has the write-ahead log open once; the database's file stays open for others when one is closed.
  int open_connections() const {
    const auto log = path.string() + "-wal";
    int count = 0;
    for (const auto& fd : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      count += std::filesystem::read_symlink(fd, gone) == log ? 1 : 0;
    }
    return count;
  }
  int readers() const { return open_connections() - of_the_writer; }
  void write(const std::string& chat) {
    group.write([&](store::Database& db) { store::Conversations(db).open("web", chat, clock.now()); },
                notifier);
  }
};

int chats(store::Database& db) {
  return store::Statement(db, "SELECT count(*) FROM conversations").first<int>().value_or(0);
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "those who read one after the other do it by one connection, and see what is committed") {
  std::vector<store::Database> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back(group);
  }
  for (auto& db : threads) {
    const int before = chats(db);
    write(std::to_string(before));
    CHECK(chats(db) == before + 1);
  }
  CHECK(readers() == 1);
}

TEST_CASE_FIXTURE(Fixture, "those who read at once have a connection each, for as long as they read") {
  write("first");
  write("second");
  store::Database one(group), two(group);
  store::Statement rows(one, "SELECT id FROM conversations ORDER BY id");
  REQUIRE(rows.next());
  const auto first = rows.value<int>();
  CHECK(chats(two) == 2);
  CHECK(readers() == 2);
  REQUIRE(rows.next());
  CHECK(rows.value<int>() > first);
  CHECK_FALSE(rows.next());
  {
    const store::Snapshot snapshot(one);
    CHECK(chats(one) == 2);
    write("third");
    CHECK(chats(one) == 2);
    CHECK(chats(two) == 3);
  }
  CHECK(chats(one) == 3);
  CHECK(readers() == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "a connection by which something failed, or that somebody holds, is nobody else's") {
  store::Database other(group);
  {
    store::Database failing(group);
    CHECK_THROWS_AS(store::Statement(failing, "SELECT abs(-9223372036854775807 - 1)").first<int>(),
                    SQLite::Exception);
    CHECK(chats(other) == 0);
    CHECK(readers() == 2);
  }
  CHECK(readers() == 1);
  {
    store::Database holding(group);
    auto& handle = holding.handle();
    handle.exec("BEGIN");
    CHECK(handle.execAndGet("SELECT count(*) FROM conversations").getInt() == 0);
    write("first");
    CHECK(chats(other) == 1);
    CHECK(chats(holding) == 0);
    CHECK(&holding.handle() == &handle);
  }
  store::Database later(group);
  CHECK(chats(later) == 1);
  CHECK(readers() == 1);
}

TEST_CASE_FIXTURE(Fixture, "no more connections are kept than are read by now and then") {
  {
    std::vector<store::Database> threads;
    for (int i = 0; i < 20; ++i) {
      threads.emplace_back(group);
    }
    std::vector<std::unique_ptr<store::Statement>> reading;
    for (auto& db : threads) {
      reading.push_back(std::make_unique<store::Statement>(db, "SELECT 1"));
      REQUIRE(reading.back()->next());
    }
    CHECK(readers() == 20);
  }
  CHECK(readers() <= 6);
}
