#include <atomic>
#include <memory>
#include <stdexcept>

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

}  // namespace
