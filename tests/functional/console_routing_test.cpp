// Thresholds set in the console: what they decide, who may set them, and that the shell sees the same.
#include <csignal>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/json_of.h"
#include "tests/support/program/console_desk.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::contains;
using support::json_of;
using support::propose;

namespace {

constexpr const char* kTask = "please rebuild the whole website in that folder, tests included";

/// A desk on which p decides, with an operator and a viewer of the console.
class RoutingDesk : public support::ConsoleDesk {
 public:
  RoutingDesk() {
    config.set("routing", "shadow", "false")
        .set("admin", "operator_password", "\"file:operator.secret\"")
        .set("admin", "viewer_password", "\"file:viewer.secret\"");
    support::write_text(folder() / "operator.secret", "password-of-the-operator\n");
    support::write_text(folder() / "viewer.secret", "password-of-the-viewer\n");
    model.secretary("rebuild", {propose("high", "site")});
  }

  void be(const std::string& name) { sign_in("password-of-the-" + name, name); }
  base::HttpResponse put(const json& change) const { return ask("PUT", "/routing", change.dump()); }
  support::Finished run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", config_file().string()});
    return support::run_frontdesk(arguments, folder());
  }
};

/// Turns of the last days with every p, some of them judged, as a log has them.
void fill_log(const support::Desk& desk, int turns) {
  SQLite::Database db((desk.folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 5000);
  SQLite::Transaction transaction(db);
  for (int i = 0; i < turns; ++i) {
    const double p = (i * 37 % turns + 0.5) / turns;
    const auto action = p < 0.35 ? "answer" : "dispatch";
    SQLite::Statement decision(
        db,
        "INSERT INTO decisions(message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, layer, "
        "cause, reason, proposal, decided_at) SELECT message_id, conversation_id, person_id, ?, ?, 0.35, 0.75, "
        "'global', ?, '', ?, decided_at - ? FROM decisions ORDER BY id LIMIT 1");
    decision.bind(1, action);
    decision.bind(2, p);
    decision.bind(3, i % 7 == 0 ? "rule:chat-rule" : "policy");
    decision.bind(4, i % 11 == 0 ? "" : R"({"confidence":"high"})");
    decision.bind(5, static_cast<std::int64_t>(i) * 3'600'000);
    decision.exec();
    const auto id = db.getLastInsertRowid();
    SQLite::Statement judgement(
        db,
        "INSERT INTO judgements(decision_id, signals, features, chat, ask_from, dispatch_from) VALUES "
        "(?, ?, '', 'ops:c-1', 'default', 'default')");
    judgement.bind(1, id);
    judgement.bind(2, i % 13 == 0 ? R"({"foreign":true,"logit":0})" : R"({"logit":0})");
    judgement.exec();
    if (i % 3 == 0) {
      SQLite::Statement verdict(db,
                                "INSERT INTO verdicts(decision_id, verdict, note, given_at, source) VALUES "
                                "(?, ?, '', 1, 'said')");
      verdict.bind(1, id);
      verdict.bind(2, i % 2 == 0 ? "should_dispatch" : "should_answer");
      verdict.exec();
    }
  }
  transaction.commit();
}

}  // namespace

TEST_CASE(
    "thresholds set in the console decide the next message, and outlive the program until they are reset") {
  RoutingDesk desk;
  desk.start();
  desk.be("operator");
  const auto before = desk.get("/routing");
  CHECK(before["dispatch_at_from"] == "default");
  const auto set = desk.put({{"scope", "chat ops:c-1"},
                             {"ask_at", 0.0001},
                             {"dispatch_at", 1.0},
                             {"reason", "ask about all of it"},
                             {"version", before["version"]}});
  REQUIRE_MESSAGE(set.status == 200, set.body);
  CHECK(contains(desk.answer_to(desk.say({kTask})).text, "?"));
  CHECK(desk.query(
            "SELECT action || ' ' || dispatch_from FROM decisions JOIN judgements ON decision_id = id") ==
        "ask console");
  desk.say({kTask, "c-2"});
  desk.dispatch("d-1");
  // What somebody else has changed meanwhile is not overwritten.
  CHECK(desk.put({{"scope", "global"}, {"ask_at", 0.2}, {"version", before["version"]}}).status == 409);
  REQUIRE(desk.stop(SIGTERM) == 0);
  desk.start();
  desk.be("operator");
  CHECK(desk.get("/routing")["overrides"][0]["dispatch_at_from"] == "console");
  desk.answer_to(desk.say({kTask, "c-1", "u-2"}));
  CHECK(desk.query("SELECT action FROM decisions ORDER BY id DESC LIMIT 1") == "ask");
  CHECK(contains(desk.run({"route", kTask, "--chat", "ops:c-1"}).output, "ask about all of it"));
  CHECK(desk.run({"route", "--reset", "chat ops:c-1"}).status == 0);
  CHECK(desk.get("/routing")["overrides"].empty());
  const auto history = desk.get("/routing/history")["items"];
  REQUIRE(history.size() == 2);
  CHECK(history[0]["by"] == "shell");
  CHECK(history[1]["by"] == "operator");
  desk.say({kTask, "c-1", "u-3"});
  desk.dispatch("d-2");
  CHECK(desk.run({"log", "verify"}).status == 0);
}

