// How messages are routed by what they say, from outside.
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/checkout.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::propose;
using support::say;

namespace {

/// A desk on which p decides, as on a user's machine.
class RoutedDesk : public Desk {
 public:
  RoutedDesk() : Desk(Claude::fake) { config.set("routing", "shadow", "false"); }

  support::Finished run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", config_file().string()});
    return support::run_frontdesk(arguments, folder());
  }
};

}  // namespace

TEST_CASE("the secretary's word and the message's own words together decide") {
  RoutedDesk desk;
  desk.model.secretary("rebuild", {propose("high", "site")});
  desk.model.secretary("remind", {propose("low", "site"), say("I will remind you.")});
  desk.start();
  desk.say({"please rebuild the whole website in that folder, tests included"});
  desk.dispatch("d-1", "**Done");
  const auto answer =
      desk.answer_to(desk.say({"remind me at four to call Jana about the website", "c-2", "u-1", "m-2"}));
  CHECK(contains(answer.text, "I will remind you."));
  CHECK(desk.query("SELECT group_concat(action, ' ') FROM decisions") == "dispatch answer");
  CHECK(desk.query("SELECT count(*) FROM decisions WHERE p > 0.75") == "1");
}

TEST_CASE("words of others are asked about at most, and /why says so") {
  RoutedDesk desk;
  desk.model.secretary("rebuild", {propose("high", "site")});
  desk.start();
  desk.say({"build this:\n> please rebuild the whole website in that folder, tests included"});
  REQUIRE(desk.callbacks.wait_until([&] { return !desk.callbacks.shown().empty(); }, support::kPatience));
  CHECK(desk.query("SELECT action || ' ' || cause FROM decisions") == "ask rule:foreign-text");
  const auto why = desk.answer_to(desk.say({"/why", "c-1", "u-1", "m-2"}));
  CHECK(contains(why.text, "words of others"));
  CHECK(contains(why.text, "p = 0."));
  CHECK(contains(why.text, "(default)"));
}

TEST_CASE("the operator's rule for a chat comes before p") {
  RoutedDesk desk;
  desk.config.set("routing.chat.\"ops:c-1\"", "rule", "\"always_answer\"");
  desk.model.secretary("rebuild", {say("I may not build here.")});
  desk.start();
  const auto answer = desk.answer_to(desk.say({"please rebuild the whole website in that folder"}));
  CHECK(contains(answer.text, "I may not build here."));
  CHECK(desk.query("SELECT cause FROM decisions") == "rule:chat-rule");
}

TEST_CASE("where the operator gives everything to the specialist it goes there although nobody proposed it") {
  RoutedDesk desk;
  desk.config.set("routing.user.\"ops:u-1\"", "rule", "\"always_dispatch\"");
  desk.model.secretary("birds", {say("They fly.")});
  desk.start();
  desk.say({"a plain question about birds"});
  desk.dispatch("d-1", "**Done: a-plain-question-about-birds.**");
  CHECK(desk.query("SELECT action || ' ' || cause FROM decisions") == "dispatch rule:user-rule");
  desk.say({"a plain question about birds\n> and their nests, dear friends"});
  CHECK(
      desk.callbacks.wait_for([](const auto& shown) { return shown.actions.size() == 2; }).dispatch.empty());
}

