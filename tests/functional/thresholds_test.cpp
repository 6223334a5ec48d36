// What moves the thresholds of a turn, and what the console stores above the file.
#include <csignal>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/turns/console_thresholds.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::propose;
using support::say;

namespace {

/// A desk on which p decides.
class ThresholdDesk : public Desk {
 public:
  ThresholdDesk() : Desk(Claude::fake) {
    config.set("routing", "shadow", "false");
    model.secretary("rebuild", {propose("high", "site")});
  }

  support::Finished run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", config_file().string()});
    return support::run_frontdesk(arguments, folder());
  }
  nlohmann::json route(std::vector<std::string> more) const {
    more.insert(more.begin(), "route");
    more.push_back("--json");
    return nlohmann::json::parse(run(std::move(more)).output);
  }
};

/// A time zone in which the clock shows that hour now.
std::string zone_where_it_is(int hour) {
  const auto now = std::chrono::floor<std::chrono::hours>(base::SystemClock().now().time_since_epoch());
  int ahead = hour - static_cast<int>(now.count() % 24);
  ahead += ahead < -12 ? 24 : ahead > 14 ? -24 : 0;
  return "Etc/GMT" + std::string(ahead > 0 ? "-" : "+") +
         std::to_string(std::abs(ahead));  // signs are turned
}

constexpr const char* kTask = "please rebuild the whole website in that folder, tests included";

}  // namespace

TEST_CASE(
    "after a dispatch the thread's thresholds are lower for a while, and everything that explains says so") {
  ThresholdDesk desk;
  desk.start();
  desk.say({kTask});
  desk.dispatch("d-1", "**Done");
  desk.answer_to(desk.say({"what time is it in Tokyo?"}));
  desk.answer_to(desk.say({"what time is it in Tokyo?", "c-2"}));
  CHECK(desk.query("SELECT group_concat(ask_from, ' ') FROM judgements") == "default thread default");
  CHECK(desk.query("SELECT ask_at < 0.3 AND dispatch_at < 0.7 FROM decisions WHERE id = 2") == "1");
  CHECK(
      contains(desk.query("SELECT reason FROM decisions WHERE id = 2"), "in this thread a short while ago"));
  CHECK(contains(desk.run({"log", "show", "2"}).output, "(thread), dispatch_at"));
  const auto moved = nlohmann::json::parse(desk.run({"log", "show", "2", "--json"}).output);
  CHECK(moved["layer"] == "thread");
  CHECK(moved["ask_at_from"] == "thread");
  CHECK(nlohmann::json::parse(desk.run({"log", "show", "1", "--json"}).output)["layer"] == "global");
  const auto routed = desk.route({"the other one, too", "--chat", "ops:c-1", "--user", "ops:u-1"});
  CHECK(routed["ask_at_from"] == "thread");
  CHECK(contains(routed["moved"].get<std::string>(), "ask_at 0.35 -> "));
  CHECK(desk.route({"the other one, too", "--chat", "ops:c-2", "--user", "ops:u-1"})["ask_at_from"] ==
        "default");
  const auto why = desk.answer_to(desk.say({"/why"}));
  CHECK(contains(why.text, "(thread)"));
  CHECK(contains(why.text, "a short while ago"));
  CHECK(contains(desk.run({"log", "replay"}).output, "3 decisions came out the same, 0 did not."));
}

TEST_CASE("as the day's budget is used up more is asked first, and everything that explains says so") {
  ThresholdDesk desk;
  desk.config.set("budget", "usd_per_day", "0.0125");
  desk.start();
  desk.say({kTask});
  desk.dispatch("d-1", "**Done");  // costs one cent
  desk.answer_to(desk.say({"what time is it in Tokyo?", "c-2"}));
  CHECK(desk.query("SELECT dispatch_from FROM judgements ORDER BY decision_id DESC LIMIT 1") == "budget");
  CHECK(desk.query("SELECT dispatch_at > 0.8 AND ask_at = 0.35 FROM decisions WHERE id = 2") == "1");
  const auto why = desk.answer_to(desk.say({"/why", "c-2"}));
  CHECK(contains(why.text, "(budget)"));
  CHECK(contains(why.text, "% of today's budget of $0.0125 is used"));
  CHECK(desk.route({kTask, "--chat", "ops:c-2", "--user", "ops:u-1"})["dispatch_at_from"] == "budget");
  CHECK(contains(desk.run({"log", "replay"}).output, "0 did not."));
}

