// What /why says of each way in which a decision comes about.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/models/model_dialects.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::propose;

namespace {

constexpr const char* kTask = "please rebuild the whole website in that folder, tests included";

class WhyDesk : public Desk {
 public:
  WhyDesk() : Desk(Claude::fake) {
    config.set("routing", "shadow", "false");
    config.drop("chat.ops", "repair_buttons");
    model.secretary("rebuild", {propose("high", "site"), support::say("My own answer.")});
    model.secretary("perhaps", {propose("low", "site"), support::say("My own answer.")});
  }

  std::string why() { return with_paragraphs(answer_to(say_to("/why")).text); }
  std::string say_to(const std::string& text) { return Desk::say({text}); }
  support::Shown question() const {
    return callbacks.wait_for(
        [](const auto& shown) { return shown.actions.size() == 2 && shown.dispatch.empty(); });
  }
  support::Finished run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", config_file().string()});
    return support::run_frontdesk(arguments, folder());
  }

 private:
  /// No paragraph is empty, whatever was decided.
  static std::string with_paragraphs(const std::string& text) {
    CAPTURE(text);
    CHECK_FALSE(contains(text, "\n\n\n"));
    return text;
  }
};

}  // namespace

TEST_CASE("/why of an answer that nobody proposed to give away gives no other reason, however high p is") {
  WhyDesk desk;
  desk.config.set("routing", "ask_at", "0.001").set("routing", "dispatch_at", "0.002");
  desk.start();
  desk.answer_to(desk.say_to("what time is it in Tokyo?"));
  const auto why = desk.why();
  CHECK(contains(why, "because the secretary's model did not propose the specialist"));
  CHECK_FALSE(contains(why, "looked like work"));
}

TEST_CASE("/why says that shadow is on, and so do route, doctor and the start") {
  WhyDesk desk;
  desk.config.set("routing", "shadow", "true");
  desk.start();
  CHECK(contains(desk.program->log(), "routing.shadow is on"));
  desk.say_to("perhaps do something about the site in that folder");
  desk.callbacks.wait_for([](const auto& shown) { return contains(shown.text, "My own answer."); });
  const auto why = desk.why();
  CHECK(contains(why, "because the secretary's confidence alone decides here"));
  CHECK(contains(why, "The constants 0.3, 0.6 and 0.9"));
  // The reason tells the number that decided apart from p.
  const auto reason = desk.query("SELECT reason FROM decisions");
  CHECK(contains(reason, "confidence=0.30, ask_at=0.35"));
  CHECK(contains(reason, "p=" + desk.query("SELECT printf('%.2f', p) FROM decisions") + " is only kept"));
  CHECK(contains(desk.run({"doctor"}).output, "shadow is on"));
  const auto alone = nlohmann::json::parse(desk.run({"route", kTask, "--json"}).output);
  CHECK(alone["shadow"] == true);
  CHECK(alone["action"] == "ask");
  CHECK(alone["rule"].is_null());
  const auto asked = nlohmann::json::parse(
      desk.run({"route", "perhaps do something about the site in that folder", "--model", "--json"}).output);
  CHECK(asked["action"] == "answer");
  CHECK(contains(desk.run({"route", kTask}).output, "shadow: the constants"));
}

TEST_CASE("/why of Yes and No keeps the confidence and the p of the question") {
  WhyDesk desk;
  desk.config.set("routing", "dispatch_at", "1.0");
  desk.start();
  desk.say_to(kTask);
  const auto question = desk.question();
  const auto asked = desk.why();
  CHECK(contains(asked, "with high confidence"));
  SUBCASE("yes") {
    desk.click(question.action("Yes"));
    desk.dispatch("d-1", "**Done");
    CHECK(contains(desk.why(),
                   "I gave your last message to the specialist, because you answered my question."));
  }
  SUBCASE("no") {
    desk.click(question.action("No"));
    desk.callbacks.wait_for([](const auto& shown) { return contains(shown.text, "My own answer."); });
    CHECK(contains(desk.why(), "I answered your last message myself, because you answered my question."));
  }
  const auto why = desk.why();
  CHECK(contains(why, "with high confidence"));
  CHECK(contains(why, "You ordered it, so no probability decided; without that it was p = "));
}

