#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

#include <doctest/doctest.h>

#include "bot/runtime/worker.h"
#include "store/conversations.h"
#include "store/in_transaction.h"
#include "tests/support/services_fixture.h"
#include "tests/support/wait.h"

namespace {

using bot::runtime::Successor;
using bot::runtime::Work;
using bot::runtime::Worker;

struct Fixture : support::ServicesFixture {
  Fixture() { services.commits = &commits; }

  std::atomic<int> begun = 0, done = 0, broken = 0;

  /// Ends its job and claims the next in one transaction.
  class Ending final : public Work {
   public:
    Ending(Fixture& fixture, store::Database& db, const store::Job& job)
        : fixture_(fixture), db_(db), job_(job) {}
    void run(Successor* next, std::stop_token) override {
      store::in_transaction(db_, nullptr, [&] {
        CHECK(store::JobQueue(db_).complete(job_));
        next->claim();
        return true;
      });
      next->keep();
      ++fixture_.done;
    }

   private:
    Fixture& fixture_;
    store::Database& db_;
    const store::Job job_;
  };

  void enqueue(int jobs) {
    store::in_transaction(db, nullptr, [&] {
      for (int i = 1; i <= jobs; ++i) {
        store::JobQueue(db).enqueue("work", i, i, clock.now());
      }
      return true;
    });
  }
  std::uint64_t writes_of(Worker& worker, int jobs) {
    const auto before = commits.counts().writes;
    worker.start();
    REQUIRE(support::wait_until([&] { return done == jobs; }));
    worker.stop();
    return commits.counts().writes - before;
  }
};

TEST_CASE_FIXTURE(Fixture, "threaded: the end of a job and the claim of the next are one write") {
  enqueue(10);
  Worker worker(services, "work", 1,
                [this](store::Database& its, const store::Job& job) {
                  ++begun;
                  return std::make_unique<Ending>(*this, its, job);
                },
                {});
  CHECK(writes_of(worker, 10) == 11);
  CHECK(begun == 10);
  CHECK(worker.busy() == 0);
  CHECK(store::JobQueue(db).open("work") == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "threaded: a job that cannot be begun is tried again, and undoes nothing before it") {
  enqueue(3);
  Worker worker(services, "work", 1,
                [this](store::Database& its, const store::Job& job) {
                  if (job.ref == 2) {
                    ++broken;
                    throw std::runtime_error("it cannot be read");
                  }
                  return std::make_unique<Ending>(*this, its, job);
                },
                {});
  writes_of(worker, 2);
  CHECK(broken == 1);
  CHECK(worker.busy() == 0);
  CHECK(store::JobQueue(db).open("work") == 1);
  CHECK(store::JobQueue(db).next_due("work") > clock.now());
}

TEST_CASE_FIXTURE(Fixture, "threaded: what was claimed ahead is given back where the worker is closed") {
  enqueue(2);
  Worker* self = nullptr;
  class Closing final : public Work {
   public:
    Closing(std::unique_ptr<Work> work, Worker*& worker) : work_(std::move(work)), worker_(worker) {}
    void run(Successor* next, std::stop_token stop) override {
      work_->run(next, std::move(stop));
      worker_->close();
    }

   private:
    std::unique_ptr<Work> work_;
    Worker*& worker_;
  };
  Worker worker(services, "work", 1,
                [&, this](store::Database& its, const store::Job& job) {
                  return std::make_unique<Closing>(std::make_unique<Ending>(*this, its, job), self);
                },
                {});
  self = &worker;
  writes_of(worker, 1);
  CHECK(worker.busy() == 0);
  const auto again = store::JobQueue(db).claim("work", clock.now());
  REQUIRE(again);
  CHECK(again->ref == 2);
  CHECK(again->attempt == 1);
}

TEST_CASE_FIXTURE(Fixture, "threaded: where all that is under way hangs, others are begun beside it") {
  enqueue(5);
  bot::runtime::UnderWay under_way;
  std::atomic<bool> hangs = true;
  const Worker::Handler handler = [&, this](store::Database& its, const store::Job& job,
                                            std::stop_token stop) {
    ++begun;
    while (job.ref <= 2 && hangs && !stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    CHECK(store::JobQueue(its).complete(job));
    ++done;
  };
  Worker worker(services, "work", 2, handler, {.under_way = &under_way});
  worker.start();
  REQUIRE(support::wait_until([&] { return begun == 2; }));
  CHECK(under_way.all_for(std::chrono::milliseconds(0)));
  CHECK_FALSE(under_way.all_for(std::chrono::hours(1)));

  Worker patient(services, "work", 1, handler,
                 {.longest_wait = std::chrono::milliseconds(1),
                  .under_way = &under_way,
                  .only_if_hung = std::chrono::hours(1)});
  patient.start();
  Worker others(services, "work", 1, handler,
                {.longest_wait = std::chrono::milliseconds(1),
                 .under_way = &under_way,
                 .only_if_hung = std::chrono::milliseconds(20)});
  others.start();
  CHECK(support::wait_until([&] { return done == 3; }));
  CHECK(worker.busy() == 2);
  hangs = false;
  CHECK(support::wait_until([&] { return done == 5; }));
  patient.stop();
  others.stop();
  worker.stop();
  CHECK_FALSE(under_way.all_for(std::chrono::milliseconds(0)));
}

}  // namespace