TEST_CASE("a rule that decides without a judgement says where the thresholds came from, as p does") {
  ThresholdDesk desk;
  desk.config.set("routing", "dispatch_at", "0.8").set("routing.user.\"ops:u-2\"", "ask_at", "0.5");
  desk.start();
  desk.answer_to(desk.say({"what time is it in Tokyo?"}));
  desk.answer_to(desk.say({"what time is it in Tokyo?", "c-2", "u-2"}));
  desk.model.fail(support::ModelRequest::From::secretary, support::status(401, R"({"type":"error"})"));
  desk.answer_to(desk.say({"what time is it in Rome?"}));
  desk.answer_to(desk.say({"what time is it in Rome?", "c-2", "u-2"}));
  CHECK(contains(desk.answer_to(desk.say({"/why", "c-2", "u-2"})).text, "(user)"));
  REQUIRE(desk.stop(SIGTERM) == 0);
  desk.config.set("budget", "usd_per_day", "0.0");
  desk.start();
  desk.answer_to(desk.say({"what time is it in Oslo?"}));
  desk.answer_to(desk.say({"/dispatch build it", "c-2", "u-2"}));
  const auto listed = nlohmann::json::parse(desk.run({"log", "list", "--json"}).output);
  REQUIRE(listed.size() == 6);
  for (const auto& item : listed) {
    CAPTURE(item.dump());
    const bool is_second = item["person"] == "ops:u-2";
    CHECK(item["ask_at_from"] == (is_second ? "user" : "default"));
    CHECK(item["dispatch_at_from"] == "global");
    CHECK(item["ask_at"] == (is_second ? 0.5 : 0.35));
  }
  CHECK(contains(desk.run({"log", "show", "4"}).output,
                 "ask_at 0.50 (user), dispatch_at 0.80 (global); rule:model-error"));
  CHECK(contains(desk.run({"log", "replay"}).output, "2 decisions came out the same, 0 did not."));
  CHECK(contains(desk.run({"log", "replay", "1"}).output, "1 decisions came out the same, 0 did not."));
  const auto not_judged = desk.run({"log", "replay", "4"});
  CHECK(not_judged.status == 0);
  CHECK(contains(not_judged.output, "Decision 4 was not judged"));
  CHECK(contains(not_judged.output, "the rule model-error made it"));
}

TEST_CASE("what the console stores counts from the next turn on, and a reset drops it") {
  ThresholdDesk desk;
  desk.config.set("routing.chat.\"ops:c-1\"", "ask_at", "0.4");
  desk.start();
  {
    store::Database db(desk.folder() / "frontdesk.db");
    bot::turns::change_thresholds(db, {"chat ops:c-1", 0.0001, 1.0, "ask about all", "ada"},
                                  base::SystemClock().now());
  }
  CHECK(desk.answer_to(desk.say({kTask})).actions.size() == 2);  // asked, however sure
  CHECK(desk.query("SELECT layer || ' ' || ask_from FROM decisions JOIN judgements ON decision_id = id") ==
        "chat ops:c-1 console");
  CHECK(desk.route({kTask, "--chat", "ops:c-1"})["ask_at_from"] == "console");
  CHECK(
      contains(desk.run({"route", kTask}).output, "chat ops:c-1: ask_at = 0.00 dispatch_at = 1.00, by ada"));
  CHECK(contains(desk.run({"doctor"}).output, "chat ops:c-1: ask_at = 0.00"));
  CHECK(desk.run({"route", "--reset", "nonsense"}).status == 2);
  CHECK(desk.run({"route", "--reset", "global"}).status == 1);
  CHECK(desk.run({"route", "--reset", "chat", "ops:c-1"}).status == 0);
  CHECK(desk.run({"route", "--reset", "chat ops:c-1"}).status == 1);
  CHECK(desk.route({kTask, "--chat", "ops:c-1"})["ask_at_from"] == "chat");
  desk.say({kTask, "c-1", "u-2"});
  desk.dispatch("d-1", "**Done");
}