TEST_CASE("a viewer sees thresholds and sets none, and what makes no sense is refused") {
  RoutingDesk desk;
  desk.start();
  desk.be("viewer");
  const auto version = desk.get("/routing")["version"];
  CHECK(desk.put({{"scope", "global"}, {"ask_at", 0.2}, {"version", version}}).status == 403);
  CHECK(desk.ask("DELETE", "/routing?scope=global&version=0").status == 403);
  CHECK(desk.ask("POST", "/routing/try", R"({"text":"hello","model":true})").status == 403);
  CHECK(desk.query("SELECT count(*) FROM routing_console") == "0");
  CHECK(json_of(desk.post("/routing/try", {{"text", kTask}}).body)["action"] == "dispatch");
  desk.be("operator");
  for (const json& change :
       {json{{"scope", "global"}, {"ask_at", 0.9}, {"dispatch_at", 0.2}, {"version", version}},
        json{{"scope", "chat elsewhere:1"}, {"ask_at", 0.2}, {"version", version}}}) {
    CHECK(desk.put(change).status == 400);
  }
  CHECK(desk.query("SELECT count(*) FROM routing_console") == "0");
}

TEST_CASE("the projection of the console is that of route --what-if, and sees what changes") {
  RoutingDesk desk;
  desk.start();
  desk.say({kTask});
  desk.dispatch("d-1", "**Done");
  fill_log(desk, 300);
  desk.be("viewer");
  const auto same = [&](const std::string& ask_at, const std::string& dispatch_at, const std::string& days) {
    const auto shell = desk.run(
        {"route", "--what-if", "ask_at=" + ask_at + ",dispatch_at=" + dispatch_at, "--days", days, "--json"});
    const auto page =
        desk.get("/routing/projection?ask_at=" + ask_at + "&dispatch_at=" + dispatch_at + "&days=" + days);
    CHECK(page == json_of(shell.output));
    return page;
  };
  CHECK(same("0.1", "0.9", "30")["n"] == 301);
  CHECK(same("0.333", "0.335", "30")["usd"].get<double>() > 0);
  same("0", "1", "365");
  same("0.25", "0.5", "3");
  const auto before = same("0.3", "0.3", "30")["known_mistakes"].get<int>();
  CHECK(before > 0);
  CHECK(desk.run({"log", "verdict", "1", "should_answer"}).status == 0);
  CHECK(same("0.3", "0.3", "30")["known_mistakes"] == before + 1);
  // Of one chat, of one person, and of a chat in which nothing was decided.
  desk.answer_to(desk.say({kTask, "c-2", "u-2"}));
  for (const auto& [scope, flag, n] :
       {std::tuple("chat%20ops:c-1", "--chat=ops:c-1", 301),
        std::tuple("chat%20ops:c-2", "--chat=ops:c-2", 1), std::tuple("user%20ops:u-2", "--user=ops:u-2", 1),
        std::tuple("chat%20ops:c-3", "--chat=ops:c-3", 0)}) {
    const auto shell = desk.run({"route", "--what-if", "ask_at=0.2,dispatch_at=0.6", "--json", flag});
    const auto page = desk.get(std::string("/routing/projection?ask_at=0.2&dispatch_at=0.6&scope=") + scope);
    CHECK(page == json_of(shell.output));
    CHECK(page["n"] == n);
    CHECK(desk.get(std::string("/routing/distribution?scope=") + scope)["n"] == n);
  }
  CHECK(desk.ask("GET", "/routing/projection?ask_at=0.2&dispatch_at=0.6&scope=chat%20elsewhere:1").status ==
        400);
  const auto figures = desk.get("/routing/figures?days=30");
  CHECK(figures["n_labelled"] == 101);
  CHECK(figures["auroc"].is_number());
  CHECK(desk.get("/routing/distribution")["n"] == 302);
  const auto shell_savings = json_of(desk.run({"log", "savings", "--json"}).output);
  const auto savings = desk.get("/savings?days=365")["total"];
  CHECK(savings["actual"].get<double>() == doctest::Approx(shell_savings["total_usd"].get<double>()));
  CHECK(savings["saved"].get<double>() == doctest::Approx(shell_savings["saved_usd"].get<double>()));
}

TEST_CASE("asking the secretary about a sentence is booked, and its word counts in the answer") {
  RoutingDesk desk;
  desk.start();
  desk.be("operator");
  const auto tried = desk.post("/routing/try", {{"text", kTask}, {"model", true}});
  REQUIRE_MESSAGE(tried.status == 200, tried.body);
  CHECK(json_of(tried.body)["secretary"]["confidence"] == "high");
  CHECK(desk.query("SELECT count(*) FROM ledger WHERE purpose = 'secretary' AND usd > 0") == "1");
  CHECK(desk.query("SELECT count(*) FROM decisions") == "0");
}
