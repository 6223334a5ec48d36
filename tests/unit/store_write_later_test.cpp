#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "base/guarded.h"
#include "store/commit_group.h"
#include "store/conversations.h"
#include "store/job_queue.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait.h"

namespace {

using std::chrono::milliseconds;

struct Fixture {
  support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "frontdesk.db";
  support::FakeClock clock;
  base::Notifier notifier;
  std::atomic<int> done = 0, failed = 0, not_safe = 0;
  base::Guarded<store::Database> other{path};
  store::CommitGroup group{path};  // ends first, as its thread calls what stands above

  store::CommitGroup::Write opening(const std::string& chat) {
    return [this, chat](store::Database& db) {
      store::Conversations(db).open("web", chat, clock.now());
      if (chat.starts_with("bad")) {
        throw std::runtime_error("not this one");
      }
    };
  }
  /// By one connection that knows nothing of the group: who is told must not keep the others waiting.
  bool is_committed(const std::string& chat) {
    return other.with(
        [&](store::Database& db) { return store::Conversations(db).find("web", chat).has_value(); });
  }
  /// Counts it as done or failed, and whether it was told before it was safe.
  void later(const std::string& chat, milliseconds patience = store::CommitGroup::kPatience) {
    group.write_later(
        opening(chat),
        [this, chat](const std::exception_ptr& error) {
          not_safe += !error && !is_committed(chat) ? 1 : 0;
          ++(error ? failed : done);
        },
        notifier, patience);
  }
  bool all_told(int count) {
    return support::wait_until([&] { return done + failed == count; });
  }
};

TEST_CASE_FIXTURE(Fixture, "threaded: who writes later is told once it is committed, beside those who wait") {
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 25; ++i) {
          const auto chat = std::to_string(t) + "-" + std::to_string(i);
          if (t == 0) {
            group.write(opening(chat), notifier);
            not_safe += is_committed(chat) ? 0 : 1;
          } else {
            later(chat);
          }
        }
      });
    }
  }
  REQUIRE(all_told(75));
  CHECK(failed == 0);
  CHECK(not_safe == 0);
  CHECK(group.counts().writes == 100);
}

TEST_CASE_FIXTURE(Fixture,
                  "threaded: no thread waits, those in line share a commit, and a failure is told to one") {
  std::atomic<bool> held = false;
  std::promise<void> go;
  std::jthread holder([&] {
    group.write(
        [&](store::Database&) {
          held = true;
          go.get_future().wait();
        },
        notifier);
  });
  REQUIRE(support::wait_until([&] { return held.load(); }));
  for (int i = 0; i < 20; ++i) {
    later((i % 5 == 0 ? "bad" : "") + std::to_string(i));
  }
  CHECK(done + failed == 0);
  go.set_value();
  REQUIRE(all_told(20));
  CHECK(done == 16);
  CHECK(failed == 4);
  CHECK(not_safe == 0);
  CHECK_FALSE(is_committed("bad0"));
  CHECK(group.counts().commits < 12);  // of 17; a transaction ends early where the machine is slow
}

TEST_CASE_FIXTURE(
    Fixture,
    "threaded: who writes later is told in time that the database is locked, also behind one that "
    "waits longer for it") {
  store::Database holder(path);
  std::optional<store::Transaction> lock(std::in_place, holder);
  const auto begin = std::chrono::steady_clock::now();
  SUBCASE("behind a thread") {
    auto patient = std::async(std::launch::async, [&] { group.write(opening("patient"), notifier); });
    later("a", milliseconds(200));  // whichever comes first
    later("b", milliseconds(200));
    REQUIRE(all_told(2));
    CHECK(std::chrono::steady_clock::now() - begin < milliseconds(8'000));
    lock.reset();
    patient.get();
    CHECK(is_committed("patient"));
  }
  SUBCASE("alone") {
    later("a", milliseconds(200));
    REQUIRE(all_told(1));
    lock.reset();
  }
  CHECK(failed == done + failed);
  CHECK_FALSE(is_committed("a"));
  later("c");
  REQUIRE(support::wait_until([&] { return done == 1; }));
  CHECK(is_committed("c"));
}

TEST_CASE_FIXTURE(Fixture, "threaded: the bell of the jobs that were left is rung before it is told") {
  const auto before = notifier.count("turn");
  std::atomic<bool> rung = false;
  group.write_later([&](store::Database& db) { store::JobQueue(db).enqueue("turn", 1, 1, clock.now()); },
                    [&](const std::exception_ptr&) {
                      rung = notifier.count("turn") > before;
                      ++done;
                    },
                    notifier);
  REQUIRE(all_told(1));
  CHECK(rung);
}

}  // namespace