TEST_CASE("route and eval can ask the configured secretary, and nothing comes of it") {
  ThresholdDesk desk;
  desk.model.secretary("remind", {say("I will remind you.")});
  desk.write_config();
  const auto alone = desk.route({kTask});
  const auto sure = desk.route({kTask, "--model"});
  CHECK(sure["secretary"]["called"] == true);
  CHECK(sure["secretary"]["confidence"] == "high");
  CHECK(sure["p"] > alone["p"]);
  CHECK(sure["action"] == "dispatch");
  CHECK_FALSE(alone.contains("secretary"));
  const auto reminder = desk.route({"remind me at four to call Jana", "--model"});
  CHECK(reminder["secretary"]["called"] == false);
  CHECK(reminder["action"] == "answer");
  CHECK(contains(desk.run({"route", kTask, "--model"}).output, "with high confidence"));
  support::write_text(
      desk.folder() / "turns.jsonl",
      R"({"id":"a","text":"please rebuild the whole website","label":"specialist"})"
      "\n"
      R"({"id":"b","thread":[{"role":"user","text":"x"},{"role":"assistant","text":"y"}],"text":"remind me at four","label":"secretary"})"
      "\n");
  const auto file = (desk.folder() / "turns.jsonl").string();
  const auto items = nlohmann::json::parse(desk.run({"eval", file, "--json"}).output)["items"];
  const auto fused = nlohmann::json::parse(desk.run({"eval", file, "--json", "--model"}).output)["items"];
  CHECK(fused[0]["p"] > items[0]["p"]);
  CHECK(fused[1]["p"] < items[1]["p"]);
  CHECK(desk.model.saw("remind me at four"));
  CHECK_FALSE(std::filesystem::exists(desk.folder() / "frontdesk.db"));
}

TEST_CASE("after a No the thresholds are higher in the thread, whatever comes next") {
  ThresholdDesk desk;
  desk.config.set("routing", "dispatch_at", "1.0");
  desk.model.secretary("time", {say("Noon.")});
  desk.start();
  const auto question = desk.answer_to(desk.say({kTask}));
  const auto click = desk.click(question.action("No"));
  REQUIRE(desk.callbacks.wait_until([&] { return desk.query("SELECT count(*) FROM decisions") == "2"; },
                                    support::kPatience));
  desk.answer_to(desk.say({"what time is it in Tokyo?"}));
  CHECK(desk.query("SELECT ask_at > 0.4 FROM decisions ORDER BY id DESC LIMIT 1") == "1");
  CHECK(contains(desk.query("SELECT reason FROM decisions ORDER BY id DESC LIMIT 1"), "was not wanted"));
}

TEST_CASE("what is compiled from the log stands as numbers in route and eval, too") {
  ThresholdDesk desk;
  desk.config.set("routing", "target_dispatch_rate", "0.1");
  desk.start();
  const auto file = (desk.folder() / "turns.jsonl").string();
  support::write_text(file, R"({"id":"a","text":"please rebuild the whole website","label":"specialist"})"
                            "\n");
  const auto early = desk.run({"route", kTask, "--json"});
  CHECK(contains(early.errors, "routing.target_dispatch_rate needs at least 20 turns"));
  CHECK(nlohmann::json::parse(early.output)["dispatch_at_from"] == "default");
  for (int i = 1; i <= 20; ++i) {
    desk.answer_to(desk.say({"what is " + std::to_string(i) + " times 7?", "c-" + std::to_string(i)}));
  }
  const auto routed = desk.route({kTask});
  CHECK(routed["dispatch_at_from"] == "rate");
  const auto evaluation = nlohmann::json::parse(desk.run({"eval", file, "--json"}).output);
  CHECK(evaluation["dispatch_at_from"] == "rate");
  CHECK(evaluation["dispatch_at"] == routed["dispatch_at"]);
  CHECK(contains(desk.run({"eval", file}).output, "(rate)"));
}

