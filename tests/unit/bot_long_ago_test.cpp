// What was ordered and never begun before the program was stopped.
#include <algorithm>

#include <doctest/doctest.h>

#include "bot/runs/dispatch_desk.h"
#include "bot/runs/long_ago.h"
#include "store/job_queue.h"
#include "store/statement.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

namespace {

using std::chrono::hours;
using store::DispatchAction;
using store::DispatchOutcome;
using store::DispatchState;
using support::contains;

struct Fixture : support::ServicesFixture {
  store::DispatchLog log{db};
  store::JobQueue queue{db};
  store::Conversations conversations{db};

  Fixture() { settings.dispatch.projects_dir = folder.path() / "projects"; }

  store::DispatchId order(const store::Project& project, DispatchAction action = DispatchAction::run) {
    const auto id = dispatch(project, action);
    log.set_note(id, store::Outbox(db).post(conversation, {"On it", {}, {}, id}, clock.now()));
    queue.enqueue(bot::runtime::kDispatchJob, project.id.value, id.value, clock.now());
    return id;
  }
  store::DispatchId begun(const store::Project& project) {
    const auto id = order(project);
    REQUIRE(log.begin(id, "11111111-1111-4111-8111-111111111111", false, "r-1", clock.now()));
    return id;
  }
  void start() { bot::runs::ask_about_old_orders(services, db); }
  bool waits(store::DispatchId id) {
    return log.dispatch(id).state == DispatchState::queued &&
           queue.is_open(bot::runtime::kDispatchJob, id.value);
  }
  /// The text of the newest message.
  std::string last_text() {
    return store::Statement(db, "SELECT text FROM messages ORDER BY id DESC LIMIT 1")
        .first<std::string>()
        .value_or("");
  }
  /// A new dispatch, as Continue orders it.
  store::DispatchRecord continued(store::DispatchId id) {
    store::Transaction transaction(db);
    const auto next = bot::runs::DispatchDesk(services, db)
                          .order_again(conversation, person, decide(), log.dispatch(id), {});
    transaction.commit();
    return log.dispatch(next);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an order that the program's end left unbegun for days is asked about, once") {
  const auto id = order(project("site"));
  clock.advance(hours(50));
  start();
  const auto ended = log.dispatch(id);
  CHECK(ended.outcome == DispatchOutcome::interrupted);
  CHECK_FALSE(queue.is_open(bot::runtime::kDispatchJob, id.value));
  CHECK(
      contains(conversations.message(ended.note).text, "**Interrupted: site.** Whether it goes on is asked"));
  CHECK(last_text().starts_with(
      "**Interrupted: site.** The bot was stopped before this run began, 2 days ago, so it does not begin"));
  CHECK(conversations.message_with_button(store::ButtonKind::resume, id.value));
  CHECK(conversations.message_with_button(store::ButtonKind::drop, id.value));
  const auto asked = last_text();
  clock.advance(hours(50));
  start();
  CHECK(last_text() == asked);
}

TEST_CASE_FIXTURE(Fixture, "within a day it goes on by itself") {
  const auto id = order(project("site"));
  clock.advance(hours(23));
  start();
  CHECK(waits(id));
}

TEST_CASE_FIXTURE(Fixture, "what waited for long while the program was there goes on by itself") {
  const auto site = project("site");
  SUBCASE("behind a run that was at work until an hour ago") {
    const auto first = begun(site);
    const auto second = order(site);
    clock.advance(hours(30));
    log.note_at_work(first, 3, clock.now());
    clock.advance(hours(1));
    start();
    CHECK(waits(second));
    CHECK(log.dispatch(first).state == DispatchState::running);  // what was begun is none of its business
  }
  SUBCASE("for another process in the project, and was put off again and again") {
    const auto id = order(site);
    clock.advance(hours(30));
    const auto job = queue.claim(bot::runtime::kDispatchJob, clock.now());
    queue.give_back(job.value(), clock.now(), clock.now());
    clock.advance(hours(1));
    start();
    CHECK(waits(id));
  }
  SUBCASE("while people wrote") {
    const auto id = order(site);
    clock.advance(hours(30));
    say("hello");
    clock.advance(hours(1));
    start();
    CHECK(waits(id));
  }
}

TEST_CASE_FIXTURE(Fixture, "what was cancelled is not asked about") {
  const auto id = order(project("site"));
  REQUIRE(log.request_cancel(id, person.id));
  clock.advance(hours(50));
  start();
  CHECK(waits(id));
}

TEST_CASE_FIXTURE(Fixture, "Continue of a run that never began orders the same once more") {
  const auto site = project("site");
  const auto again = continued(order(site));
  CHECK(again.action == DispatchAction::run);
  CHECK(again.prompt == "do it");
  CHECK(again.session_id.empty());
  CHECK(continued(order(site, DispatchAction::review)).action == DispatchAction::review);
  // That was to go on where the project's last run ended, and still is.
  const auto resumed = continued(order(site, DispatchAction::resume));
  CHECK(resumed.action == DispatchAction::resume);
  CHECK(resumed.prompt == "do it");
  // The same of one that Continue had ordered, in the session that was interrupted.
  const auto first = begun(project("shop"));
  log.mark_session_begun(first, "22222222-2222-4222-8222-222222222222");
  const auto second = continued(first);
  CHECK(second.session_id == "22222222-2222-4222-8222-222222222222");
  const auto third = continued(second.id);
  CHECK(third.session_id == second.session_id);
  CHECK(third.prompt == second.prompt);
}
