#include <doctest/doctest.h>

#include "bot/runs/dispatch_run.h"
#include "store/job_queue.h"
#include "store/outbox.h"
#include "tests/support/services_fixture.h"

namespace {

using store::DispatchAction;
using store::DispatchOutcome;
using store::DispatchState;

/// Takes up what is added to its first task at once, or ignores it.
class ListeningSpecialist final : public dispatch::Specialist {
 public:
  dispatch::Report run(const dispatch::Task& task,
                       const std::function<void(const dispatch::Event&)>& on_event,
                       std::stop_token /*stop*/) override {
    on_event({dispatch::Event::Kind::session_begun, {}, task.session_id});
    while (const auto mail = task.mailbox->take()) {
      const auto& addition = std::get<dispatch::Addition>(*mail);
      heard.push_back(addition.text);
      if (takes_up) {
        on_event({.kind = dispatch::Event::Kind::added, .addition = addition.id});
      }
    }
    dispatch::Report report;
    report.outcome = dispatch::Outcome::success;
    report.text = "Done.";
    return report;
  }
  dispatch::Readiness check() override { return {true, "fake"}; }
  std::optional<std::string> cannot(const dispatch::Task&) const override { return std::nullopt; }
  Abilities abilities() const override { return {.additions = true}; }
  const std::string& name() const override { return name_; }
  const std::string& about() const override { return name_; }

  bool takes_up = true;
  std::vector<std::string> heard;

 private:
  const std::string name_ = "claude-code";
};

struct Fixture : support::ServicesFixture {
  ListeningSpecialist* specialist = new ListeningSpecialist;
  const dispatch::Specialists own{std::unique_ptr<dispatch::Specialist>(specialist)};
  bot::runtime::Services mine{settings,  clock, policy_holder, model,   secretary, own,
                              platforms, runs,  slots,         metrics, notifier,  stopping};
  store::DispatchLog log{db};
  store::JobQueue queue{db};

  Fixture() { settings.dispatch.projects_dir = folder.path() / "projects"; }

  store::DispatchId order(const store::Project& project, DispatchAction action) {
    const auto id = dispatch(project, action);
    log.set_note(id, store::Outbox(db).post(conversation, {"On it", {}, {}, id}, clock.now()));
    queue.enqueue(bot::runtime::kDispatchJob, project.id.value, id.value, clock.now());
    return id;
  }
  void run_next() {
    const auto job = queue.claim(bot::runtime::kDispatchJob, clock.now());
    REQUIRE(job);
    bot::runtime::RunSlots::Place place(slots, {});
    bot::runs::DispatchRun(mine, db, *job, place).run({});
  }
};

TEST_CASE_FIXTURE(Fixture, "what a run takes up is finished with it and no longer waits") {
  const auto site = project("site");
  const auto first = order(site, DispatchAction::run);
  const auto more = order(site, DispatchAction::resume);
  const auto rings = notifier.count("deliver:" + conversation.section);
  run_next();
  CHECK(specialist->heard == std::vector<std::string>{"do it"});
  const auto joined = log.dispatch(more);
  CHECK(joined.state == DispatchState::finished);
  CHECK(joined.outcome == DispatchOutcome::success);
  CHECK(joined.joined == first);
  CHECK(log.dispatch(first).prompt.find("Added while it was at work") != std::string::npos);
  CHECK_FALSE(queue.is_open(bot::runtime::kDispatchJob, more.value));
  CHECK(notifier.count("deliver:" + conversation.section) > rings);
}

TEST_CASE_FIXTURE(Fixture, "what a run is told but does not take up waits for a run of its own") {
  specialist->takes_up = false;
  const auto site = project("site");
  order(site, DispatchAction::run);
  const auto more = order(site, DispatchAction::resume);
  run_next();
  CHECK(specialist->heard.size() == 1);
  CHECK(log.dispatch(more).state == DispatchState::queued);
  CHECK_FALSE(log.dispatch(more).joined);
  CHECK(queue.is_open(bot::runtime::kDispatchJob, more.value));
}

}  // namespace