TEST_CASE(
    "labelled turns certify ask_at, and until there are enough all that explains says how many are missing") {
  ThresholdDesk desk;
  desk.config.set("routing", "max_under_dispatch", "0.45");  // six turns without a miss, at 95 %
  desk.config.set("routing", "dispatch_at", "1.0");
  constexpr const char* kShop = "please mend the whole shop program in that folder, tests included";
  desk.model.secretary("mend", {say("That is too much for me.")});
  desk.start();
  constexpr const char* kMissing =
      "0.45 needs 6 labelled turns that needed the specialist, and there are 0: 6 are missing";
  CHECK(contains(desk.program->log(), kMissing));
  const auto early = desk.run({"route", kShop, "--json"});
  CHECK(contains(early.errors, kMissing));
  CHECK(nlohmann::json::parse(early.output)["ask_at_from"] == "default");
  const auto failed = desk.run({"doctor"});
  CHECK(failed.status == 1);
  CHECK(contains(failed.output + failed.errors, kMissing));
  for (int i = 1; i <= 6; ++i) {
    desk.answer_to(desk.say({kShop, "c-" + std::to_string(i)}));
    CHECK(desk.run({"log", "verdict", std::to_string(i), "should_dispatch"}).status == 0);
    CHECK(contains(desk.run({"route", kShop}).errors, "are missing") == (i < 6));
  }
  const auto routed = desk.route({kShop});
  CHECK(routed["ask_at_from"] == "certified");
  CHECK(routed["ask_at"].get<double>() <= std::stod(desk.query("SELECT min(p) FROM decisions")));
  CHECK(contains(desk.run({"doctor"}).output, "(certified)"));
  desk.stop(SIGTERM);
  desk.start();
  desk.answer_to(desk.say({kShop, "c-7"}));
  CHECK(desk.query("SELECT ask_from FROM judgements ORDER BY decision_id DESC LIMIT 1") == "certified");
  CHECK(contains(desk.answer_to(desk.say({"/why", "c-7"})).text, "(certified)"));
}

