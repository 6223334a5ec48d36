// What the end of the program does to the jobs that ran then (decision 0015).
#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "store/crash_log.h"
#include "store/job_queue.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using store::JobTrial;

struct Fixture {
  support::TemporaryFolder folder;
  support::FakeClock clock;
  store::Database db{folder.path() / "frontdesk.db"};
  store::JobQueue queue{db};

  std::int64_t add(std::int64_t lane, const std::string& kind = "turn") {
    return queue.enqueue(kind, lane, lane, clock.now());
  }
  store::Job claim(const std::string& kind = "turn") {
    auto job = queue.claim(kind, clock.now());
    REQUIRE(job);
    return *job;
  }
  base::Fault fault(std::optional<std::int64_t> work = std::nullopt) {
    return {"SIGSEGV", ++pid_, clock.now(), work};
  }
  store::Job only(std::vector<store::Job> jobs) {
    REQUIRE(jobs.size() == 1);
    return jobs.front();
  }
  /// Two deaths of the program by its own fault while the only job runs.
  std::int64_t suspect(const std::string& kind = "turn") {
    const auto id = add(next_lane_++, kind);
    for (int death = 0; death < store::kMarksOfSuspect; ++death) {
      REQUIRE(claim(kind).id == id);
      queue.recover(clock.now(), fault(id));
      clock.advance(minutes(1));
    }
    return id;
  }

 private:
  std::int64_t pid_ = 100;
  std::int64_t next_lane_ = 1;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "forty cuts in a minute cost no attempt, and each wait is longer, at most a minute") {
  add(1);
  milliseconds waited{0};
  for (int cut = 1; cut <= 40; ++cut) {
    CHECK(claim().attempt == 1);
    const auto job = only(queue.recover(clock.now()));
    CHECK(job.cuts == cut);
    CHECK(job.marks == 0);
    CHECK_FALSE(job.trial);
    const auto pause = queue.next_due("turn").value() - clock.now();
    CHECK(pause >= waited);
    CHECK((cut < 3 || pause > waited || pause == minutes(1)));
    CHECK(pause <= minutes(1));
    waited = std::chrono::duration_cast<milliseconds>(pause);
    clock.advance(waited);
  }
  CHECK(waited == minutes(1));
  CHECK(queue.suspects("dispatch").empty());
}

TEST_CASE_FIXTURE(Fixture, "the first cut costs no time") {
  add(1);
  claim();
  queue.recover(clock.now());
  CHECK(claim().cuts == 1);
}

TEST_CASE_FIXTURE(Fixture, "what failed before it was cut keeps its attempts") {
  add(1);
  queue.retry(claim(), clock.now(), clock.now());
  CHECK(claim().attempt == 2);
  queue.recover(clock.now());
  CHECK(claim().attempt == 2);
}

