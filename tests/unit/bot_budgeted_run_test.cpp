// What a run's result costs where the budget is used up meanwhile.
#include <functional>

#include <doctest/doctest.h>

#include "bot/runs/dispatch_run.h"
#include "store/job_queue.h"
#include "store/ledger.h"
#include "store/outbox.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

namespace {

/// Comes to a long report, while somebody spends elsewhere.
class LongReport final : public dispatch::Specialist {
 public:
  dispatch::Report run(const dispatch::Task&, const std::function<void(const dispatch::Event&)>&,
                       std::stop_token) override {
    if (meanwhile) {
      meanwhile();
    }
    dispatch::Report report;
    report.outcome = dispatch::Outcome::success;
    report.text = "The report begins. " + std::string(2'000, 'x');
    return report;
  }
  dispatch::Readiness check() override { return {true, "fake"}; }
  std::optional<std::string> cannot(const dispatch::Task&) const override { return std::nullopt; }
  Abilities abilities() const override { return {}; }
  const std::string& name() const override { return name_; }
  const std::string& about() const override { return name_; }

  std::function<void()> meanwhile;

 private:
  const std::string name_ = "claude-code";
};

struct Fixture : support::ServicesFixture {
  LongReport* specialist = new LongReport;
  const dispatch::Specialists own{std::unique_ptr<dispatch::Specialist>(specialist)};
  bot::runtime::Services mine{settings,  clock, policy_holder, model,   secretary, own,
                              platforms, runs,  slots,         metrics, notifier,  stopping};

  Fixture() {
    settings.dispatch.projects_dir = folder.path() / "projects";
    policy.budget.usd_per_day = 1.0;
    policy_holder.with([&](auto& held) { held = std::make_shared<const bot::runtime::Policy>(policy); });
  }
  void spend(double usd) {
    store::LedgerEntry entry;
    entry.person = person.id;
    entry.usd = usd;
    store::Ledger(db).add(entry, clock.now());
  }
  /// What the chat shows of the run.
  std::string run() {
    const auto site = project("site");
    const auto id = dispatch(site);
    const auto note = store::Outbox(db).post(conversation, {"On it", {}, {}, id}, clock.now());
    store::DispatchLog(db).set_note(id, note);
    store::JobQueue queue(db);
    queue.enqueue(bot::runtime::kDispatchJob, site.id.value, id.value, clock.now());
    const auto job = queue.claim(bot::runtime::kDispatchJob, clock.now());
    REQUIRE(job);
    bot::runtime::RunSlots::Place place(slots, {});
    bot::runs::DispatchRun(mine, db, *job, place).run({});
    return store::Conversations(db).message(note).text;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "within the budget a long report is retold by the secretary's model") {
  model.will_say("In short: done.");
  CHECK(support::contains(run(), "In short: done."));
  CHECK(model.requests.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "past the budget it is passed on as it is, without a call of the model") {
  specialist->meanwhile = [this] { spend(2.0); };
  CHECK(support::contains(run(), "The report begins."));
  CHECK(model.requests.empty());
}

TEST_CASE_FIXTURE(Fixture, "a dispatch that a budget does not let start is over budget in the log") {
  spend(2.0);
  CHECK(support::contains(run(), "today's budget of $1.00 is used up"));
  CHECK(store::DispatchLog(db).decision({1}).outcome == store::DecisionOutcome::over_budget);
}
