// What a person answered a specialist, over a restart of the program.
#include <optional>

#include <doctest/doctest.h>

#include "bot/runs/dispatch_desk.h"
#include "bot/runs/dispatch_run.h"
#include "store/approvals.h"
#include "store/job_queue.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

namespace {

using store::ApprovalKind;
using store::ApprovalState;
using support::contains;

constexpr const char* kSession = "22222222-2222-4222-8222-222222222222";

/// Keeps the task that it is given.
class Keeper final : public dispatch::Specialist {
 public:
  dispatch::Report run(const dispatch::Task& task, const std::function<void(const dispatch::Event&)>&,
                       std::stop_token) override {
    last = task;
    dispatch::Report report;
    report.outcome = dispatch::Outcome::success;
    return report;
  }
  dispatch::Readiness check() override { return {true, "fake"}; }
  std::optional<std::string> cannot(const dispatch::Task&) const override { return std::nullopt; }
  Abilities abilities() const override { return {}; }
  const std::string& name() const override { return name_; }
  const std::string& about() const override { return name_; }

  dispatch::Task last;

 private:
  const std::string name_ = "claude-code";
};

struct Fixture : support::ServicesFixture {
  Keeper* specialist = new Keeper;
  const dispatch::Specialists own{std::unique_ptr<dispatch::Specialist>(specialist)};
  bot::runtime::Services mine{settings,  clock, policy_holder, model,   secretary, own,
                              platforms, runs,  slots,         metrics, notifier,  stopping};
  store::DispatchLog log{db};
  store::JobQueue queue{db};
  store::Project site;
  store::DispatchId id;

  Fixture() : site(project("site")), id(dispatch(site)) {
    settings.dispatch.projects_dir = folder.path() / "projects";
    settings.dispatch.permission = "plan";
    log.set_note(id, store::Outbox(db).post(conversation, {"On it", {}, {}, id}, clock.now()));
    begin(id);
  }
  void begin(store::DispatchId which) {
    REQUIRE(log.begin(which, kSession, false, "r-1", clock.now()));
    log.mark_session_begun(which, kSession);
  }
  void ask(ApprovalKind kind, const std::string& detail, ApprovalState answer,
           const std::string& comment = {}) {
    store::Approval approval;
    approval.dispatch = id;
    approval.request_id = detail;
    approval.hash = "hash of " + detail;
    approval.kind = kind;
    approval.detail = detail;
    store::Approvals approvals(db);
    const auto added = approvals.add(approval, clock.now());
    if (kind == ApprovalKind::question) {
      approvals.set_answers(added, R"({"Which colour?": "green"})");
    }
    approvals.settle(added, answer, comment, person.id, clock.now());
  }
  /// The task that the next process gets.
  const dispatch::Task& next(store::DispatchId which) {
    queue.enqueue(bot::runtime::kDispatchJob, site.id.value, which.value, clock.now());
    const auto job = queue.claim(bot::runtime::kDispatchJob, clock.now());
    REQUIRE(job);
    bot::runtime::RunSlots::Place place(slots, {});
    bot::runs::DispatchRun(mine, db, *job, place).run({});
    return specialist->last;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a plan that was accepted is not asked about again after a restart") {
  ask(ApprovalKind::plan, "first idea", ApprovalState::denied, "The person wants it otherwise.");
  ask(ApprovalKind::plan, "1. Write it", ApprovalState::allowed);
  const auto& task = next(id);
  CHECK(task.permission == "acceptEdits");
  CHECK(contains(task.prompt, "Your plan was accepted. Carry it out"));
  CHECK(contains(task.prompt, "1. Write it"));
  CHECK_FALSE(contains(task.prompt, "otherwise"));
  CHECK(task.allowed_before == std::vector<std::string>{"hash of 1. Write it"});
}

TEST_CASE_FIXTURE(Fixture, "a plan that nobody has accepted is shown again") {
  SUBCASE("not answered") {
    ask(ApprovalKind::plan, "1. Write it", ApprovalState::expired);
  }
  SUBCASE("a new one after one that was accepted") {
    ask(ApprovalKind::plan, "1. Write it", ApprovalState::allowed);
    ask(ApprovalKind::plan, "2. Something else", ApprovalState::expired);
  }
  SUBCASE("to be changed") {
    ask(ApprovalKind::plan, "1. Write it", ApprovalState::denied, "The person wants it in green.");
    CHECK(contains(next(id).prompt, "The person wants it in green."));
    return;
  }
  const auto& task = next(id);
  CHECK(task.permission == "plan");
  CHECK(task.allowed_before.empty());
  CHECK_FALSE(contains(task.prompt, "accepted"));
}

TEST_CASE_FIXTURE(Fixture, "what was answered to a question is told again") {
  ask(ApprovalKind::question, "Which colour?", ApprovalState::answered);
  CHECK(contains(next(id).prompt, "You asked: Which colour?\nThe answer: green"));
}

TEST_CASE_FIXTURE(Fixture, "Continue of an interrupted run knows its accepted plan, another task does not") {
  ask(ApprovalKind::plan, "1. Write it", ApprovalState::allowed);
  log.finish(id, store::DispatchOutcome::interrupted, "", "{}", 0, clock.now());
  auto last = id;
  for (int times = 0; times < 2; ++times) {  // also of one that was continued before
    {
      store::Transaction transaction(db);
      last = bot::runs::DispatchDesk(mine, db).order_again(conversation, person, decide(), log.dispatch(last),
                                                           {});
      transaction.commit();
    }
    queue.withdraw(bot::runtime::kDispatchJob, last.value);
    begin(last);
    log.finish(last, store::DispatchOutcome::interrupted, "", "{}", 0, clock.now());
  }
  {
    store::Transaction transaction(db);
    last =
        bot::runs::DispatchDesk(mine, db).order_again(conversation, person, decide(), log.dispatch(last), {});
    transaction.commit();
  }
  queue.withdraw(bot::runtime::kDispatchJob, last.value);
  CHECK(next(last).permission == "acceptEdits");
  CHECK(contains(specialist->last.prompt, "1. Write it"));
  const auto other = dispatch(site, store::DispatchAction::resume);
  log.set_note(other, store::Outbox(db).post(conversation, {"On it", {}, {}, other}, clock.now()));
  CHECK(next(other).permission == "plan");
}
