// What happens when a reminder's time has come, and what a person does with it by command and button.
#include <algorithm>

#include <doctest/doctest.h>

#include "base/rfc3339.h"
#include "bot/reminders/due.h"
#include "bot/reminders/undelivered.h"
#include "bot/turns/turn.h"
#include "store/erasure.h"
#include "store/job_queue.h"
#include "store/reminders.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

using namespace std::chrono_literals;
using support::contains;

namespace {

/// The clock stands at 2026-11-22 16:05 UTC; so does the start of the program.
class Fixture : public support::ServicesFixture {
 public:
  Fixture() {
    allow("web", bot::runtime::Access::Mode::open);
    settings.secretary.timezone = "UTC";
  }

  store::Reminder reminder(const std::string& text, std::chrono::milliseconds in) const {
    store::Reminder r;
    r.person = person.id;
    r.conversation = conversation.id;
    r.text = text;
    r.zone = "UTC";
    r.due = clock.now() + in;
    return r;
  }
  store::ReminderId remind(const std::string& text, std::chrono::milliseconds in = 1h) {
    return reminders.add(reminder(text, in), clock.now());
  }
  /// Carries out what is due; whether there was anything.
  bool come_due() {
    const auto job = queue.claim(store::Reminders::kJob, clock.now(), store::JobQueue::Order::longest_due);
    if (job) {
      bot::reminders::come_due(services, db, *job, started);
    }
    return job.has_value();
  }
  /// What the bot said in the chat, oldest first.
  std::vector<store::Message> said(const store::Conversation& where) {
    auto all = conversations.history(where.id, std::nullopt, 100);
    std::erase_if(all, [](const auto& message) { return message.author != store::Author::assistant; });
    for (auto& message : all) {
      message.buttons = conversations.buttons(message.id);
    }
    return all;
  }
  store::Message last() {
    const auto all = said(conversation);
    return all.empty() ? store::Message() : all.back();
  }
  void turn(store::MessageId message, const store::Person& who) {
    queue.enqueue(bot::runtime::kTurnJob, conversation.id.value, message.value, clock.now(),
                  {.owner = who.id.value});
    run_turn();
  }
  void run_turn() {
    const auto job = queue.claim(bot::runtime::kTurnJob, clock.now());
    REQUIRE(job);
    bot::turns::Turn(services, db, *job).run({});
  }
  std::string command(const std::string& text) {
    turn(say(text), person);
    return last().text;
  }
  std::string press(const store::Message& shown, store::ButtonKind kind, const store::Person& who) {
    const auto found = std::find_if(shown.buttons.begin(), shown.buttons.end(),
                                    [&](const store::Button& button) { return button.kind == kind; });
    REQUIRE(found != shown.buttons.end());
    turn(conversations.add_incoming(conversation.id, who.id, "click", "", found->id, clock.now()), who);
    return last().text;
  }

  store::Reminders reminders{db};
  store::JobQueue queue{db};
  store::Conversations conversations{db};
  base::Timestamp started = clock.now();
};

using Kind = store::ButtonKind;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a reminder is posted at its time, as a text, and not before") {
  const auto id = remind("*call* <Bob>");
  CHECK_FALSE(come_due());
  clock.advance(1h);
  CHECK(come_due());
  CHECK(last().text == "⏰ Reminder: \\*call\\* \\<Bob\\>");
  CHECK_FALSE(reminders.find(id)->due);
  CHECK(queue.open(store::Reminders::kJob) == 0);
  CHECK_FALSE(come_due());
}

TEST_CASE_FIXTURE(Fixture, "an address in a reminder stays one, when it comes and in the list") {
  remind("join https://meet.example.org/a_b?x=1, /etc/hosts");
  CHECK(contains(command("/reminders"), "join <https://meet.example.org/a_b?x=1>, /etc/hosts"));
  clock.advance(1h);
  CHECK(come_due());
  CHECK(last().text == "⏰ Reminder: join <https://meet.example.org/a_b?x=1>, /etc/hosts");
}

TEST_CASE_FIXTURE(Fixture, "what comes in time after the clock was set back was not missed") {
  started = clock.now() + 48h;
  remind("call Bob");
  clock.advance(1h);
  CHECK(come_due());
  CHECK(last().text == "⏰ Reminder: call Bob");
}

