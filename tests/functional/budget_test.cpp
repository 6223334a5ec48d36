// What happens when a budget is used up: nothing more is paid, whoever asks, and commands go on.
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/support/json_of.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::propose;

namespace {

/// A desk where a call of the secretary's model costs more than a dime, and a day may cost a cent.
class PoorDesk : public Desk {
 public:
  PoorDesk() : Desk(Claude::fake) {
    config.set("secretary", "usd_per_million_input", "1000.0").set("budget", "usd_per_day", "0.01");
    config.set("chat.ops", "approvers", R"(["boss"])");
    model.secretary("surely", {propose("high", "site")});
    model.secretary("maybe", {propose("medium", "site"), support::say("My own answer.")});
    model.secretary("look", {support::use("list_projects", nlohmann::json::object()), support::say("None.")});
    model.secretary("hardly", {propose("low", "site"), support::say("My own answer.")});
  }
  std::size_t calls() const { return model.requests().size(); }
  std::string outcomes() const {
    return query(
        "SELECT group_concat(coalesce(became, 'none'), ' ') FROM (SELECT became FROM decisions ORDER BY id)");
  }
  support::Shown answer(const std::string& text, const std::string& user = "u-1",
                        const std::string& chat = "c-1") {
    return answer_to(say({text, chat, user}));
  }
};

}  // namespace

TEST_CASE("past a day's budget no model is called: a sentence, then a short one, and commands go on") {
  PoorDesk desk;
  desk.start();
  CHECK(contains(desk.answer("hello").text, "Answer to: hello"));
  REQUIRE(desk.calls() == 1);
  const auto first = desk.answer("and now?").text;
  CHECK(contains(first, "today's budget of $0.01 is used up"));
  CHECK(contains(first, "budget.usd_per_day"));
  CHECK(desk.answer("and now?").text == "The budget is still used up.");
  CHECK(desk.answer("/answer something").text == "The budget is still used up.");
  CHECK(contains(desk.answer("/dispatch build it").text, "I did not start the specialist"));
  CHECK(contains(desk.answer("/status").text, "Nothing"));
  // Somebody else, and another chat, have not been told.
  CHECK(contains(desk.answer("hello", "u-2").text, "today's budget of $0.01"));
  CHECK(contains(desk.answer("hello", "u-1", "c-2").text, "today's budget of $0.01"));
  CHECK(desk.calls() == 1);
  CHECK(desk.outcomes() == "none over_budget over_budget over_budget over_budget over_budget over_budget");
  CHECK(desk.query("SELECT count(*) FROM dispatches") == "0");
  CHECK(desk.query("SELECT group_concat(DISTINCT cause) FROM decisions WHERE became = 'over_budget'") ==
        "rule:budget");
  CHECK(desk.counts(R"(frontdesk_decisions_total{action="answer",outcome="over_budget"} 6)"));
}

TEST_CASE("a budget that is used up in the middle of a turn ends the turn before the next call") {
  PoorDesk desk;
  SUBCASE("between two rounds of tools") {
    desk.start();
    CHECK(contains(desk.answer("look at my projects").text, "is used up"));
  }
  SUBCASE("before the model is asked once more without the tool") {
    desk.start();
    CHECK(contains(desk.answer("hardly build it").text, "is used up"));
  }
  SUBCASE("before the specialist begins") {
    desk.start();
    CHECK(contains(desk.answer("surely build it").text, "I did not start the specialist"));
  }
  CHECK(desk.calls() == 1);
  CHECK(desk.outcomes() == "over_budget");
}

TEST_CASE("after a No that a budget leaves without an answer, the chat says why") {
  PoorDesk desk;
  desk.config.set("budget", "usd_per_day", "1.0");
  desk.start();
  const auto asked = desk.answer("maybe build it");
  REQUIRE(asked.actions.size() == 2);
  desk.config.set("budget", "usd_per_day", "0.01");
  desk.write_config();
  desk.program->signal(SIGHUP);
  REQUIRE(support::wait_until([&] { return contains(desk.program->log(), "were reloaded"); }));
  CHECK(contains(desk.answer_to(desk.click(asked.action("No"))).text, "is used up"));
  CHECK(desk.calls() == 1);
  CHECK(desk.outcomes() == "none over_budget");
}

