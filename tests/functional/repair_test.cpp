// What a person puts right in one tap, or by what they do next, and what is learnt from it.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::ModelRequest;
using support::propose;
using support::Shown;

namespace {

using Actions = std::vector<std::string>;

/// A desk with repair buttons, as on a user's machine.
class RepairDesk : public Desk {
 public:
  RepairDesk() : Desk(Claude::fake) {
    config.drop("chat.ops", "repair_buttons");
    model.secretary("surely", {propose("high", "site"), support::say("My own answer.")});
  }

  static Actions labels(const Shown& shown) {
    Actions labels;
    for (const auto& [label, id] : shown.actions) {
      labels.push_back(label);
    }
    return labels;
  }
  /// The message with that id once it has that many buttons.
  Shown with_buttons(const std::string& id, std::size_t buttons) const {
    return callbacks.wait_for(
        [&](const Shown& shown) { return shown.id == id && shown.actions.size() == buttons; });
  }
  /// "decision verdict source" of all that was said, oldest first.
  std::string verdicts() const {
    return query(
        "SELECT group_concat(decision_id || ' ' || verdict || ' ' || source || ' ' || coalesce(person_id, '-'), "
        "', ') FROM verdicts");
  }
  bool has_verdicts(const std::string& wanted) const {
    return support::wait_until([&] { return verdicts() == wanted; });
  }
  std::string log(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {"log"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--config", config_file().string()});
    return support::run_frontdesk(all, folder()).output;
  }
};

}  // namespace

TEST_CASE("under an answer a button gives it to the specialist, once, and that is a label") {
  RepairDesk desk;
  desk.start();
  const auto answer = desk.answer_to(desk.say({"a plain question about birds"}));
  REQUIRE(RepairDesk::labels(answer) == Actions{"Give it to the specialist", "👍", "👎"});
  const auto& kinds = (*desk.callbacks.calls().front().body)["actions"];
  CHECK(kinds[0]["kind"] == "give");
  CHECK(kinds[1]["kind"] == "good");
  CHECK(kinds[2]["kind"] == "bad");
  // It outlives the program.
  desk.stop(SIGTERM);
  desk.start();
  desk.click(answer.action("Give it to the specialist"));
  desk.dispatch("d-1", "**Done: a-plain-question-about-birds.**");
  CHECK(desk.with_buttons(answer.id, 0).text == answer.text);
  CHECK(contains(desk.answer_to(desk.click(answer.action("Give it to the specialist"))).text, "out of date"));
  CHECK(desk.query("SELECT count(*) FROM dispatches") == "1");
  CHECK(desk.verdicts() == "1 should_dispatch button 1");
  CHECK(contains(desk.query("SELECT cause || reason FROM decisions WHERE id = 2"), "rule:dispatch-command"));
  CHECK(contains(desk.log({"show", "1"}), "should_dispatch by Name of u-1 (ops:u-1) (button)"));
}

TEST_CASE("Just answer stops the specialist, and the secretary answers without it") {
  RepairDesk desk;
  support::write_text(desk.folder() / "claude.work", "30");
  desk.start();
  desk.say({"surely build it"});
  const auto note = desk.dispatch("d-1", "On it");
  REQUIRE(RepairDesk::labels(note) == Actions{"Cancel", "Just answer"});
  REQUIRE(support::wait_until(
      [&] { return contains(support::read_text(desk.folder() / "claude.journal"), "init new"); }));
  const auto click = desk.click(note.action("Just answer"));
  const auto answer = desk.answer_to(click);
  CHECK(answer.text == "My own answer.");
  CHECK(RepairDesk::labels(answer) == Actions{"👍", "👎"});
  CHECK(RepairDesk::labels(desk.dispatch("d-1", "**Cancelled")).empty());
  CHECK(desk.query("SELECT outcome FROM dispatches") == "cancelled");
  const auto requests = desk.model.requests(ModelRequest::From::secretary);
  CHECK_FALSE(requests.back().offers("dispatch"));
  CHECK(contains(requests.back().user_text, "surely build it"));
  CHECK(contains(desk.answer_to(desk.click(note.action("Just answer"))).text, "out of date"));
  CHECK(desk.verdicts() == "1 should_answer button 1");
  CHECK(desk.query("SELECT cause FROM decisions ORDER BY id DESC LIMIT 1") == "rule:answer-command");
}

TEST_CASE("Just answer is carried out although the program is killed meanwhile") {
  RepairDesk desk;
  support::write_text(desk.folder() / "claude.work", "30");
  desk.model.secretary("slowly", {propose("high", "site"), support::hold({"My slow answer.", {}, {}})});
  desk.start();
  desk.say({"slowly build it"});
  const auto note = desk.dispatch("d-1", "On it");
  const auto click = desk.click(note.action("Just answer"));
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 2));
  desk.stop(SIGKILL);
  desk.model.release();
  desk.start();
  CHECK(desk.answer_to(click).text == "My slow answer.");
  CHECK(desk.verdicts() == "1 should_answer button 1");
}