TEST_CASE_FIXTURE(Fixture, "one that comes again is made up for once, with when it was due") {
  auto daily = reminder("water the plants", 1h);
  daily.schedule = "5 17 * * *";
  const auto id = reminders.add(daily, clock.now());
  clock.advance(72h + 2h);
  started = clock.now() - 1s;
  CHECK(come_due());
  CHECK(last().text ==
        "⏰ Reminder: water the plants\n\nIt was due 2026-11-22 17:05 (UTC); I was not running then.");
  CHECK_FALSE(come_due());
  CHECK(said(conversation).size() == 1);
  CHECK(reminders.find(id)->due == base::parse_rfc3339("2026-11-26T17:05:00Z"));
  clock.advance(23h);
  CHECK(come_due());
  CHECK(last().text == "⏰ Reminder: water the plants");
}

TEST_CASE_FIXTURE(Fixture, "many that are due at once come together, each once") {
  for (int i = 0; i < 50; ++i) {
    remind("thing " + std::to_string(i));
  }
  remind("not yet", 2h);
  clock.advance(1h);
  int jobs = 0;
  while (come_due()) {
    ++jobs;
  }
  CHECK(jobs < 5);
  const auto all = said(conversation);
  REQUIRE(all.size() == 50);
  CHECK(all.front().text == "⏰ Reminder: thing 0");
  CHECK(all.back().text == "⏰ Reminder: thing 49");
  CHECK(queue.open(store::Reminders::kJob) == 1);
}

TEST_CASE_FIXTURE(Fixture, "one that is late while the program runs says so, too") {
  remind("stretch");
  clock.advance(3h);  // the clock was set forward
  CHECK(come_due());
  CHECK(contains(last().text, "was due 2026-11-22 17:05 (UTC), and comes late"));
}

TEST_CASE_FIXTURE(Fixture, "a clock that is set back does not move it") {
  remind("stretch");
  clock.advance(-2h);
  queue.follow_clock(clock.now());
  clock.advance(3h - 1s);
  CHECK_FALSE(come_due());
  clock.advance(1s);
  CHECK(come_due());
}

