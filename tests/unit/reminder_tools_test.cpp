// The secretary's tools for reminders, in one turn.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "bot/reminders/tools.h"
#include "store/job_queue.h"
#include "store/reminders.h"
#include "tests/support/store_fixture.h"
#include "tests/support/text.h"

using bot::reminders::kMostReminders;
using bot::reminders::ReminderTools;
using nlohmann::json;
using support::contains;

namespace {

/// The clock stands at 2026-11-22 17:05 in Zurich.
class Fixture : public support::StoreFixture {
 public:
  ReminderTools tools_in(const store::Conversation& where, const store::Person& who,
                         store::MessageId message = {}) {
    return {db, clock, {where, who.id, message, "Europe/Zurich", [this] { return foreign; }}};
  }
  ReminderTools tools_here() { return tools_in(conversation, person); }

  static llm::ToolResult call(ReminderTools& tools, const std::string& name, const json& arguments) {
    return tools.call({"call-1", name, arguments.dump()}, {}).value().result;
  }
  static llm::ToolResult set(ReminderTools& tools, const std::string& text, const std::string& at) {
    return call(tools, "set_reminder", {{"text", text}, {"at", at}});
  }
  /// Sets it in a turn of its own.
  store::ReminderId stored(const std::string& text, const store::Conversation& where,
                           const store::Person& who) {
    auto tools = tools_in(where, who);
    REQUIRE_FALSE(set(tools, text, "2026-11-23T09:00:00+01:00").is_error);
    tools.carry_out();
    return store::Reminders(db).of(who.id, 1000).back().id;
  }

  bool foreign = false;
  store::Reminders reminders{db};
};

constexpr const char* kTomorrow = "2026-11-23T09:00:00+01:00";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a reminder is written when the turn ends, with the job that is due then") {
  auto tools = tools_here();
  const auto answer = set(tools, "stretch", kTomorrow);
  CHECK_FALSE(answer.is_error);
  CHECK(contains(answer.text, "2026-11-23 09:00 (Europe/Zurich)"));
  CHECK(reminders.of(person.id, 10).empty());
  CHECK_FALSE(store::JobQueue(db).next_due(store::Reminders::kJob));
  tools.carry_out();
  const auto all = reminders.of(person.id, 10);
  REQUIRE(all.size() == 1);
  CHECK(all[0].text == "stretch");
  CHECK(all[0].does == store::ReminderDoes::say);
  CHECK(all[0].schedule.empty());
  CHECK_FALSE(all[0].has_foreign_words);
  CHECK(store::JobQueue(db).next_due(store::Reminders::kJob) == base::parse_rfc3339(kTomorrow));
}

TEST_CASE_FIXTURE(Fixture, "a schedule is in the person's zone, and words of others are noted") {
  auto tools = tools_here();
  CHECK(contains(
      call(tools, "set_reminder", {{"text", "stand-up"}, {"every", "0 9 * * 1-5"}, {"do", "turn"}}).text,
      "next 2026-11-23 09:00"));
  foreign = true;
  tools.carry_out();
  const auto reminder = reminders.of(person.id, 10).at(0);
  CHECK(reminder.schedule == "0 9 * * 1-5");
  CHECK(reminder.zone == "Europe/Zurich");
  CHECK(reminder.does == store::ReminderDoes::turn);
  CHECK(reminder.has_foreign_words);
}

TEST_CASE_FIXTURE(
    Fixture, "what was said twice in one turn counts once, and a model that is asked anew says it anew") {
  auto tools = tools_here();
  set(tools, "stretch", kTomorrow);
  set(tools, "stretch", kTomorrow);
  tools.carry_out();
  CHECK(reminders.count_of(person.id) == 1);
  auto asked_twice = tools_here();
  asked_twice.context();
  set(asked_twice, "drink", kTomorrow);
  asked_twice.context();
  set(asked_twice, "drink some water", kTomorrow);
  asked_twice.carry_out();
  CHECK(reminders.count_of(person.id) == 2);
}