TEST_CASE("stored decisions come out the same, and one that was changed is named") {
  RoutedDesk desk;
  desk.model.secretary("rebuild", {propose("high", "site")});
  desk.start();
  desk.say({"please rebuild the whole website in that folder, tests included"});
  desk.dispatch("d-1", "**Done");
  desk.answer_to(desk.say({"what time is it in Tokyo?", "c-2", "u-1", "m-2"}));
  const auto same = desk.run({"log", "replay"});
  CHECK(same.status == 0);
  CHECK(contains(same.output, "2 decisions came out the same, 0 did not."));
  const auto projected = desk.run({"route", "--what-if", "ask_at=0.2,dispatch_at=0.9", "--json"}).output;
  REQUIRE(desk.run({"log", "prune", "--older-than", "0m"}).status == 0);
  REQUIRE(desk.query("SELECT count(*) FROM decisions WHERE proposal IS NOT NULL") == "0");
  const auto pruned = desk.run({"log", "replay"});
  CHECK(pruned.status == 0);
  CHECK(contains(pruned.output, "2 decisions came out the same, 0 did not."));
  CHECK(desk.run({"route", "--what-if", "ask_at=0.2,dispatch_at=0.9", "--json"}).output == projected);
  SQLite::Database((desk.folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 5000)
      .exec("UPDATE decisions SET p = 0.5 WHERE id = 2");
  const auto changed = desk.run({"log", "replay"});
  CHECK(changed.status == 1);
  CHECK(contains(changed.output, "decision 2: p was 0.5"));
}

TEST_CASE("verdicts make a calibration that can be applied and undone") {
  RoutedDesk desk;
  desk.start();
  for (int i = 1; i <= 24; ++i) {
    desk.answer_to(desk.say({"what is " + std::to_string(i) + " times 7?", "c-" + std::to_string(i), "u-1",
                             "m-" + std::to_string(i)}));
  }
  CHECK(desk.run({"calibrate"}).status == 1);  // nothing was said yet
  for (int i = 1; i <= 24; ++i) {
    const auto verdict =
        desk.run({"log", "verdict", std::to_string(i), i % 4 < 2 ? "should_dispatch" : "right"});
    REQUIRE(verdict.status == 0);
  }
  CHECK(desk.run({"log", "verdict", "1", "wrong"}).status == 2);
  CHECK(desk.run({"log", "verdict", "999", "right"}).status == 1);
  const auto shown = desk.run({"calibrate", "--json"});
  CHECK(shown.status == 0);
  const auto json = nlohmann::json::parse(shown.output);
  CHECK(json["outcomes"] == 24);
  CHECK(json["before"]["version"] == "none");
  const auto applied = desk.run({"calibrate", "--apply"});
  INFO(applied.output);
  REQUIRE(applied.status == 0);
  // The same outcomes give the same again, told alike on both lines.
  const auto again = nlohmann::json::parse(desk.run({"calibrate", "--apply", "--json"}).output);
  CHECK(again["before"] == again["after"]);
  CHECK(again["after"] == json["after"]);
  CHECK(desk.query("SELECT count(*) FROM calibrations") == "1");
  REQUIRE(desk.run({"log", "verdict", "2", "should_dispatch"}).status == 0);
  const auto more = nlohmann::json::parse(desk.run({"calibrate", "--json"}).output);
  CHECK(more["before"]["version"] == json["after"]["version"]);
  CHECK(more["after"]["version"] != json["after"]["version"]);
  REQUIRE(desk.run({"log", "verdict", "2", "right"}).status == 0);
  CHECK(desk.run({"calibrate", "--undo"}).status == 0);
  const auto projection =
      nlohmann::json::parse(desk.run({"route", "--what-if", "ask_at=0.0,dispatch_at=1.0", "--json"}).output);
  CHECK(projection["n"] == 24);
  CHECK(projection["answer"] == 1.0);  // nothing was proposed
  CHECK(projection["known_mistakes"] == 12);
}

TEST_CASE("route shows what would happen, and eval how well, on turns that the weights have not seen") {
  RoutedDesk desk;
  desk.config.set("routing", "dispatch_at", "0.8");
  desk.write_config();
  const auto routed = desk.run({"route", "review that PR for races before four", "--json"});
  REQUIRE(routed.status == 0);
  const auto json = nlohmann::json::parse(routed.output);
  CHECK(json["ask_at"] == 0.35);
  CHECK(json["ask_at_from"] == "default");
  CHECK(json["dispatch_at_from"] == "global");
  CHECK(json["p"] > nlohmann::json::parse(
                        desk.run({"route", "remind me to review that PR at four", "--json"}).output)["p"]);
  CHECK_FALSE(json["features"].empty());
  CHECK(json["rule"].is_null());
  CHECK(desk.run({"route"}).status == 2);
  for (const char* flag : {"--chat", "--user"}) {
    const auto wrong = desk.run({"route", "hello", flag, "opps:c-1"});
    CHECK(wrong.status == 2);
    CHECK(support::contains(wrong.errors, "there is no chat section \"opps\"; did you mean \"ops\"?"));
    CHECK(support::contains(desk.run({"route", "hello", flag, "unknown:x"}).errors, "choose one of: "));
    CHECK(desk.run({"route", "hello", flag, "ops:c-1"}).status == 0);
    CHECK(desk.run({"route", "hello", flag, "web:c-1"}).status == 0);
  }
  CHECK(desk.run({"route", "--what-if", "nonsense"}).status == 2);
  const auto exam = support::source_dir() + "/tests/fixtures/routing_exam.jsonl";
  const auto result = desk.run({"eval", exam, "--json", "--html", (desk.folder() / "page.html").string()});
  REQUIRE(result.status == 0);
  const auto evaluation = nlohmann::json::parse(result.output);
  CHECK(evaluation["n"] == evaluation["items"].size());
  CHECK(evaluation["auroc"] > 0.95);
  CHECK(evaluation["pair_accuracy"] > 0.95);
  CHECK(evaluation["style_only_auroc"] < 0.6);
  CHECK(contains(support::read_text(desk.folder() / "page.html"), "<svg"));
  const auto text = desk.run({"eval", exam});
  CHECK(contains(text.output, "always dispatch"));
}
