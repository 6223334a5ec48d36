// What is asked first, what is answered after all, and who may say yes.
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::ModelRequest;
using support::propose;

namespace {

/// A desk whose secretary proposes with medium confidence for "maybe", low for "hardly", high for "surely".
class AskingDesk : public Desk {
 public:
  AskingDesk() : Desk(Claude::fake) {
    model.secretary("maybe", {propose("medium", "site"), support::say("My own answer.")});
    model.secretary("hardly", {propose("low", "site"), support::say("My own answer.")});
    model.secretary("surely", {propose("high", "site"), support::say("My own answer.")});
  }

  std::string dispatches() const { return query("SELECT count(*) FROM dispatches"); }
};

}  // namespace

TEST_CASE("medium confidence asks first, and a click on Yes dispatches") {
  AskingDesk desk;
  desk.start();
  const auto id = desk.say({"maybe build it"});
  const auto question = desk.answer_to(id);
  REQUIRE(question.actions.size() == 2);
  CHECK(question.actions[0].first == "Yes");
  CHECK(question.actions[1].first == "No");
  CHECK(desk.dispatches() == "0");
  const auto click = desk.click(question.action("Yes"));
  const auto result = desk.dispatch("d-1", "**Done: site.**");
  CHECK(result.reply_to == click);
  const auto settled =
      desk.callbacks.wait_for([&](const auto& s) { return s.id == question.id && s.edits > 0; });
  CHECK(settled.actions.empty());
  CHECK(contains(settled.text, "**Yes.**"));
}

TEST_CASE("the word yes dispatches, too") {
  AskingDesk desk;
  desk.start();
  desk.answer_to(desk.say({"maybe build it"}));
  desk.say({"Yes, please!"});
  desk.dispatch("d-1", "**Done: site.**");
  CHECK(desk.model.requests(ModelRequest::From::secretary).size() == 1);
}

TEST_CASE("after no the secretary answers itself, without the tool") {
  AskingDesk desk;
  desk.start();
  const auto question = desk.answer_to(desk.say({"maybe build it"}));
  const auto no = desk.say({"no"});
  CHECK(desk.answer_to(no).text == "My own answer.");
  const auto requests = desk.model.requests(ModelRequest::From::secretary);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].offers("dispatch"));
  CHECK_FALSE(requests[1].offers("dispatch"));
  CHECK(contains(requests[1].user_text, "maybe build it"));
  CHECK(desk.dispatches() == "0");
  const auto late = desk.click(question.action("Yes"));
  CHECK(contains(desk.answer_to(late).text, "settled"));
  CHECK(desk.dispatches() == "0");
}

TEST_CASE("a second click on Yes does not dispatch again") {
  AskingDesk desk;
  desk.start();
  const auto question = desk.answer_to(desk.say({"maybe build it"}));
  desk.click(question.action("Yes"));
  const auto second = desk.click(question.action("Yes"));
  const auto third = desk.say({"yes"});
  CHECK(contains(desk.answer_to(second).text, "settled"));
  desk.dispatch("d-1", "**Done: site.**");
  desk.answer_to(third);
  CHECK(desk.dispatches() == "1");
}

TEST_CASE("the click of another person, or from another chat, is refused and changes nothing") {
  AskingDesk desk;
  desk.start();
  const auto question = desk.answer_to(desk.say({"maybe build it"}));
  CHECK(contains(desk.answer_to(desk.click(question.action("Yes"), "u-2")).text, "Only Name of u-1"));
  CHECK(contains(desk.answer_to(desk.click(question.action("Yes"), "u-1", "c-2")).text,
                 "don't know this button"));
  CHECK(contains(desk.answer_to(desk.click("b-no-such-button")).text, "don't know this button"));
  CHECK(desk.dispatches() == "0");
  desk.click(question.action("Yes"));
  desk.dispatch("d-1", "**Done: site.**");
}

TEST_CASE("another person's yes is an ordinary message") {
  AskingDesk desk;
  desk.start();
  desk.answer_to(desk.say({"maybe build it"}));
  CHECK(contains(desk.answer_to(desk.say({"yes", "c-1", "u-2"})).text, "Answer to:"));
  CHECK(desk.dispatches() == "0");
}

TEST_CASE("a yes that replies to another message starts nothing") {
  AskingDesk desk;
  desk.start();
  const auto plain = desk.answer_to(desk.say({"Shall we meet?"}));
  const auto asked = desk.say({"maybe build it"});
  const auto question = desk.answer_to(asked);
  for (const auto& to : {plain.id, asked, std::string("nobody-knows")}) {
    const auto told = desk.answer_to(desk.reply(to, "yes")).text;
    CHECK(contains(told, "The message that you replied to asks nothing, so nothing was done."));
    CHECK(desk.dispatches() == "0");
  }
  CHECK(contains(desk.answer_to(desk.reply(question.id, "yes", "u-2")).text, "Only Name of u-1 can answer"));
  desk.reply(question.id, "yes");
  desk.dispatch("d-1", "**Done: site.**");
}