TEST_CASE("thumbs count once, and only of whoever asked") {
  RepairDesk desk;
  desk.start();
  const auto answer = desk.answer_to(desk.say({"a plain question about birds"}));
  const auto refused = desk.answer_to(desk.click(answer.action("👎"), "u-2"));
  CHECK(refused.text == "Only Name of u-1 can say whether this was right.");
  desk.click(answer.action("👍"));
  const auto judged = desk.with_buttons(answer.id, 1);
  CHECK(RepairDesk::labels(judged) == Actions{"Give it to the specialist"});
  CHECK(judged.text == answer.text);
  CHECK(contains(desk.answer_to(desk.click(answer.action("👎"))).text, "out of date"));
  CHECK(desk.verdicts() == "1 right button 1");
  // The button that was drawn before still does what it says.
  desk.click(answer.action("Give it to the specialist"));
  const auto result = desk.dispatch("d-1", "**Done");
  CHECK(RepairDesk::labels(result).back() == "👎");
  desk.click(result.action("👎"));
  CHECK(desk.has_verdicts("1 right button 1, 1 should_dispatch button 1, 2 bad_result button 1"));
}

TEST_CASE("without repair_buttons nothing of it is shown") {
  RepairDesk desk;
  desk.config.set("chat.ops", "repair_buttons", "false");
  desk.start();
  CHECK(desk.answer_to(desk.say({"a plain question about birds"})).actions.empty());
  desk.say({"surely build it"});
  CHECK(RepairDesk::labels(desk.dispatch("d-1", "On it")) == Actions{"Cancel"});
  for (const auto& label : RepairDesk::labels(desk.dispatch("d-1", "**Done"))) {
    CHECK(label != "👍");
  }
}

TEST_CASE("what a person does after an answer is a label") {
  RepairDesk desk;
  desk.start();
  desk.answer_to(desk.say({"review the contract of the new flat"}));
  SUBCASE("the same again") {
    desk.answer_to(desk.say({"please review the contract of the new flat properly"}));
    CHECK(desk.verdicts() == "1 should_dispatch reask 1");
  }
  SUBCASE("/dispatch that") {
    desk.say({"/dispatch do that"});
    desk.dispatch("d-1", "**Done");
    CHECK(desk.verdicts() == "1 should_dispatch command 1");
  }
  SUBCASE("something else, and /dispatch of something else") {
    desk.answer_to(desk.say({"review the contract of the old flat"}));
    desk.answer_to(desk.say({"what is the weather like tomorrow"}));
    desk.say({"/dispatch build a small page for my running club with results"});
    desk.dispatch("d-1", "**Done");
    CHECK(desk.verdicts().empty());
  }
  SUBCASE("the same, by somebody else") {
    desk.answer_to(desk.say({"review the contract of the new flat", "c-1", "u-2"}));
    CHECK(desk.verdicts().empty());
  }
}

TEST_CASE("a dispatch that is stopped at once, or that only brings a few words, was not needed") {
  RepairDesk desk;
  SUBCASE("stopped") {
    support::write_text(desk.folder() / "claude.work", "30");
    desk.start();
    desk.say({"surely build it"});
    desk.dispatch("d-1", "On it");
    desk.answer_to(desk.say({"/cancel"}));
    CHECK(desk.has_verdicts("1 should_answer cancelled 1"));
  }
  SUBCASE("a few words") {
    desk.start();
    desk.say({"surely the first part"});
    desk.dispatch("d-1", "**Done");
    CHECK(desk.has_verdicts("1 should_answer trivial 1"));
    // What is said on purpose counts more.
    const auto projection = nlohmann::json::parse(
        support::run_frontdesk({"route", "--what-if", "ask_at=0.0001,dispatch_at=0.0002", "--json",
                                "--config", desk.config_file().string()},
                               desk.folder())
            .output);
    CHECK(projection["known_mistakes"] == 1);
    desk.click(desk.dispatch("d-1", "**Done").action("👍"));
    CHECK(desk.has_verdicts("1 should_answer trivial 1, 1 right button 1"));
    const auto after = nlohmann::json::parse(
        support::run_frontdesk({"route", "--what-if", "ask_at=0.0001,dispatch_at=0.0002", "--json",
                                "--config", desk.config_file().string()},
                               desk.folder())
            .output);
    CHECK(after["known_mistakes"] == 0);
  }
}

TEST_CASE("a thumb as a reaction counts as the button does, also where there are no buttons") {
  RepairDesk desk;
  desk.config.set("chat.ops", "repair_buttons", "false");
  desk.start();
  const auto answer = desk.answer_to(desk.say({"a plain question about birds"}));
  const auto react = [&](const std::string& emoji, const std::string& user) {
    static int next = 0;
    CHECK(desk.post(nlohmann::json{{"type", "reaction"},
                                   {"message_id", "r-" + std::to_string(++next)},
                                   {"target", answer.id},
                                   {"chat_id", "c-1"},
                                   {"user_id", user},
                                   {"emoji", emoji}}
                        .dump())
              .status == 200);
  };
  react("👎", "u-2");  // who did not ask
  react("🎉", "u-1");
  react("👎", "u-1");
  CHECK(desk.has_verdicts("1 bad_result reaction 1"));
  CHECK(contains(desk.log({"show", "1"}), "bad_result by Name of u-1 (ops:u-1) (reaction)"));
}