TEST_CASE("/why of what was ordered states no invented p") {
  WhyDesk desk;
  desk.start();
  SUBCASE("/dispatch") {
    desk.say_to("/dispatch what time is it in Tokyo?");
    desk.dispatch("d-1", "**Done");
    CHECK(desk.query("SELECT instr(proposal, 'confidence') FROM decisions") == "0");
    CHECK(contains(desk.run({"log", "show", "1"}).output, "Task of the person's own words"));
    const auto shown = nlohmann::json::parse(desk.run({"log", "show", "1", "--json"}).output);
    for (const char* member : {"message", "proposal", "signals", "rule", "task", "timeline", "approvals",
                               "result", "deliveries", "cost", "verdicts"}) {
      CAPTURE(std::string(member));
      CHECK(shown.contains(member));
    }
    CHECK(shown["rule"] == "dispatch-command");
    CHECK(shown["p"].get<double>() < 0.1);
    CHECK(shown["signals"].size() > 0);
    // It is what the same words come to anywhere.
    const auto routed =
        nlohmann::json::parse(desk.run({"route", "/dispatch what time is it in Tokyo?", "--json"}).output);
    CHECK(routed["p"] == shown["p"]);
    CHECK(routed["rule"] == "dispatch-command");
    CHECK(shown["deliveries"].size() > 0);
    CHECK(shown["cost"][0]["purpose"] == "specialist");
  }
  SUBCASE("Give it to the specialist") {
    const auto answer = desk.answer_to(desk.say_to("what time is it in Tokyo?"));
    desk.click(answer.action("Give it to the specialist"));
    desk.dispatch("d-1", "**Done");
    CHECK(contains(desk.why(), "did not suggest the specialist"));
    CHECK(desk.query("SELECT count(DISTINCT p) FROM decisions") == "1");
  }
  CHECK(desk.query("SELECT count(*) FROM decisions WHERE p >= 0.1") == "0");
  CHECK(desk.run({"log", "replay"}).status == 0);
  const auto why = desk.why();
  CHECK(contains(why, "because you asked for it"));
  CHECK(contains(why, "Rule: `dispatch-command`."));
  CHECK(contains(why, "You ordered it, so no probability decided; without that it was p = 0.0"));
  CHECK_FALSE(contains(why, "0.99"));
}

TEST_CASE("/why of /answer does not say what a model that was not asked suggested") {
  WhyDesk desk;
  desk.start();
  desk.answer_to(desk.say_to("/answer " + std::string(kTask)));
  const auto why = desk.why();
  CHECK(contains(why, "because you asked for an answer"));
  CHECK(desk.query("SELECT p > 0.5 FROM decisions") == "1");  // these words are work, whatever was ordered
  CHECK(desk.run({"log", "replay"}).status == 0);
  CHECK(contains(why, "The secretary's model was not asked whether the specialist should do it."));
  CHECK(desk.query("SELECT json_extract(signals, '$.situation') FROM judgements") == "alone");
}

TEST_CASE("/why where the budget or the model stopped the answer has no empty paragraph") {
  WhyDesk desk;
  SUBCASE("budget") {
    desk.config.set("budget", "usd_per_day", "0.0");
    desk.start();
    desk.answer_to(desk.say_to("what time is it in Tokyo?"));
    CHECK(contains(desk.why(), "because the budget is used up"));
    const auto routed = nlohmann::json::parse(desk.run({"route", kTask, "--json"}).output);
    CHECK(routed["rule"] == "budget");
    CHECK(routed["action"] == "answer");
  }
  SUBCASE("model") {
    desk.model.fail(support::ModelRequest::From::secretary,
                    support::status(200, "<html>welcome to the hotel wifi</html>"));
    desk.start();
    desk.answer_to(desk.say_to("a broken question"));
    CHECK(contains(desk.why(), "because the secretary's model failed"));
  }
}