TEST_CASE_FIXTURE(Fixture, "what cannot be set is told to the model") {
  auto tools = tools_here();
  const auto error = [&](const json& arguments) {
    const auto result = call(tools, "set_reminder", arguments);
    CHECK(result.is_error);
    return result.text;
  };
  CHECK(contains(error({{"at", kTomorrow}}), "\"text\" is missing"));
  CHECK(contains(error({{"text", "  "}, {"at", kTomorrow}}), "\"text\" is missing"));
  CHECK(contains(error({{"text", std::string(2'001, 'x')}, {"at", kTomorrow}}), "2000 bytes"));
  CHECK(contains(error({{"text", "x"}}), "either"));
  CHECK(contains(error({{"text", "x"}, {"at", kTomorrow}, {"every", "0 9 * * *"}}), "either"));
  CHECK(contains(error({{"text", "x"}, {"at", "2026-11-22T17:04:00+01:00"}}),
                 "it is now 2026-11-22T17:05:00+01:00"));
  CHECK(contains(error({{"text", "x"}, {"at", kTomorrow}, {"do", "sing"}}), "\"say\" or \"turn\""));
  CHECK(contains(error({{"text", "x"}, {"every", "* * * * *"}}), "once in five minutes"));
  CHECK(contains(error({{"text", "x"}, {"every", "* * * * * *"}}), "five fields"));
  CHECK(contains(error({{"text", "x"}, {"every", "0 0 31 2 *"}}), "no such day"));
  CHECK(call(tools, "cancel_reminder", {{"id", 77}}).is_error);
  CHECK(call(tools, "cancel_reminder", json::object()).is_error);
  CHECK_FALSE(tools.call({"call-1", "list_projects", "{}"}, {}));
  tools.carry_out();
  CHECK(reminders.count_of(person.id) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a person has a hundred of them at most") {
  for (int i = 0; i < kMostReminders - 1; ++i) {
    stored("r" + std::to_string(i), conversation, person);
  }
  auto tools = tools_here();
  CHECK_FALSE(set(tools, "the last one", kTomorrow).is_error);
  CHECK(contains(set(tools, "one more", kTomorrow).text, "has 100 reminders"));
  const auto first = reminders.of(person.id, 1).at(0).id.value;
  CHECK_FALSE(call(tools, "cancel_reminder", {{"id", first}}).is_error);
  CHECK_FALSE(set(tools, "instead of it", kTomorrow).is_error);
  tools.carry_out();
  CHECK(reminders.count_of(person.id) == kMostReminders);
}

TEST_CASE_FIXTURE(Fixture, "long texts are cut in the list, and told whole where one is to be set anew") {
  const auto id = stored("the long one: " + std::string(1'900, 'x') + " to the end", conversation, person);
  for (int i = 0; i < 14; ++i) {
    stored("r" + std::to_string(i) + std::string(1'900, 'y'), conversation, person);
  }
  auto tools = tools_here();
  const auto list = call(tools, "list_reminders", json::object()).text;
  CHECK(contains(list, "the long one"));
  CHECK(contains(list, "r13"));
  CHECK(contains(list, "there is more of it"));
  CHECK(list.size() < 15 * 300);
  CHECK(contains(call(tools, "cancel_reminder", {{"id", id.value}}).text, "to the end"));
  stored("short", conversation, store::People(db).remember("web", "u-2", "Bob", clock.now()));
  auto bobs = tools_in(conversation, store::People(db).remember("web", "u-2", "Bob", clock.now()));
  CHECK_FALSE(contains(call(bobs, "list_reminders", json::object()).text, "there is more of it"));
}

TEST_CASE_FIXTURE(Fixture, "nobody sees or cancels another's, and a group sees only what was said in it") {
  const auto bob = store::People(db).remember("web", "u-2", "Bob", clock.now());
  auto group = store::Conversations(db).open("web", "g-1", clock.now());
  store::Conversations(db).mark_as_group(group.id);
  group = store::Conversations(db).get(group.id);
  const auto mine = stored("my secret", conversation, person);
  const auto in_group = stored("our meeting", group, person);
  auto bobs = tools_in(group, bob);
  CHECK(contains(call(bobs, "list_reminders", json::object()).text, "no reminders"));
  CHECK(call(bobs, "cancel_reminder", {{"id", in_group.value}}).is_error);
  auto there = tools_in(group, person);
  CHECK(contains(call(there, "list_reminders", json::object()).text, "our meeting"));
  CHECK_FALSE(contains(call(there, "list_reminders", json::object()).text, "my secret"));
  CHECK(call(there, "cancel_reminder", {{"id", mine.value}}).is_error);
  auto here = tools_here();
  CHECK(contains(call(here, "list_reminders", json::object()).text, "my secret"));
  CHECK_FALSE(call(here, "cancel_reminder", {{"id", std::to_string(mine.value)}}).is_error);
  here.carry_out();
  CHECK_FALSE(reminders.find(mine)->due);
  CHECK(store::JobQueue(db).open(store::Reminders::kJob) == 1);
}

TEST_CASE_FIXTURE(Fixture, "what comes by schedule sets nothing, and the model knows that it does") {
  const auto id = stored("sum up the day", conversation, person);
  const auto message = say("sum up the day");
  reminders.note_message(message, *reminders.find(id));
  auto tools = tools_in(conversation, person, message);
  CHECK(contains(tools.context(), "comes by schedule"));
  CHECK(contains(set(tools, "again", kTomorrow).text, "sets no reminders"));
  CHECK(contains(tools_here().context(), "2026-11-22T17:05:00+01:00 (Europe/Zurich)"));
}