TEST_CASE_FIXTURE(Fixture, "a claim that the clock was set back behind is no claim") {
  const auto id = remind("stretch");
  clock.advance(1h);
  const auto job = queue.claim(store::Reminders::kJob, clock.now());
  clock.advance(-30min);
  bot::reminders::come_due(services, db, *job, started);
  CHECK(said(conversation).empty());
  CHECK(reminders.find(id)->due);
  clock.advance(30min);
  CHECK(come_due());
  CHECK(said(conversation).size() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "in a group it says whose it is, and who may write there no more is not reminded") {
  conversations.mark_as_group(conversation.id);
  remind("our meeting");
  remind("our second meeting", 2h);
  clock.advance(1h);
  CHECK(come_due());
  CHECK(last().text == "⏰ Reminder for Ada: our meeting");
  store::People(db).set_blocked(person.id, clock.now());
  clock.advance(1h);
  CHECK(come_due());
  CHECK(said(conversation).size() == 1);
  CHECK(reminders.count_of(person.id) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a task is announced and given to the secretary as that person's message") {
  auto task = reminder("/pair ABCD-EFGH", 1h);  // it commands nothing
  task.does = store::ReminderDoes::turn;
  task.has_foreign_words = true;
  reminders.add(task, clock.now());
  clock.advance(1h);
  CHECK(come_due());
  CHECK(contains(last().text, "⏰ Scheduled task: "));
  model.will_call(
      "dispatch",
      R"({"action": "run", "slug": "site", "prompt": "build it", "confidence": "high", "reason": "r"})");
  run_turn();
  const auto decision = store::DispatchLog(db).last_decision(conversation.id, person.id).value();
  CHECK(conversations.message(decision.message).text == "/pair ABCD-EFGH");
  CHECK(decision.person == person.id);
  // Words of others may have caused it, so its owner is asked.
  CHECK(decision.action == store::DecisionAction::ask);
  CHECK(contains(model.requests.at(0).context, "comes by schedule"));
}

TEST_CASE_FIXTURE(Fixture, "a task whose model is away is tried again, beside what is said meanwhile") {
  auto task = reminder("check the costs", 0s);
  task.does = store::ReminderDoes::turn;
  reminders.add(task, clock.now());
  CHECK(come_due());
  run_turn();  // the model says nothing: it is unreachable
  CHECK(contains(last().text, "again after 1, 3 and 10 minutes"));
  CHECK_FALSE(queue.is_due(bot::runtime::kTurnJob, clock.now() + 59s));
  model.will_say("a lock");
  turn(say("what is a mutex?"), person);
  CHECK(last().text == "a lock");
  for (const auto pause : {1min, 3min}) {
    clock.advance(pause - 1s);
    CHECK_FALSE(queue.is_due(bot::runtime::kTurnJob, clock.now()));
    clock.advance(1s);
    run_turn();
    CHECK(last().text == "a lock");
  }
  clock.advance(10min);
  SUBCASE("until it is back") {
    model.will_say("12 dollars");
    run_turn();
    CHECK(last().text == "12 dollars");
  }
  SUBCASE("and given up with a button") {
    run_turn();
    CHECK(contains(last().text, "cannot be reached right now"));
    REQUIRE(last().buttons.size() == 1);
    CHECK(queue.open(bot::runtime::kTurnJob) == 0);
    press(last(), Kind::retry, person);
    model.will_say("12 dollars");
    run_turn();
    CHECK(last().text == "12 dollars");
  }
  CHECK(queue.open(bot::runtime::kTurnJob) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a task is not taken for an answer, nor answered together with what waits") {
  auto task = reminder("yes", 0s);
  task.does = store::ReminderDoes::turn;
  reminders.add(task, clock.now());
  CHECK(come_due());
  const auto waiting = say("and what is a mutex?");
  queue.enqueue(bot::runtime::kTurnJob, conversation.id.value, waiting.value, clock.now(),
                {.owner = person.id.value});
  model.will_say("one");
  run_turn();
  CHECK(queue.open(bot::runtime::kTurnJob) == 1);
  model.will_say("two");
  run_turn();
  CHECK(last().text == "two");
}

TEST_CASE_FIXTURE(Fixture, "/reminders lists a person's own with buttons, and says so where there are none") {
  CHECK(contains(command("/reminders"), "no reminders of yours"));
  const auto id = remind("call Bob");
  const auto bob = store::People(db).remember("web", "u-2", "Bob", clock.now());
  auto bobs = reminder("not yours", 2h);
  bobs.person = bob.id;
  reminders.add(bobs, clock.now());
  const auto list = command("/reminders");
  CHECK(contains(list, "- `" + std::to_string(id.value) + "` 2026-11-22 17:05: call Bob"));
  CHECK_FALSE(contains(list, "not yours"));
  REQUIRE(last().buttons.size() == 3);
  CHECK(last().buttons[0].label == "Snooze");
  CHECK(last().buttons[1].label == "Change");
  CHECK(last().buttons[2].label == "Delete");
  CHECK(contains(command("/reminders 2"), "no such reminder"));
  CHECK(contains(command("/reminders all"), "no such reminder"));
  permit("web", {.mode = bot::runtime::Access::Mode::open, .admins = {"u-1"}});
  CHECK(contains(command("/reminders all"), "not yours · Bob"));
}

TEST_CASE_FIXTURE(Fixture, "with many of them each is listed, and a few have buttons") {
  for (int i = 0; i < 30; ++i) {
    remind("thing " + std::to_string(i), std::chrono::minutes(10 + i));
  }
  const auto list = command("/reminders");
  CHECK(contains(list, "thing 29"));
  CHECK(contains(list, "`/reminders NUMBER`"));
  CHECK(last().buttons.size() == 24);
  CHECK(last().buttons[2].label == "Delete 1");
  CHECK(contains(command("/reminders 30"), "thing 29"));
  CHECK(last().buttons.size() == 3);
}

TEST_CASE_FIXTURE(Fixture, "one is deleted by its button, once, and by its owner alone") {
  const auto id = remind("call Bob");
  const auto bob = store::People(db).remember("web", "u-2", "Bob", clock.now());
  command("/reminders");
  const auto list = last();
  CHECK(contains(press(list, Kind::delete_reminder, bob), "only they or an admin"));
  CHECK(reminders.find(id)->due);
  CHECK(press(list, Kind::delete_reminder, person) == "Deleted: call Bob");
  CHECK_FALSE(reminders.find(id)->due);
  CHECK(queue.open(store::Reminders::kJob) == 0);
  const auto left = conversations.message(list.id);
  CHECK_FALSE(contains(left.text, "call Bob"));
  CHECK(left.buttons.empty());
  CHECK(contains(press(list, Kind::delete_reminder, person), "out of date"));
}

TEST_CASE_FIXTURE(Fixture, "one is put off from the list, and once more after it came") {
  const auto id = remind("call Bob");
  command("/reminders");
  CHECK(press(last(), Kind::snooze, person) == "⏰ call Bob: I'll remind you at 2026-11-22 17:15.");
  clock.advance(1h);
  CHECK_FALSE(come_due());
  clock.advance(10min);
  CHECK(come_due());
  const auto posted = last();
  clock.advance(1min);
  CHECK(contains(press(posted, Kind::snooze, person), "17:26"));
  CHECK(conversations.message(posted.id).text == posted.text);
  CHECK(conversations.message(posted.id).buttons.empty());
  clock.advance(10min);
  CHECK(come_due());
  CHECK(last().text == "⏰ Reminder: call Bob");
  CHECK_FALSE(reminders.find(id)->due);
}

TEST_CASE_FIXTURE(Fixture, "one that comes again is put off beside its schedule, or deleted where it came") {
  auto daily = reminder("water the plants", 1h);
  daily.schedule = "5 17 * * *";
  const auto id = reminders.add(daily, clock.now());
  clock.advance(1h);
  CHECK(come_due());
  const auto posted = last();
  press(posted, Kind::snooze, person);
  CHECK(reminders.count_of(person.id) == 2);
  CHECK(reminders.find(id)->due == base::parse_rfc3339("2026-11-23T17:05:00Z"));
  clock.advance(10min);
  CHECK(come_due());
  CHECK(reminders.count_of(person.id) == 1);
  CHECK(press(conversations.message(posted.id), Kind::delete_reminder, person) ==
        "Deleted: water the plants");
  CHECK(reminders.count_of(person.id) == 0);
}

TEST_CASE_FIXTURE(Fixture, "who has as many as can be puts off none that came, until one is deleted") {
  auto first = reminder("water the plants", 1h);
  SUBCASE("it came once") {}
  SUBCASE("it comes again") {
    first.schedule = "5 17 * * *";
  }
  const auto id = reminders.add(first, clock.now());
  clock.advance(1h);
  CHECK(come_due());
  const auto posted = last();
  store::ReminderId other;
  while (reminders.count_of(person.id) < 100) {
    other = remind("another", 24h);
  }
  const auto due = reminders.find(id)->due;
  CHECK(contains(press(posted, Kind::snooze, person), "You have 100 reminders"));
  CHECK(reminders.count_of(person.id) == 100);
  CHECK(reminders.find(id)->due == due);
  command("/reminders " + std::to_string(other.value));
  CHECK(contains(press(last(), Kind::snooze, person), "I'll remind you at"));
  reminders.move(other, std::nullopt, clock.now());
  CHECK(contains(press(posted, Kind::snooze, person), "I'll remind you at"));
  CHECK(reminders.count_of(person.id) == 100);
}

TEST_CASE_FIXTURE(Fixture, "after Change the model is told what the next words are about") {
  const auto id = remind("call Bob");
  command("/reminders");
  CHECK(contains(press(last(), Kind::change_reminder, person), "What should be different"));
  model.will_call("cancel_reminder", "{\"id\": " + std::to_string(id.value) + "}");
  model.will_call("set_reminder", R"({"text": "call Bob", "at": "2026-11-23T09:00:00+00:00"})");
  model.will_say("Tomorrow at nine, then.");
  CHECK(command("tomorrow at nine instead") == "Tomorrow at nine, then.");
  CHECK(contains(model.requests.at(0).context, "pressed Change"));
  CHECK(contains(model.requests.at(0).context, "call Bob"));
  const auto all = reminders.of(person.id, 10);
  REQUIRE(all.size() == 1);
  CHECK(all[0].due == base::parse_rfc3339("2026-11-23T09:00:00Z"));
}

TEST_CASE_FIXTURE(Fixture, "what is changed from another chat comes where it was ordered") {
  const auto other = conversations.open("web", "c-2", clock.now());
  auto elsewhere = reminder("call Bob", 1h);
  elsewhere.conversation = other.id;
  const auto id = reminders.add(elsewhere, clock.now());
  command("/reminders");
  press(last(), Kind::change_reminder, person);
  bool is_cancelled = false;
  SUBCASE("it is cancelled") {
    is_cancelled = true;
  }
  SUBCASE("it stays, so the new one is another") {}
  model.will_call("set_reminder", R"({"text": "call Bob", "at": "2026-11-23T09:00:00+00:00"})");
  if (is_cancelled) {
    model.will_call("cancel_reminder", "{\"id\": " + std::to_string(id.value) + "}");
  }
  model.will_say("Tomorrow at nine, then.");
  command("tomorrow at nine instead");
  const auto anew = reminders.of(person.id, 10).back();
  CHECK(anew.due == base::parse_rfc3339("2026-11-23T09:00:00Z"));
  CHECK(anew.conversation == (is_cancelled ? other.id : conversation.id));
}

TEST_CASE_FIXTURE(Fixture, "an admin puts off and deletes what is another's, and does not change it") {
  const auto bob = store::People(db).remember("web", "u-2", "Bob", clock.now());
  auto bobs = reminder("call Ada", 1h);
  bobs.person = bob.id;
  const auto id = reminders.add(bobs, clock.now());
  remind("my own", 2h);
  permit("web", {.mode = bot::runtime::Access::Mode::open, .admins = {"u-1"}});
  command("/reminders all");
  std::vector<std::string> labels;
  for (const auto& button : last().buttons) {
    labels.push_back(button.label);
  }
  CHECK(labels == std::vector<std::string>{"Snooze 1", "Delete 1", "Snooze 2", "Change 2", "Delete 2"});
  CHECK(contains(press(last(), Kind::snooze, person), "call Ada"));
  CHECK(reminders.find(id)->due == clock.now() + 1h + 10min);
  // A list that another one reads, too, has the button.
  turn(say("/reminders", conversation, bob), bob);
  CHECK(contains(press(last(), Kind::change_reminder, person), "You can put it off or delete it."));
  CHECK(reminders.find(id)->due);
}

TEST_CASE_FIXTURE(Fixture, "of a chat that is gone its owner is told elsewhere, else the admins") {
  const auto other = conversations.open("web", "c-2", clock.now());
  auto daily = reminder("water the plants", 1h);
  daily.conversation = other.id;
  daily.schedule = "5 17 * * *";
  const auto id = reminders.add(daily, clock.now());
  clock.advance(1h);
  CHECK(come_due());
  const auto posted = said(other).at(0).id;
  SUBCASE("the owner") {
    say("hello");
    bot::reminders::tell_undelivered(services, db, posted);
    CHECK(contains(last().text, "could not be posted in `web:c-2`: water the plants"));
    CHECK(contains(last().text, "was due 2026-11-22 17:05"));
  }
  SUBCASE("the owner, who wrote last in the one that is gone") {
    say("hello");
    say("remind me of the plants", other, person);
    bot::reminders::tell_undelivered(services, db, posted);
    CHECK(contains(last().text, "could not be posted in `web:c-2`: water the plants"));
    CHECK(said(other).size() == 1);
  }
  SUBCASE("the owner is the admin, who has no other chat") {
    permit("web", {.mode = bot::runtime::Access::Mode::open, .admins = {"u-1"}});
    say("remind me of the plants", other, person);
    bot::reminders::tell_undelivered(services, db, posted);
    CHECK(said(conversation).empty());
    CHECK(said(other).size() == 1);
  }
  SUBCASE("the admin, who wrote last in the one that is gone") {
    const auto admin = store::People(db).remember("web", "boss", "Boss", clock.now());
    permit("web", {.mode = bot::runtime::Access::Mode::open, .admins = {"boss"}});
    say("hello", conversation, admin);
    say("hello there", other, admin);
    bot::reminders::tell_undelivered(services, db, posted);
    CHECK(contains(last().text, "A reminder for Ada could not be posted"));
  }
  SUBCASE("the admin") {
    const auto admin = store::People(db).remember("web", "boss", "Boss", clock.now());
    permit("web", {.mode = bot::runtime::Access::Mode::open, .admins = {"boss"}});
    say("hello", conversation, admin);
    bot::reminders::tell_undelivered(services, db, posted);
    CHECK(contains(last().text, "A reminder for Ada could not be posted"));
  }
  CHECK_FALSE(reminders.find(id)->due);
  CHECK(queue.open(store::Reminders::kJob) == 0);
}

TEST_CASE_FIXTURE(Fixture, "whoever is erased loses their reminders, and what the chat says of them") {
  conversations.mark_as_group(conversation.id);
  const auto bob = store::People(db).remember("web", "u-2", "Bob", clock.now());
  say("hello", conversation, bob);
  remind("call Bob");
  remind("call Bob again", 2h);
  clock.advance(1h);
  CHECK(come_due());
  store::Erasure(db).erase(person.id, clock.now());
  CHECK(reminders.count_of(person.id) == 0);
  CHECK_FALSE(reminders.find({1}));
  CHECK(queue.open(store::Reminders::kJob) == 0);
  CHECK_FALSE(contains(last().text, "call Bob"));
}