TEST_CASE("low confidence is asked once more without the tool, and answered") {
  AskingDesk desk;
  desk.start();
  const auto answer = desk.answer_to(desk.say({"hardly build it"}));
  CHECK(answer.text == "My own answer.");
  CHECK(answer.actions.empty());
  const auto requests = desk.model.requests(ModelRequest::From::secretary);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].offers("dispatch"));
  CHECK_FALSE(requests[1].offers("dispatch"));
  CHECK(requests[1].offers("project_status"));
  CHECK(desk.query("SELECT action || ' ' || substr(reason, 1, 15) FROM decisions") ==
        "answer confidence=0.30");
}

TEST_CASE("the tool is not offered where no confidence could reach ask_at") {
  AskingDesk desk;
  desk.config.set("routing", "ask_at", "0.95").set("routing", "dispatch_at", "0.99");
  desk.start();
  desk.answer_to(desk.say({"surely build it"}));
  const auto requests = desk.model.requests();
  REQUIRE(requests.size() == 1);
  CHECK_FALSE(requests[0].offers("dispatch"));
}

TEST_CASE("where an answer reaches ask_at it carries a button that gives the message to the specialist") {
  AskingDesk desk;
  desk.config.set("routing", "ask_at", "0.01");
  desk.start();
  const auto answer = desk.answer_to(desk.say({"a plain question about birds"}));
  REQUIRE(answer.actions.size() == 1);
  CHECK(answer.actions[0].first == "Give it to the specialist");
  desk.click(answer.actions[0].second);
  desk.click(answer.actions[0].second);
  const auto result = desk.dispatch("d-1", "**Done: a-plain-question-about-birds.**");
  const auto settled =
      desk.callbacks.wait_for([&](const auto& s) { return s.id == answer.id && s.edits > 0; });
  CHECK(settled.actions.empty());
  CHECK(settled.text == answer.text);
  CHECK(desk.dispatches() == "1");
}

TEST_CASE("narrower thresholds win: user, then chat, then global") {
  AskingDesk desk;
  desk.config.set("routing", "dispatch_at", "0.5")
      .set("routing.chat.\"ops:c-2\"", "dispatch_at", "0.8")
      .set("routing.user.\"ops:u-9\"", "ask_at", "0.7")
      .set("routing.user.\"ops:u-9\"", "dispatch_at", "0.99");
  desk.start();
  desk.say({"maybe build it", "c-1"});
  desk.dispatch("d-1", "**Done");
  CHECK(desk.answer_to(desk.say({"maybe build it", "c-2"})).actions.size() == 2);
  CHECK(desk.answer_to(desk.say({"maybe build it", "c-2", "u-9"})).text == "My own answer.");
  CHECK(desk.answer_to(desk.say({"surely build it", "c-1", "u-9"})).actions.size() == 2);
  CHECK(desk.dispatches() == "1");
  CHECK(desk.query("SELECT group_concat(layer, '|') FROM (SELECT layer FROM decisions ORDER BY id)") ==
        "global|chat ops:c-2|user ops:u-9|user ops:u-9");
}

TEST_CASE("a used-up budget starts nothing and says so") {
  AskingDesk desk;
  desk.config.set("budget", "usd_per_day", "0.0");
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"surely build it"})).text, "budget of $0.00"));
  CHECK(contains(desk.answer_to(desk.say({"/dispatch build it"})).text, "budget of $0.00"));
  CHECK(desk.dispatches() == "0");
}

TEST_CASE("a person's budget is spent by that person alone") {
  AskingDesk desk;
  desk.config.set("budget", "usd_per_user_per_day", "0.005");
  desk.start();
  desk.say({"surely build it"});
  desk.dispatch("d-1", "**Done");  // costs one cent
  CHECK(contains(desk.answer_to(desk.say({"surely build it"})).text, "your budget"));
  desk.say({"surely build it", "c-1", "u-2"});
  desk.dispatch("d-2", "**Done");
}

TEST_CASE("what waits is checked against the budget again before it begins") {
  AskingDesk desk;
  desk.config.set("budget", "usd_per_day", "0.005");
  desk.config.set("dispatch", "concurrency", "1");
  support::write_text(desk.folder() / "claude.work", "1");
  desk.start();
  desk.say({"/dispatch first"});
  REQUIRE(support::wait_until(
      [&] { return contains(support::read_text(desk.folder() / "claude.journal"), "init new"); }));
  desk.say({"/dispatch second"});
  desk.dispatch("d-2", "Queued");
  desk.dispatch("d-1", "**Done");  // costs one cent
  desk.dispatch("d-2", "budget of $0.005 is used up");
}

TEST_CASE("a name that was made up never goes on in a project of the same name") {
  AskingDesk desk;
  desk.start();
  desk.say({"/dispatch write a poem"});
  desk.dispatch("d-1", "**Done: write-a-poem.**");
  desk.say({"/dispatch write a poem"});
  desk.dispatch("d-2", "**Done: write-a-poem-2.**");
}
