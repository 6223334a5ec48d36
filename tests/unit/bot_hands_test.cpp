// What one worker claims for the waiting threads of another.
#include <atomic>
#include <functional>
#include <memory>

#include <doctest/doctest.h>

#include "bot/runtime/worker.h"
#include "store/in_transaction.h"
#include "tests/support/services_fixture.h"
#include "tests/support/wait.h"

namespace {

using bot::runtime::Successor;
using bot::runtime::Work;
using bot::runtime::Worker;

struct Fixture : support::ServicesFixture {
  Fixture() { services.commits = &commits; }

  using Run = std::function<void(store::Database&, const store::Job&, Successor&)>;
  class Running final : public Work {
   public:
    Running(const Run& run, store::Database& db, const store::Job& job) : run_(run), db_(db), job_(job) {}
    void run(Successor* next, std::stop_token) override { run_(db_, job_, *next); }

   private:
    const Run& run_;
    store::Database& db_;
    const store::Job job_;
  };
  static Worker::Begin begin(const Run& run) {
    return [&run](store::Database& its, const store::Job& job) {
      return std::make_unique<Running>(run, its, job);
    };
  }

  /// Ends the job, leaves `jobs` for the second worker, and claims.
  bool end(store::Database& its, const store::Job& job, Successor& next, int jobs, bool keep = true) {
    return store::in_transaction(its, &notifier, [&] {
      store::JobQueue queue(its);
      for (int i = 0; i < jobs; ++i) {
        queue.enqueue("second", 10 * job.id + i, job.ref, clock.now());
      }
      CHECK(queue.complete(job));
      next.claim();
      return keep;
    });
  }

  std::atomic<int> done = 0;
  const Run finish = [this](store::Database& its, const store::Job& job, Successor& next) {
    CHECK(job.attempt == 1);
    end(its, job, next, 0);
    next.keep();
    ++done;
  };
  void enqueue_first() {
    store::in_transaction(db, &notifier, [&] {
      store::JobQueue(db).enqueue("first", 1, 1, clock.now());
      return true;
    });
  }
};

TEST_CASE_FIXTURE(Fixture, "threaded: what a job leaves for a waiting thread is claimed in the same write") {
  const Run leave = [this](store::Database& its, const store::Job& job, Successor& next) {
    end(its, job, next, 1);
    next.keep();
  };
  Worker first(services, "first", 1, begin(leave), {}), second(services, "second", 1, begin(finish), {});
  first.claim_for(second);
  second.start();
  REQUIRE(support::wait_until([&] { return second.waiting() == 1; }));
  enqueue_first();
  const auto before = commits.counts().writes;
  first.start();
  REQUIRE(support::wait_until([&] { return done == 1 && second.busy() == 0 && second.waiting() == 1; }));
  CHECK(commits.counts().writes - before == 3);  // the first claim, and the end of each
}

TEST_CASE_FIXTURE(Fixture, "threaded: what is left for more threads than wait is claimed by them later") {
  const Run leave = [this](store::Database& its, const store::Job& job, Successor& next) {
    end(its, job, next, 7);
    next.keep();
  };
  Worker first(services, "first", 1, begin(leave), {}), second(services, "second", 2, begin(finish), {});
  first.claim_for(second);
  second.start();
  REQUIRE(support::wait_until([&] { return second.waiting() == 2; }));
  enqueue_first();
  first.start();
  REQUIRE(support::wait_until([&] { return done == 7; }));
  second.stop();
  CHECK(second.busy() == 0);
  CHECK(store::JobQueue(db).open("second") == 0);
}

TEST_CASE_FIXTURE(Fixture, "threaded: a transaction that is undone claims for nobody") {
  std::atomic<int> times = 0;
  const Run twice = [&, this](store::Database& its, const store::Job& job, Successor& next) {
    CHECK_FALSE(end(its, job, next, 1, false));
    ++times;
    CHECK(end(its, job, next, 1));
    next.keep();
  };
  Worker first(services, "first", 1, begin(twice), {}), second(services, "second", 1, begin(finish), {});
  first.claim_for(second);
  second.start();
  REQUIRE(support::wait_until([&] { return second.waiting() == 1; }));
  enqueue_first();
  first.start();
  REQUIRE(support::wait_until([&] { return done == 1 && second.busy() == 0; }));
  first.stop();
  second.stop();
  CHECK(times == 1);
  CHECK(done == 1);
  CHECK(store::JobQueue(db).open("second") == 0);
}

TEST_CASE_FIXTURE(Fixture, "threaded: what was claimed for a worker that has ended meanwhile is given back") {
  Worker second(services, "second", 1, begin(finish), {});
  const Run leave = [&, this](store::Database& its, const store::Job& job, Successor& next) {
    end(its, job, next, 1);
    second.stop();
    next.keep();
  };
  Worker first(services, "first", 1, begin(leave), {});
  first.claim_for(second);
  second.start();
  REQUIRE(support::wait_until([&] { return second.waiting() == 1; }));
  enqueue_first();
  first.start();
  REQUIRE(support::wait_until([&] { return store::JobQueue(db).open("first") == 0 && first.busy() == 0; }));
  CHECK(second.busy() == 0);
  CHECK(done == 0);
  const auto again = store::JobQueue(db).claim("second", clock.now());
  REQUIRE(again);
  CHECK(again->attempt == 1);
}

}  // namespace
