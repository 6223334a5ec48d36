#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "store/job_queue.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace {

using std::chrono::seconds;

struct Fixture {
  support::TemporaryFolder folder;
  support::FakeClock clock;
  store::Database db{folder.path() / "frontdesk.db"};
  store::JobQueue queue{db};

  std::int64_t add(std::int64_t lane, std::int64_t ref, const std::string& kind = "turn") {
    return queue.enqueue(kind, lane, ref, clock.now());
  }
  /// The ref of the next job, 0 where there is none.
  std::int64_t claim(const std::string& kind = "turn") {
    last = queue.claim(kind, clock.now());
    return last ? last->ref : 0;
  }
  std::optional<store::Job> last;
};

TEST_CASE_FIXTURE(Fixture, "a claimed job tells what was enqueued") {
  const auto id = add(3, 7);
  clock.advance(seconds(5));
  const auto job = queue.claim("turn", clock.now());
  REQUIRE(job);
  CHECK(job->id == id);
  CHECK(job->kind == "turn");
  CHECK(job->lane == 3);
  CHECK(job->ref == 7);
  CHECK(job->attempt == 1);
  CHECK(job->created == clock.now() - seconds(5));
  CHECK_FALSE(queue.claim("turn", clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "jobs of one lane run one after the other, in their order") {
  add(1, 11);
  add(1, 12);
  REQUIRE(claim() == 11);
  const auto first = *last;
  CHECK(claim() == 0);
  CHECK(queue.complete(first));
  CHECK(claim() == 12);
  CHECK(queue.complete(*last));
  CHECK(claim() == 0);
  CHECK(queue.open("turn") == 0);
}

TEST_CASE_FIXTURE(Fixture, "lanes run in parallel, the oldest job first") {
  add(1, 11);
  add(1, 12);
  add(2, 21);
  add(3, 31);
  CHECK(claim() == 11);
  CHECK(claim() == 21);
  CHECK(claim() == 31);
  CHECK(claim() == 0);
}

TEST_CASE_FIXTURE(Fixture, "jobs of another kind do not hold up a lane") {
  add(1, 11, "turn");
  add(1, 12, "deliver:web");
  CHECK(claim("deliver:web") == 12);
  CHECK(claim("turn") == 11);
  CHECK(claim("dispatch") == 0);
}

TEST_CASE_FIXTURE(Fixture, "a job that waits for its retry holds up its lane and no other") {
  add(1, 11);
  add(1, 12);
  add(2, 21);
  REQUIRE(claim() == 11);
  queue.retry(*last, clock.now(), clock.now() + seconds(30));
  CHECK(claim() == 21);
  CHECK(claim() == 0);
  clock.advance(seconds(29));
  CHECK(claim() == 0);
  clock.advance(seconds(1));
  CHECK(claim() == 11);
  CHECK(last->attempt == 2);
}

TEST_CASE_FIXTURE(Fixture, "a job that is given back has used no attempt") {
  add(1, 11);
  REQUIRE(claim() == 11);
  queue.give_back(*last);
  REQUIRE(claim() == 11);
  CHECK(last->attempt == 1);
  queue.give_back(*last, clock.now(), clock.now() + seconds(10));
  CHECK(claim() == 0);
  clock.advance(seconds(10));
  REQUIRE(claim() == 11);
  CHECK(last->attempt == 1);
}

TEST_CASE_FIXTURE(Fixture, "on a clock that was set back a job has as long to wait as before") {
  add(1, 1);
  add(2, 2);
  add(3, 3);
  const auto first = queue.claim("turn", clock.now());
  queue.retry(*first, clock.now(), clock.now() + seconds(300));
  const auto second = queue.claim("turn", clock.now());
  queue.give_back(*second, clock.now(), clock.now() + seconds(30));
  clock.advance(-std::chrono::hours(24));
  queue.follow_clock(clock.now());
  queue.follow_clock(clock.now());
  CHECK(queue.next_due("turn") <= clock.now());  // the third
  REQUIRE(queue.claim("turn", clock.now()));
  CHECK_FALSE(queue.claim("turn", clock.now() + seconds(29)));
  CHECK(queue.next_due("turn") == clock.now() + seconds(30));
  REQUIRE(queue.claim("turn", clock.now() + seconds(30)));
  CHECK_FALSE(queue.claim("turn", clock.now() + seconds(299)));
  CHECK(queue.claim("turn", clock.now() + seconds(300)));
}

TEST_CASE_FIXTURE(Fixture, "a job that is for later is claimed when its time has come") {
  queue.enqueue("turn", 1, 11, clock.now(), {.not_before = clock.now() + seconds(10)});
  CHECK(claim() == 0);
  CHECK(queue.next_due("turn") == clock.now() + seconds(10));
  clock.advance(seconds(10));
  CHECK(claim() == 11);
}

TEST_CASE_FIXTURE(Fixture,
                  "shared out, a job waits for one of each other owner at most, not for all that they sent") {
  using Order = store::JobQueue::Order;
  const auto add_for = [&](std::int64_t owner, std::int64_t lane) {
    queue.enqueue("turn", lane, 100 * owner + lane, clock.now(), {.owner = owner});
  };
  const auto next = [&] {
    last = queue.claim("turn", clock.now(), Order::shared_out);
    return last ? last->owner : 0;
  };
  for (std::int64_t lane = 1; lane <= 30; ++lane) {
    add_for(1, lane);
  }
  SUBCASE("one thread") {
    CHECK(next() == 1);
    queue.complete(*last);
    add_for(2, 31);
    add_for(2, 32);
    add_for(3, 33);
    std::string order;
    for (int i = 0; i < 6; ++i) {
      order += std::to_string(next());
      queue.complete(*last);
    }
    CHECK(order == "231211");
  }
  SUBCASE("several threads") {
    for (int i = 0; i < 4; ++i) {
      CHECK(next() == 1);
    }
    add_for(2, 31);
    add_for(2, 32);
    queue.complete(*last);
    CHECK(next() == 2);
    CHECK(next() == 2);
    CHECK(next() == 1);
  }
  SUBCASE("in a lane the order stays") {
    add_for(2, 1);
    CHECK(next() == 1);
    CHECK(last->lane == 1);
    CHECK(next() == 1);
    CHECK(last->lane == 2);
  }
  SUBCASE("by age it is the oldest, whoever sent it") {
    add_for(2, 31);
    CHECK(queue.claim("turn", clock.now())->owner == 1);
    CHECK(queue.claim("turn", clock.now())->owner == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "what stands behind a job in its lane is told in its order") {
  add(1, 11);
  add(2, 21);
  add(1, 12);
  add(1, 13, "quick-turn");
  add(1, 14);
  REQUIRE(claim() == 11);
  CHECK(queue.behind(*last, clock.now(), 10) == std::vector<std::int64_t>{12, 14});
  CHECK(queue.behind(*last, clock.now(), 1) == std::vector<std::int64_t>{12});
  // One that waits for its time holds up those behind it.
  queue.enqueue("turn", 1, 15, clock.now(), {.not_before = clock.now() + seconds(1)});
  add(1, 16);
  CHECK(queue.behind(*last, clock.now(), 10) == std::vector<std::int64_t>{12, 14});
  CHECK(queue.behind(*last, clock.now() + seconds(1), 10) == std::vector<std::int64_t>{12, 14, 15, 16});
}

TEST_CASE_FIXTURE(Fixture, "a claim from before a recovery can no longer complete, retry or give back") {
  add(1, 11);
  REQUIRE(claim() == 11);
  const auto lost = *last;
  CHECK(queue.recover(clock.now()).size() == 1);
  CHECK_FALSE(queue.complete(lost));
  REQUIRE(claim() == 11);
  const auto mine = *last;
  CHECK(mine.attempt == 1);  // a cut is no attempt
  CHECK(mine.epoch > lost.epoch);
  CHECK_FALSE(queue.complete(lost));
  queue.retry(lost, clock.now(), clock.now());
  CHECK(claim() == 0);
  queue.give_back(lost);
  CHECK(claim() == 0);
  CHECK(queue.complete(mine));
  CHECK_FALSE(queue.complete(mine));
}

TEST_CASE_FIXTURE(Fixture, "recovery leaves waiting jobs and their times alone") {
  add(1, 11);
  add(2, 21);
  REQUIRE(claim() == 11);
  queue.retry(*last, clock.now(), clock.now() + seconds(30));
  REQUIRE(claim() == 21);
  CHECK(queue.recover(clock.now()).size() == 1);
  CHECK(queue.recover(clock.now()).empty());
  CHECK(claim() == 21);
  CHECK(claim() == 0);
}

TEST_CASE_FIXTURE(Fixture, "the next due time is that of the earliest first job of a lane") {
  CHECK_FALSE(queue.next_due("turn"));
  add(1, 11);
  CHECK(queue.next_due("turn") <= clock.now());
  REQUIRE(claim() == 11);
  CHECK_FALSE(queue.next_due("turn"));
  queue.retry(*last, clock.now(), clock.now() + seconds(30));
  add(1, 12);  // behind the retry: not due before it
  CHECK(queue.next_due("turn") == clock.now() + seconds(30));
  add(2, 21);
  CHECK(queue.next_due("turn") <= clock.now());
  CHECK_FALSE(queue.next_due("dispatch"));
}

TEST_CASE_FIXTURE(Fixture, "a job knows how many of its lane are ahead") {
  add(1, 11);
  add(2, 21);
  add(1, 12);
  add(1, 13);
  add(1, 14, "other");
  CHECK(queue.ahead("turn", 1, 11) == 0);
  CHECK(queue.ahead("turn", 1, 13) == 2);
  CHECK(queue.ahead("turn", 2, 21) == 0);
  REQUIRE(claim() == 11);
  CHECK(queue.ahead("turn", 1, 13) == 2);
  REQUIRE(queue.complete(*last));
  CHECK(queue.ahead("turn", 1, 13) == 1);
  CHECK(queue.ahead("turn", 1, 99) == 0);
}

TEST_CASE_FIXTURE(Fixture, "open jobs are counted by kind and found by lane") {
  add(1, 11);
  add(2, 21);
  add(1, 31, "dispatch");
  CHECK(queue.open("turn") == 2);
  CHECK(queue.open("dispatch") == 1);
  CHECK(queue.open("nothing") == 0);
  CHECK(queue.has_open("turn", 2));
  CHECK_FALSE(queue.has_open("dispatch", 2));
  REQUIRE(claim("dispatch") == 31);
  CHECK(queue.has_open("dispatch", 1));
  REQUIRE(queue.complete(*last));
  CHECK_FALSE(queue.has_open("dispatch", 1));
}

TEST_CASE_FIXTURE(Fixture, "a job that was enqueued in a transaction that failed does not exist") {
  {
    store::Transaction transaction(db);
    add(1, 11);
  }
  CHECK(claim() == 0);
}

TEST_CASE_FIXTURE(Fixture, "threaded: no job is claimed twice by threads with databases of their own") {
  constexpr int kJobs = 60;
  for (int i = 1; i <= kJobs; ++i) {
    add(i % 7, i);
  }
  std::mutex mutex;
  std::vector<std::int64_t> taken;
  std::vector<std::string> problems;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      try {
        store::Database own(folder.path() / "frontdesk.db");
        store::JobQueue mine(own);
        while (mine.open("turn") > 0) {
          if (const auto job = mine.claim("turn", clock.now())) {
            {
              const std::lock_guard lock(mutex);
              taken.push_back(job->ref);
            }
            mine.complete(*job);
          }
        }
      } catch (const std::exception& e) {
        const std::lock_guard lock(mutex);
        problems.emplace_back(e.what());
      }
    });
  }
  threads.clear();
  CHECK(problems.empty());
  CHECK(taken.size() == kJobs);
  CHECK(std::set(taken.begin(), taken.end()).size() == kJobs);
}

}  // namespace