TEST_CASE("a day of the budget begins in route when it begins where the secretary is") {
  ThresholdDesk desk;
  desk.config.set("budget", "usd_per_day", "0.0125");
  desk.start();
  desk.say({kTask});
  desk.dispatch("d-1", "**Done");  // costs one cent
  desk.stop(SIGTERM);
  SQLite::Database((desk.folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 5000)
      .exec("UPDATE ledger SET at = at - 2 * 3600 * 1000");
  const auto from_at = [&](int hour) {
    desk.config.set("secretary", "timezone", '"' + zone_where_it_is(hour) + '"');
    desk.write_config();
    return desk.route({kTask, "--chat", "ops:c-2"})["dispatch_at_from"];
  };
  CHECK(from_at(12) == "budget");
  CHECK(from_at(0) == "default");  // there it was spent yesterday
}

TEST_CASE("with the demo model route says what its scripted confidence does, and without a key that it may") {
  ThresholdDesk desk;
  desk.config.drop("secretary").set("secretary", "provider", "\"demo\"");
  desk.write_config();
  const auto demo = desk.route({"what time is it in Tokyo?"});
  CHECK(demo["shadow"] == true);
  CHECK(demo["p"] < 0.35);
  CHECK(demo["action"] == "ask");  // by the constant for a proposal of medium confidence
  desk.config.drop("secretary").set("secretary", "model", "\"claude-haiku-4-5\"");
  desk.write_config();
  const auto keyless = desk.run({"route", "what time is it in Tokyo?", "--json"});
  CHECK(contains(keyless.errors, "the demo model"));
  CHECK(nlohmann::json::parse(keyless.output)["action"] == "answer");
}

TEST_CASE("the picture of eval draws costs with the prices that are configured") {
  ThresholdDesk desk;
  desk.config.set("routing.prices", "needless_dispatch", "2.5")
      .set("routing.prices", "missed_dispatch", "4")
      .set("routing.prices", "question", "0.5");
  desk.write_config();
  const auto file = desk.folder() / "turns.jsonl";
  support::write_text(file, R"({"id":"a","text":"please rebuild the whole website","label":"specialist"})"
                            "\n");
  const auto page = desk.folder() / "eval.html";
  CHECK(desk.run({"eval", file.string(), "--html", page.string()}).status == 0);
  CHECK(contains(support::read_text(page), "missed 4, needless 2.5"));
}

TEST_CASE("a budget counts in route with the person alone, and a spent one decides") {
  ThresholdDesk desk;
  desk.config.set("budget", "usd_per_user_per_day", "0.0125");
  desk.start();
  desk.say({kTask});
  desk.dispatch("d-1", "**Done");  // costs one cent
  CHECK(desk.route({kTask, "--user", "ops:u-1"})["dispatch_at_from"] == "budget");
  CHECK(desk.route({kTask, "--user", "ops:u-2"})["dispatch_at_from"] == "default");
  desk.config.set("budget", "usd_per_user_per_day", "0.005").set("budget", "secretary", "\"unlimited\"");
  desk.write_config();
  CHECK(desk.route({kTask, "--user", "ops:u-1"})["rule"] == "budget");
  CHECK(desk.route({kTask, "--user", "ops:u-1"})["action"] == "answer");
  CHECK(desk.route({"what time is it?", "--user", "ops:u-1"})["rule"].is_null());
  CHECK(desk.route({"/dispatch it", "--user", "ops:u-1"})["rule"] == "budget");
  CHECK(desk.route({"/dispatch it", "--user", "ops:u-2"})["rule"] == "dispatch-command");
  CHECK(desk.route({"/why", "--user", "ops:u-1"})["rule"].is_null());
  desk.config.drop("budget", "usd_per_user_per_day");
  desk.config.set("budget", "usd_per_month", "0.001").set("budget", "secretary", "\"stop\"");
  desk.write_config();
  CHECK(desk.route({"what time is it?"})["rule"] == "budget");
}

TEST_CASE("--what-if takes both orders and nothing that makes no sense, and --json is JSON alone") {
  ThresholdDesk desk;
  desk.start();
  CHECK(desk.run({"route", "--what-if", "dispatch_at=0.8, ask_at=0.3", "--json"}).status == 0);
  for (const char* wrong :
       {"ask_at=0.9,dispatch_at=0.2", "ask_at=nan,dispatch_at=0.2", "ask_at=0.1,dispatch_at=inf",
        "ask_at=0.1", "ask_at=0.1,ask_at=0.2", "ask_at=0.1,dispatch_at=0.2,x=1", "ask_at=,dispatch_at=0.2",
        "ask_at=-1,dispatch_at=1"}) {
    CAPTURE(std::string(wrong));
    CHECK(desk.run({"route", "--what-if", wrong}).status == 2);
  }
  const auto reset = desk.run({"route", "--reset", "global", "--json"});
  CHECK(nlohmann::json::parse(reset.output)["dropped"] == false);
  CHECK(contains(reset.errors, "The console has stored nothing"));
  const auto few = desk.run({"calibrate", "--json"});
  CHECK(few.status == 1);
  CHECK(nlohmann::json::parse(few.output)["outcomes"] == 0);
  const auto undo = desk.run({"calibrate", "--undo", "--json"});
  CHECK(undo.status == 1);
  CHECK(nlohmann::json::parse(undo.output)["undone"] == false);
  CHECK(desk.run({"eval", (desk.folder() / "claude.journal").string()}).status == 2);
}

TEST_CASE("a dispatch that nobody wanted makes the next one in the thread less likely, not more") {
  ThresholdDesk desk;
  support::write_text(desk.folder() / "claude.work", "30");
  desk.start();
  desk.say({kTask});
  desk.dispatch("d-1", "On it");
  desk.answer_to(desk.say({"/cancel"}));
  desk.answer_to(desk.say({std::string("no, do not ") + kTask}));
  CHECK(desk.query("SELECT ask_from FROM judgements ORDER BY decision_id DESC LIMIT 1") == "thread");
  CHECK(desk.query("SELECT ask_at > 0.4 FROM decisions ORDER BY id DESC LIMIT 1") == "1");
}