TEST_CASE("an approver raises the budget for today by a button, and nobody else can") {
  PoorDesk desk;
  desk.start();
  desk.answer("hello");
  CHECK(desk.answer("and now?").actions.empty());
  const auto refused = desk.answer("and now?", "boss");
  REQUIRE(refused.actions.size() == 1);
  CHECK(refused.actions[0].first == "Raise for today");
  CHECK(desk.answer("again", "boss").actions.empty());
  CHECK(contains(desk.answer_to(desk.click(refused.action("Raise for today"), "u-1")).text, "can raise"));
  CHECK(contains(desk.answer("and now?").text, "still used up"));
  CHECK(desk.calls() == 1);
  // A call is a dime, so that the raise of a cent allows one.
  const auto raised = desk.answer_to(desk.click(refused.action("Raise for today"), "boss")).text;
  CHECK(contains(raised, "counts until midnight"));
  const auto settled =
      desk.callbacks.wait_for([&](const auto& s) { return s.id == refused.id && s.edits > 0; });
  CHECK(settled.actions.empty());
  CHECK(contains(settled.text, "Raised for today by"));
  CHECK(contains(desk.answer("once more").text, ": once more"));
  CHECK(desk.calls() == 2);
  // Used up again: it is said in full again, and the old button does nothing.
  CHECK(contains(desk.answer("and now?").text, "today's budget of"));
  CHECK(contains(desk.answer_to(desk.click(refused.action("Raise for today"), "boss")).text, "out of date"));
  CHECK(desk.calls() == 2);
}

TEST_CASE("with secretary = unlimited a spent budget stops specialists alone") {
  PoorDesk desk;
  desk.config.set("budget", "secretary", R"("unlimited")");
  desk.start();
  desk.answer("hello");
  CHECK(contains(desk.answer("and now?").text, "Answer to: and now?"));
  CHECK(contains(desk.answer("surely build it").text, "I did not start the specialist"));
  CHECK(desk.outcomes() == "none none over_budget");
  CHECK(desk.query("SELECT count(*) FROM dispatches") == "0");
}

TEST_CASE("a month's and a chat's budget stop as a day's does") {
  PoorDesk desk;
  desk.config.drop("budget");
  SUBCASE("the month's") {
    desk.config.set("budget", "usd_per_month", "0.01");
    desk.start();
    desk.answer("hello");
    CHECK(contains(desk.answer("and now?").text, "this month's budget of $0.01"));
    CHECK(contains(desk.answer("and now?", "u-2", "c-2").text, "this month's budget"));
  }
  SUBCASE("the chat's") {
    desk.config.set("budget.chat.\"ops:c-1\"", "usd_per_day", "0.01");
    desk.start();
    desk.answer("hello");
    CHECK(contains(desk.answer("and now?").text, "this chat's budget of $0.01"));
    CHECK(contains(desk.answer("and here?", "u-1", "c-2").text, "Answer to: and here?"));
  }
}

TEST_CASE("a run that the budget ends is over budget in the log") {
  PoorDesk desk;
  desk.config.set("budget", "usd_per_day", "0.005").set("secretary", "usd_per_million_input", "1.0");
  desk.config.set("dispatch", "concurrency", "1");
  support::write_text(desk.folder() / "claude.work", "1");
  desk.start();
  desk.say({"/dispatch first"});
  REQUIRE(support::wait_until(
      [&] { return contains(support::read_text(desk.folder() / "claude.journal"), "init new"); }));
  desk.say({"/dispatch second"});
  desk.dispatch("d-2", "budget of $0.005 is used up");
  CHECK(desk.outcomes() == "none over_budget");
  CHECK(desk.query("SELECT outcome FROM dispatches WHERE id = 2") == "cancelled");
}

TEST_CASE("an admin is told of a share of the budget once, also over a restart, and the log says it") {
  PoorDesk desk;
  // A call is a dime.
  desk.config.set("budget", "usd_per_day", "0.35").set("chat.ops", "admins", R"(["chief"])");
  desk.start();
  desk.answer("hello", "chief", "c-chief");
  desk.answer("and now?");
  const auto told = [&] {
    std::set<std::string> texts;  // a call that a kill cut comes again
    for (const auto& call : desk.callbacks.calls()) {
      if (contains(call.text("text"), "% of today's budget of $0.35 is spent")) {
        texts.insert(call.text("text"));
      }
      CHECK_FALSE((contains(call.text("text"), "of today's budget") && call.text("chat_id") != "c-chief"));
    }
    return texts.size();
  };
  CHECK(support::wait_until([&] { return told() == 1; }));
  CHECK(contains(desk.program->log(), "50 % of today's budget of $0.35 is spent"));
  CHECK(desk.query("SELECT group_concat(share) FROM budget_alerts") == "0.5");
  desk.stop(SIGKILL);
  desk.start();
  CHECK(desk.query("SELECT count(*) FROM budget_alerts") == "1");
  desk.answer("once more");
  CHECK(support::wait_until([&] { return told() == 2; }));
  CHECK(contains(desk.program->log(), "75 % of today's budget"));
  CHECK(desk.query("SELECT group_concat(share) FROM budget_alerts") == "0.5,0.75");
}
