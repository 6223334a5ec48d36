#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>
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
  enqueue(6);
  bot::runtime::UnderWay under_way(std::chrono::milliseconds(50), 2);
  bot::runtime::UnderWay patient_one(std::chrono::hours(1), 2);
  std::atomic<bool> hangs = true;
  std::atomic<int> wrong = 0;
  const auto handler = [&, this](bool is_wrong) {
    return [&, this, is_wrong](store::Database& its, const store::Job& job, std::stop_token stop) {
      ++begun;
      wrong += is_wrong ? 1 : 0;
      while (job.ref <= 2 && hangs && !stop.stop_requested()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      CHECK(store::JobQueue(its).complete(job));
      ++done;
    };
  };
  Worker worker(services, "work", 2, handler(false), {.under_way = &under_way});
  worker.start();
  REQUIRE(support::wait_until([&] { return begun == 2; }));
  const auto young = patient_one.begin();
  Worker patient(services, "work", 1, handler(true), {.under_way = &patient_one, .beside_hung = true});
  patient.start();
  Worker others(services, "work", 2, handler(false), {.under_way = &under_way, .beside_hung = true});
  others.start();
  // The last two may not have been looked at before the first two end.
  CHECK(support::wait_until([&] { return done >= 3; }));
  CHECK(worker.busy() == 2);
  hangs = false;
  CHECK(support::wait_until([&] { return done == 6; }));
  for (auto* each : {&patient, &others, &worker}) {
    each->stop();
  }
  CHECK(wrong == 0);
  CHECK(store::JobQueue(db).open("work") == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "threaded: a job that a broken database leaves to who works beside others is done later") {
  enqueue(1);
  bot::runtime::UnderWay under_way(std::chrono::milliseconds(0), 2);
  std::optional<bot::runtime::UnderWay::Mark> hung(under_way.begin());
  std::atomic<bool> is_broken = false;
  const Worker::Handler handler = [&, this](store::Database&, const store::Job&, std::stop_token) {
    ++begun;
    hung.reset();  // nothing hangs any more
    db.handle().exec("ALTER TABLE jobs RENAME TO lost_jobs");
    is_broken = true;
    throw std::runtime_error("the disk is gone");
  };
  Worker others(services, "work", 1, handler, {.under_way = &under_way, .beside_hung = true});
  others.start();
  REQUIRE(support::wait_until([&] { return is_broken && others.busy() == 0; }));
  db.handle().exec("ALTER TABLE lost_jobs RENAME TO jobs");
  CHECK(support::wait_until([&] { return store::JobQueue(db).next_due("work").has_value(); }));
  others.stop();
  CHECK(begun == 1);
}

TEST_CASE("beside jobs that may hang one more is tried, and as many as were overtaken") {
  using bot::runtime::UnderWay;
  using Marks = std::list<UnderWay::Mark>;
  const auto at = [](int seconds) { return UnderWay::Time() + std::chrono::seconds(seconds); };
  UnderWay under_way(std::chrono::seconds(15), 2);
  CHECK_FALSE(under_way.begin_beside_hung(at(0)));  // whoever is free begins it
  Marks hung;
  hung.push_back(under_way.begin(at(0)));
  hung.push_back(under_way.begin(at(1)));
  CHECK_FALSE(under_way.begin_beside_hung(at(15)));
  auto trial = under_way.begin_beside_hung(at(16));
  REQUIRE(trial);
  CHECK_FALSE(under_way.begin_beside_hung(at(17)));  // one at a time, until one has ended
  trial.reset();
  Marks more;
  for (int i = 0; i < 2; ++i) {
    auto mark = under_way.begin_beside_hung(at(18));
    REQUIRE(mark);
    more.push_back(*std::move(mark));
  }
  CHECK_FALSE(under_way.begin_beside_hung(at(19)));  // as many as there are places
  hung.clear();
  CHECK_FALSE(under_way.begin_beside_hung(at(19)));
  more.clear();
  CHECK_FALSE(under_way.begin_beside_hung(at(60)));

  // A model that takes one call at a time answers in their order: none is overtaken.
  Marks queue;
  for (int i = 0; i < 2; ++i) {
    queue.push_back(under_way.begin(at(60 + i)));
  }
  queue.pop_front();
  queue.push_back(under_way.begin(at(90)));
  CHECK_FALSE(under_way.begin_beside_hung(at(91)));
}

}  // namespace
