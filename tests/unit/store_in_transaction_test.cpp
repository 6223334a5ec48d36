#include <atomic>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/fault.h"
#include "store/commit_group.h"
#include "store/conversations.h"
#include "store/in_transaction.h"
#include "store/job_queue.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace {

struct Fixture {
  support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "frontdesk.db";
  support::FakeClock clock;
  base::Notifier notifier;
  store::CommitGroup group{path};

  void open(store::Database& db, const std::string& chat) {
    store::Conversations(db).open("web", chat, clock.now());
  }
  bool is_committed(const std::string& chat) {
    store::Database other(path);
    return store::Conversations(other).find("web", chat).has_value();
  }
};

TEST_CASE_FIXTURE(Fixture, "what is written in a transaction is committed, and its jobs are rung for") {
  store::Database grouped(group), alone(path);
  int expected = 0;
  for (auto* const db : {&grouped, &alone}) {
    const auto chat = "c-" + std::to_string(++expected);
    CHECK(store::in_transaction(*db, &notifier, [&] {
      open(*db, chat);
      store::JobQueue(*db).enqueue("turn", expected, 1, clock.now());
      CHECK_FALSE(is_committed(chat));
      return true;
    }));
    CHECK(is_committed(chat));
    CHECK(notifier.count("turn") == static_cast<std::uint64_t>(expected));
    // By the connection of its own again.
    CHECK(store::Conversations(*db).find("web", chat));
  }
}

TEST_CASE_FIXTURE(Fixture, "what its writer takes back, or throws in, has not happened, and rings nothing") {
  store::Database grouped(group), alone(path);
  for (auto* const db : {&grouped, &alone}) {
    const auto write = [&] {
      open(*db, "c-1");
      store::JobQueue(*db).enqueue("turn", 1, 1, clock.now());
    };
    CHECK_FALSE(store::in_transaction(*db, &notifier, [&] { return write(), false; }));
    CHECK_THROWS_WITH(store::in_transaction(*db, &notifier,
                                            [&]() -> bool {
                                              write();
                                              throw std::runtime_error("not this one");
                                            }),
                      "not this one");
    CHECK_FALSE(is_committed("c-1"));
    CHECK(db->take_noted_work().empty());
    CHECK(notifier.count("turn") == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "without a bell the jobs stay noted, beside those of before") {
  store::Database db(group);
  db.note_work("dispatch", 2);
  store::in_transaction(db, nullptr, [&] {
    store::JobQueue(db).enqueue("turn", 1, 1, clock.now());
    return true;
  });
  CHECK(db.take_noted_work() == std::map<std::string, int>{{"dispatch", 2}, {"turn", 1}});
}

TEST_CASE_FIXTURE(Fixture, "a transaction within one is refused, and the outer one goes on") {
  store::Database db(group);
  CHECK(store::in_transaction(db, nullptr, [&] {
    open(db, "c-1");
    CHECK_THROWS_AS(store::in_transaction(db, nullptr, [] { return true; }), std::logic_error);
    return true;
  }));
  CHECK(is_committed("c-1"));
}

TEST_CASE_FIXTURE(Fixture, "threaded: whoever carries it out is at its writer's work") {
  std::atomic<int> wrong = 0, elsewhere = 0;
  // Until somebody stood in line behind another.
  for (int round = 0; round < 1000 && elsewhere == 0; ++round) {
    std::vector<std::jthread> threads;
    for (std::int64_t work = 1; work <= 6; ++work) {
      threads.emplace_back([&, work] {
        store::Database db(group);
        base::FaultThread::works_on(work);
        store::in_transaction(db, nullptr, [&, own = std::this_thread::get_id()] {
          wrong += base::FaultThread::work() == work ? 0 : 1;
          elsewhere += std::this_thread::get_id() == own ? 0 : 1;
          open(db, std::to_string(work));
          return true;
        });
        wrong += base::FaultThread::work() == work ? 0 : 1;
      });
    }
  }
  CHECK(wrong == 0);
  CHECK(elsewhere > 0);
  CHECK(is_committed("6"));
}

}  // namespace