TEST_CASE_FIXTURE(Fixture, "a death by the program's own fault marks all that ran, and only that") {
  const auto first = add(1);
  const auto second = add(2);
  add(3);
  CHECK(claim().id == first);
  CHECK(claim().id == second);
  const auto jobs = queue.recover(clock.now(), fault(first));
  REQUIRE(jobs.size() == 2);
  for (const auto& job : jobs) {
    CHECK(job.marks == 1);
    CHECK(job.cuts == 0);
    CHECK(job.attempt == 0);
    CHECK_FALSE(job.trial);
  }
  CHECK(queue.suspects("dispatch").empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "after two marks a job is a suspect, and a third death while it runs alone is proof") {
  const auto id = suspect();
  REQUIRE(queue.suspects("dispatch").size() == 1);
  const auto alone = queue.claim_alone(id);
  REQUIRE(alone);
  CHECK(alone->trial == JobTrial::alone);
  const auto job = only(queue.recover(clock.now(), fault(id)));
  CHECK(job.trial == JobTrial::proven);
  CHECK(job.marks == 3);
  CHECK(queue.suspects("dispatch").empty());
  clock.advance(minutes(1));
  CHECK(claim().trial == JobTrial::proven);
  CHECK(only(queue.recover(clock.now())).trial == JobTrial::proven);  // a kill before it was told
}

TEST_CASE_FIXTURE(Fixture, "a death that no thread is to blame for is proof, too") {
  const auto id = suspect();
  queue.claim_alone(id);
  CHECK(only(queue.recover(clock.now(), fault())).trial == JobTrial::proven);
}

TEST_CASE_FIXTURE(Fixture,
                  "what is no proof: a kill from outside, another thread's death, a death in company") {
  const auto id = suspect();
  queue.claim_alone(id);
  CHECK_FALSE(only(queue.recover(clock.now())).trial);
  clock.advance(minutes(1));
  queue.claim_alone(id);
  CHECK_FALSE(only(queue.recover(clock.now(), fault(0))).trial);
  clock.advance(minutes(1));
  queue.claim_alone(id);
  queue.end_alone(id);
  CHECK_FALSE(only(queue.recover(clock.now(), fault(id))).trial);
  CHECK(queue.suspects("dispatch").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "whoever ran alone and only failed is no suspect any more") {
  const auto id = suspect();
  auto alone = queue.claim_alone(id);
  REQUIRE(alone);
  queue.retry(*alone, clock.now(), clock.now());
  CHECK(queue.suspects("dispatch").empty());
  CHECK(claim().marks == 0);
}

TEST_CASE_FIXTURE(Fixture, "a clean stop while it runs alone leaves it a suspect") {
  const auto id = suspect();
  auto alone = queue.claim_alone(id);
  REQUIRE(alone);
  queue.give_back(*alone);
  CHECK(only(queue.suspects("dispatch")).marks == 2);
}

TEST_CASE_FIXTURE(Fixture, "those that ran alone least often come first, those that take long last") {
  const auto dispatch = suspect("dispatch");
  const auto turn = suspect();
  const auto delivery = suspect("deliver:ops");
  const auto ids = [&] {
    std::vector<std::int64_t> found;
    for (const auto& job : queue.suspects("dispatch")) {
      found.push_back(job.id);
    }
    return found;
  };
  CHECK(ids() == std::vector{turn, delivery, dispatch});
  auto alone = queue.claim_alone(turn);
  REQUIRE(alone);
  queue.give_back(*alone);
  CHECK(ids() == std::vector{delivery, dispatch, turn});
}

TEST_CASE_FIXTURE(Fixture, "what stands behind another in its lane does not run alone") {
  const auto first = add(1);
  const auto second = add(1);
  CHECK_FALSE(queue.claim_alone(second));
  CHECK(queue.claim_alone(first));
  CHECK_FALSE(queue.claim_alone(first));
}

TEST_CASE_FIXTURE(Fixture, "a job that was dropped while it runs cannot be completed") {
  add(1);
  const auto job = claim();
  CHECK(queue.drop("turn", 1));
  CHECK_FALSE(queue.complete(job));
  CHECK_FALSE(queue.drop("turn", 1));
}

TEST_CASE_FIXTURE(Fixture, "a crash is kept once, the newest is told first") {
  store::CrashLog log(db);
  const auto first = fault(7);
  log.add({first, "the turn of message 3", false});
  log.add({first, "the turn of message 3", false});
  clock.advance(seconds(5));
  CHECK(log.knows(first));
  CHECK_FALSE(log.knows(fault(7)));
  log.add({fault(7), "dispatch d-1", true});
  const auto crashes = log.since(clock.now() - minutes(1));
  REQUIRE(crashes.size() == 2);
  CHECK(crashes[0].work == "dispatch d-1");
  CHECK(crashes[0].proven);
  CHECK(crashes[1].fault.cause == "SIGSEGV");
  CHECK(log.since(clock.now()).size() == 1);
}
