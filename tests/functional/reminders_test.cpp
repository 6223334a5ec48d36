// Reminders with the real program: at their time, over restarts, as a task, and in a chat that is gone.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using namespace std::chrono_literals;
using support::contains;
using support::Desk;
using support::Shown;

namespace {

class ReminderDesk : public Desk {
 public:
  ReminderDesk() : Desk(Claude::fake) {}

  /// Whoever says so is reminded of that then.
  void script(const std::string& word, const std::string& text, std::chrono::milliseconds in,
              const std::string& does = "say") {
    model.secretary(word, {support::remind(text, in, does), support::say("I will: " + text)});
  }
  Shown shown(const std::string& part, const std::string& chat = "c-1") const {
    return callbacks.wait_for(
        [&](const Shown& message) { return message.chat == chat && contains(message.text, part); });
  }
  int count(const std::string& part) const {
    int n = 0;
    for (const auto& message : callbacks.shown()) {
      n += contains(message.text, part) ? 1 : 0;
    }
    return n;
  }
  bool is_past(const std::string& reminder) const {
    return support::wait_until([&] {
      return query("SELECT due_at < strftime('%s', 'now') * 1000 FROM reminders WHERE text = '" + reminder +
                   "'") == "1";
    });
  }
};

}  // namespace

TEST_CASE("a reminder that is ordered in words comes at its time, once") {
  ReminderDesk desk;
  desk.script("legs", "stretch your legs", 3s);
  desk.start();
  CHECK(desk.answer_to(desk.say({"remind me to stretch my legs"})).text == "I will: stretch your legs");
  const auto due = desk.query("SELECT due_at FROM reminders");
  const auto shown = desk.shown("Reminder: stretch your legs");
  CHECK_FALSE(contains(shown.text, "was due"));
  const auto posted = desk.query("SELECT created_at FROM messages WHERE text LIKE '%Reminder: stretch%'");
  CHECK(std::stoll(posted) >= std::stoll(due));
  CHECK(std::stoll(posted) < std::stoll(due) + 2'000);
  REQUIRE(support::wait_until([&] { return contains(desk.program->log(), "reminded reminder=1 do=say"); }));
  // Put off by the button below it, it waits as a job of its own kind.
  CHECK(contains(desk.answer_to(desk.click(shown.action("Snooze"))).text, "I'll remind you at"));
  CHECK(contains(desk.call("GET", "/metrics").body, "frontdesk_queue_depth{kind=\"reminder\"} 1"));
}

TEST_CASE("over two restarts, one of them over a due time, each comes once and says when it was due") {
  ReminderDesk desk;
  desk.script("tea", "drink your tea", 2s);
  desk.script("bed", "go to bed", std::chrono::hours(5));
  desk.start();
  desk.answer_to(desk.say({"remind me of my bed"}));
  desk.stop(SIGTERM);
  desk.start();
  desk.answer_to(desk.say({"remind me of the tea"}));
  desk.stop(SIGKILL);
  REQUIRE(desk.is_past("drink your tea"));
  desk.start();
  CHECK(contains(desk.shown("drink your tea\n").text, "was due"));
  CHECK(contains(desk.shown("drink your tea\n").text, "I was not running then"));
  const auto list = desk.answer_to(desk.say({"/reminders"}));
  CHECK(contains(list.text, "go to bed"));
  CHECK_FALSE(contains(list.text, "tea"));
  const auto& actions = (*desk.callbacks.calls().back().body)["actions"];
  REQUIRE(actions.size() == 3);
  CHECK(actions[0]["kind"] == "snooze");
  CHECK(actions[1]["kind"] == "change");
  CHECK(actions[2]["kind"] == "delete");
  CHECK(contains(desk.answer_to(desk.click(list.action("Delete"), "u-2")).text, "only they or an admin"));
  CHECK(contains(desk.answer_to(desk.click(list.action("Delete"))).text, "Deleted: go to bed"));
  CHECK(desk.query("SELECT count(*) FROM jobs WHERE kind = 'reminder'") == "0");
  CHECK(desk.count("⏰ Reminder: drink your tea") == 1);
}

TEST_CASE("a person goes by a time zone of their own, and nobody else does") {
  ReminderDesk desk;
  desk.script("tea", "drink your tea", std::chrono::hours(30));
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"/timezone"})).text, "UTC, the one of this bot"));
  CHECK(contains(desk.answer_to(desk.say({"/timezone atlantis"})).text, "no time zone atlantis"));
  CHECK(contains(desk.answer_to(desk.say({"/timezone kolkata"})).text, "Your time zone is Asia/Kolkata now"));
  desk.answer_to(desk.say({"remind me of the tea"}));
  CHECK(desk.model.saw("Asia/Kolkata (UTC+05:30)"));
  CHECK(desk.query("SELECT zone FROM reminders") == "Asia/Kolkata");
  CHECK(contains(desk.answer_to(desk.say({"/reminders"})).text, "times of Asia/Kolkata"));
  desk.answer_to(desk.say({"remind me of the tea", "c-2", "u-2"}));
  CHECK(desk.query("SELECT group_concat(zone) FROM reminders") == "Asia/Kolkata,UTC");
  CHECK(contains(desk.answer_to(desk.say({"/timezone default"})).text, "UTC"));
  CHECK(desk.query("SELECT count(*) FROM people WHERE time_zone IS NOT NULL") == "0");
}

TEST_CASE("a task that comes by schedule is announced, dispatched as its owner's, and can be stopped") {
  ReminderDesk desk;
  support::write_text(desk.folder() / "claude.work", "30");
  desk.model.secretary("surely", {support::propose("high", "site")});
  desk.script("later", "surely build it", 1s, "turn");
  desk.start();
  desk.answer_to(desk.say({"have it built later"}));
  desk.shown("Scheduled task: surely build it");
  const auto note = desk.dispatch("d-1", "On it");
  CHECK(desk.query("SELECT p.user_id FROM dispatches d JOIN people p ON p.id = d.person_id") == "u-1");
  desk.click(note.action("Cancel"));
  CHECK(support::wait_until([&] { return desk.query("SELECT outcome FROM dispatches") == "cancelled"; }));
}

TEST_CASE("of a chat that is gone its owner is told in another one") {
  ReminderDesk desk;
  desk.script("tea", "drink your tea", 2s);
  desk.start();
  desk.answer_to(desk.say({"remind me of the tea", "c-2"}));
  desk.answer_to(desk.say({"hello"}));
  desk.callbacks.decide(
      [](const support::Callback& call) -> std::optional<support::CallbackServer::Behaviour> {
        return call.text("chat_id") == "c-2"
                   ? std::optional(support::CallbackServer::Behaviour{.status = 410})
                   : std::nullopt;
      });
  CHECK(contains(desk.shown("could not be posted").text, "drink your tea"));
}
