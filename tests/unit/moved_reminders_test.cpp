// Reminders of a chat of the page that was deleted, and scheduled tasks that take longer than their period.
#include <doctest/doctest.h>

#include "bot/reminders/due.h"
#include "bot/turns/turn.h"
#include "bot/web/chat_list.h"
#include "store/job_queue.h"
#include "store/reminders.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

using namespace std::chrono_literals;
using support::contains;

namespace {

struct Fixture : support::ServicesFixture {
  Fixture() { allow("web", bot::runtime::Access::Mode::open); }

  store::ReminderId remind(const store::Conversation& where, const std::string& schedule = {},
                           store::ReminderDoes does = store::ReminderDoes::say) {
    store::Reminder r;
    r.person = person.id;
    r.conversation = where.id;
    r.text = "stretch";
    r.zone = "UTC";
    r.schedule = schedule;
    r.does = does;
    r.due = clock.now() + 5min;
    return reminders.add(r, clock.now());
  }
  void come_due() {
    clock.advance(5min);
    const auto job = queue.claim(store::Reminders::kJob, clock.now(), store::JobQueue::Order::longest_due);
    REQUIRE(job);
    bot::reminders::come_due(services, db, *job, base::Timestamp());
  }
  int remove(const std::string& chat) {
    return bot::web::ChatList(db, "web", "local").remove(chat, clock.now()).status;
  }
  std::string last(const std::string& chat) {
    const auto found = conversations.find("web", chat);
    const auto all =
        found ? conversations.history(found->id, std::nullopt, 100) : std::vector<store::Message>();
    return all.empty() ? "" : all.back().text;
  }
  void run_turn() {
    const auto job = queue.claim(bot::runtime::kTurnJob, clock.now());
    REQUIRE(job);
    model.will_say("Done.");
    bot::turns::Turn(services, db, *job).run({});
  }

  /// What the bot said has arrived, so that nothing hinders a deletion.
  void settle_deliveries() {
    store::Outbox outbox(db);
    for (const auto& call : outbox.list(store::Outbox::Which::waiting, "", INT64_MAX, 50)) {
      outbox.mark_delivered(call.id, "x", clock.now());
    }
  }

  store::Reminders reminders{db};
  store::JobQueue queue{db};
  store::Conversations conversations{db};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a reminder of a deleted chat comes in the newest other one, and says from where") {
  say("talk about *sport*");
  clock.advance(1s);
  say("an older chat", conversations.open("web", "c-2", clock.now()), person);
  clock.advance(1s);
  say("the newest chat", conversations.open("web", "c-3", clock.now()), person);
  const auto id = remind(conversation, "*/5 * * * *");
  CHECK(contains(bot::web::ChatList(db, "web", "local").about("c-1").body, "\"reminders\":1"));
  CHECK(bot::web::ChatList(db, "web", "local").about("none").status == 404);
  CHECK(remove("c-1") == 204);
  CHECK(reminders.count_in(conversation.id) == 0);
  come_due();
  CHECK(last("c-3") ==
        "⏰ Reminder: stretch\n\nIt was set in \"talk about \\*sport\\*\", a chat that was deleted.");
  CHECK(last("c-1").empty());
  // Once more, with the name of the first.
  settle_deliveries();
  CHECK(remove("c-3") == 204);
  CHECK(reminders.find(id)->from_chat == "talk about *sport*");
  come_due();
  CHECK(contains(last("c-2"), "talk about"));
}

TEST_CASE_FIXTURE(Fixture, "where no other chat is left a reminder of a deleted one comes in a new one") {
  const auto main = conversations.open("web", "main", clock.now());
  say("hello", main, person);
  remind(main, "*/5 * * * *");
  CHECK(remove("main") == 204);
  come_due();
  CHECK(contains(last("reminders"), "It was set in \"hello\", a chat that was deleted."));
  settle_deliveries();
  CHECK(remove("reminders") == 204);
  come_due();
  CHECK(contains(last("main"), "It was set in \"hello\", a chat that was deleted."));
}

TEST_CASE_FIXTURE(Fixture, "a chat that cannot be deleted now keeps its reminders") {
  const auto message = say("hello");
  remind(conversation);
  queue.enqueue(bot::runtime::kTurnJob, conversation.id.value, message.value, clock.now());
  CHECK(remove("c-1") == 409);
  CHECK(reminders.count_in(conversation.id) == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "a task is left out while its last turn waits or works, and the next one says so") {
  const auto id = remind(conversation, "*/5 * * * *", store::ReminderDoes::turn);
  come_due();
  CHECK(queue.open(bot::runtime::kTurnJob) == 1);
  come_due();
  come_due();
  CHECK(queue.open(bot::runtime::kTurnJob) == 1);
  CHECK(reminders.find(id)->left_out == 2);
  run_turn();
  come_due();
  CHECK(queue.open(bot::runtime::kTurnJob) == 1);
  const auto all = conversations.history(conversation.id, std::nullopt, 100);
  REQUIRE(all.size() == 5);
  CHECK(all[0].text == "⏰ Scheduled task: stretch");
  CHECK(
      all[3].text ==
      "⏰ Scheduled task: stretch\n\nBefore this it was left out 2 times, because the task was still at work.");
  run_turn();
  come_due();
  CHECK(conversations.history(conversation.id, std::nullopt, 2).front().text == "⏰ Scheduled task: stretch");
}

TEST_CASE_FIXTURE(Fixture, "a task is left out while the run that its last turn ordered is not finished") {
  const auto id = remind(conversation, "*/5 * * * *", store::ReminderDoes::turn);
  come_due();
  run_turn();
  store::DispatchLog log(db);
  store::DispatchRecord ordered;
  ordered.decision = log.last_decision(conversation.id, person.id).value().id;
  ordered.conversation = conversation.id;
  ordered.person = person.id;
  ordered.project = project("site").id;
  ordered.action = store::DispatchAction::run;
  ordered.specialist = "claude-code";
  const auto run = log.add_dispatch(ordered, clock.now());
  log.begin(run, "s-1", false, "r-1", clock.now());
  come_due();
  CHECK(reminders.find(id)->left_out == 1);
  log.finish(run, store::DispatchOutcome::success, "Done.", "{}", 0, clock.now());
  come_due();
  CHECK(reminders.find(id)->left_out == 0);
}