TEST_CASE("the operator's rules: what they decide, what is logged, what is said") {
  WhyDesk desk;
  const std::string chat = "routing.chat.\"ops:c-1\"";
  const auto rule_of = [&](const std::string& text) {
    return nlohmann::json::parse(desk.run({"route", text, "--chat", "ops:c-1", "--json"}).output);
  };
  SUBCASE("always_ask asks about what is proposed; where nothing is, nobody's rule decided") {
    desk.config.set(chat, "rule", "\"always_ask\"");
    desk.start();
    desk.answer_to(desk.say_to("what time is it in Tokyo?"));
    CHECK(desk.query("SELECT action || ' ' || cause FROM decisions") == "answer policy");
    CHECK_FALSE(contains(desk.why(), "the operator"));
    CHECK(rule_of("what time is it in Tokyo?")["action"] == "answer");
    CHECK(rule_of("what time is it in Tokyo?")["rule"].is_null());
    CHECK(rule_of(kTask)["action"] == "ask");
    CHECK(rule_of(kTask)["rule"] == "chat-rule");
    desk.say_to(kTask);
    desk.question();
    CHECK(desk.query("SELECT action || ' ' || cause FROM decisions WHERE id = 2") == "ask rule:chat-rule");
  }
  SUBCASE("always_dispatch dispatches without inventing what the model said") {
    desk.config.set(chat, "rule", "\"always_dispatch\"");
    desk.start();
    desk.say_to("what time is it in Tokyo?");
    desk.dispatch("d-1", "**Done");
    CHECK(
        desk.query("SELECT action || ' ' || cause || ' ' || instr(proposal, 'confidence') FROM decisions") ==
        "dispatch rule:chat-rule 0");
    const auto why = desk.why();
    CHECK(contains(why, "because the operator set that"));
    CHECK(contains(why, "did not suggest the specialist"));
    CHECK(rule_of("what time is it in Tokyo?")["action"] == "dispatch");
    desk.say_to("what time is it in Tokyo?\n> and when does the sun rise there, dear friends");
    desk.question();
    CHECK(desk.query("SELECT action || ' ' || cause FROM decisions WHERE id = 2") == "ask rule:foreign-text");
    CHECK(contains(desk.run({"log", "replay"}).output, "2 decisions came out the same, 0 did not."));
  }
  SUBCASE("always_answer: the model was not asked") {
    desk.config.set(chat, "rule", "\"always_answer\"");
    desk.start();
    desk.answer_to(desk.say_to(kTask));
    CHECK(contains(desk.why(), "was not asked whether the specialist should do it"));
  }
}

TEST_CASE("/why in reply to a message is about that one, in any other case about the last decision") {
  WhyDesk desk;
  desk.start();
  desk.answer_to(desk.say_to("what time is it in Tokyo?"));
  desk.answer_to(desk.say_to("/answer how far is the moon?"));
  CHECK(contains(desk.why(), "because you asked for an answer"));
  int replies = 0;
  const auto replied = [&](const std::string& text) {
    auto body =
        nlohmann::json::parse(Desk::message_body({"/why", "c-1", "u-1", "r-" + std::to_string(++replies)}));
    body["quoted"] = nlohmann::json::array({{{"kind", "reply"}, {"author", "someone"}, {"text", text}}});
    REQUIRE(desk.post(body.dump()).status == 200);
    return desk.answer_to(body["message_id"]).text;
  };
  const auto why = replied("what time is it in Tokyo?");
  CHECK_FALSE(contains(why, "because you asked for an answer"));
  CHECK(contains(why, "did not suggest the specialist"));
  CHECK(contains(replied("how far is the moon?"), "Rule: `answer-command`."));
}

TEST_CASE("/why with reply_to is about the message that it names, the bot's or the person's own") {
  WhyDesk desk;
  desk.start();
  const auto asked = desk.say_to("what time is it in Tokyo?");
  const auto answer = desk.answer_to(asked);
  const auto ordered = desk.answer_to(desk.say_to("/answer how far is the moon?"));
  for (const auto& to : {asked, answer.id}) {
    CHECK(contains(desk.answer_to(desk.reply(to, "/why")).text, "did not suggest the specialist"));
  }
  CHECK(contains(desk.answer_to(desk.reply(ordered.id, "/why")).text, "Rule: `answer-command`."));
}
