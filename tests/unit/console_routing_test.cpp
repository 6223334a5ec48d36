#include <cmath>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/console/api.h"
#include "bot/console/openapi.h"
#include "bot/reporting/judged_turns.h"
#include "store/changes.h"
#include "store/ledger.h"
#include "store/routing_log.h"
#include "tests/support/json_of.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

using bot::console::Role;
using nlohmann::json;
using store::DecisionAction;
using support::contains;

namespace {

struct Console : support::ServicesFixture {
  Console() {
    settings.chats.push_back({"web", "web", config::parse_config("", "", "/")});
    settings.chats.push_back({"tg", "telegram", config::parse_config("", "", "/")});
    settings.secretary.timezone = "UTC";
    settings.database = db.path();
    routing("");
  }

  void routing(const std::string& toml) {
    policy.routing =
        router::RoutingPolicy(config::parse_config(toml, "frontdesk.toml", "/").child("routing"));
    permit("web", {});
  }

  base::HttpResponse ask(const std::string& method, const std::string& path, const std::string& body = {},
                         Role role = Role::editor) {
    base::HttpRequest request;
    request.method = method;
    const auto query = path.find('?');
    request.path = "/api/v1" + path.substr(0, query);
    for (auto rest = query == std::string::npos ? "" : path.substr(query + 1); !rest.empty();) {
      const auto pair = rest.substr(0, rest.find('&'));
      request.query.add(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
      rest.erase(0, std::min(pair.size() + 1, rest.size()));
    }
    request.body = body;
    bot::console::Caller caller;
    caller.name = "ada";
    caller.role = role;
    return api.handle(request, path.substr(0, query), caller);
  }
  json get(const std::string& path) {
    const auto answer = ask("GET", path, {}, Role::viewer);
    CAPTURE(path);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    return support::json_of(answer.body);
  }
  base::HttpResponse put(json body, Role role = Role::editor) {
    if (!body.contains("reason")) {
      body["reason"] = "a test";
    }
    return ask("PUT", "/routing", body.dump(), role);
  }

  /// A decision with a proposal and that p, and what somebody says of it.
  store::DecisionId judged(double p, DecisionAction action = DecisionAction::answer,
                           std::optional<store::Verdict> verdict = {}) {
    auto record = decision(say("please"), conversation, person, action);
    record.p = p;
    record.proposal = R"({"confidence":"high","slug":"site"})";
    const auto id = store::DispatchLog(db).add_decision(record, clock.now());
    store::RoutingLog log(db);
    const auto logit = std::llround(std::log(p / (1 - p)) * 65536);
    log.add(store::JudgementRecord{
        id, R"({"logit":)" + std::to_string(logit) + "}", {}, "web:c-1", "default", "default"});
    if (verdict) {
      log.add(store::VerdictRecord{id, *verdict, {}, std::nullopt, clock.now()});
    }
    return id;
  }

  bot::console::Api api{services, store::Database(db.path())};
};

const json& setting(const json& effective, const std::string& name) {
  for (const auto& one : effective["settings"]) {
    if (one["name"] == name) {
      return one;
    }
  }
  FAIL("there is no setting " << name);
  return effective;
}

TEST_CASE_FIXTURE(Console, "thresholds are set above the file, told with who and why, and dropped again") {
  routing("[routing]\nask_at = 0.3\n[routing.chat.\"tg:1\"]\ndispatch_at = 0.9\n");
  auto now = get("/routing");
  CHECK(now["ask_at"] == 0.3);
  CHECK(now["ask_at_from"] == "global");
  CHECK(now["dispatch_at_from"] == "default");
  CHECK(now["version"] == 0);
  CHECK(now["prices"].is_null());
  CHECK(now["calibration"] == "none");
  CHECK(now["overrides"].size() == 1);
  const auto set =
      put({{"scope", "global"}, {"ask_at", 0.2}, {"dispatch_at", 0.6}, {"reason", "misses"}, {"version", 0}});
  REQUIRE_MESSAGE(set.status == 200, set.body);
  now = support::json_of(set.body);
  CHECK(now == get("/routing"));
  CHECK(now["ask_at"] == 0.2);
  CHECK(now["ask_at_from"] == "console");
  CHECK(now["file"]["ask_at"] == 0.3);
  CHECK(now["console"]["by"] == "ada");
  CHECK(now["console"]["reason"] == "misses");
  REQUIRE(put({{"scope", "chat tg:1"}, {"ask_at", 0.5}, {"version", 1}}).status == 200);
  const auto chat = get("/routing")["overrides"][0];
  CHECK(chat["scope"] == "chat tg:1");
  CHECK(chat["ask_at"] == 0.5);
  CHECK(chat["ask_at_from"] == "console");
  CHECK(chat["dispatch_at"] == 0.9);
  CHECK(chat["dispatch_at_from"] == "chat");
  const auto dropped = ask("DELETE", "/routing?scope=global&version=2");
  REQUIRE_MESSAGE(dropped.status == 200, dropped.body);
  CHECK(support::json_of(dropped.body)["ask_at"] == 0.3);
  CHECK(ask("DELETE", "/routing?scope=global&version=3").status == 404);
  CHECK(ask("DELETE", "/routing?scope=chat tg:1&version=2").status == 409);
  const auto history = get("/routing/history?limit=2");
  CHECK(history["items"].size() == 2);
  CHECK(history["items"][0]["ask_at"].is_null());
  CHECK(history["items"][1]["scope"] == "chat tg:1");
  CHECK(get("/routing/history?cursor=" + history["next"].get<std::string>())["items"][0]["reason"] ==
        "misses");
}

TEST_CASE_FIXTURE(Console, "each change stands in the log of changes with what was before and after") {
  put({{"scope", "user web:u-1"}, {"ask_at", 0.5}, {"reason", "she asks"}, {"version", 0}});
  put({{"scope", "user web:u-1"}, {"ask_at", 0.6}, {"version", 1}});
  ask("DELETE", "/routing?scope=user web:u-1&version=2");
  const auto changes = store::Changes(db).newest(10);
  REQUIRE(changes.size() == 3);
  CHECK(changes[2].what == "routing.set");
  CHECK(changes[2].scope == "user web:u-1");
  CHECK(changes[2].by == "ada");
  CHECK(changes[2].role == "operator");
  CHECK(changes[2].reason == "she asks");
  CHECK(changes[2].before.empty());
  CHECK(support::json_of(changes[1].before)["ask_at"] == 0.5);
  CHECK(support::json_of(changes[1].after)["ask_at"] == 0.6);
  CHECK(changes[0].what == "routing.reset");
  CHECK(changes[0].after.empty());
}

TEST_CASE_FIXTURE(Console, "what makes no sense is refused with the reason, and changes nothing") {
  const std::map<std::string, std::string> wrong = {
      {R"({"scope":"global","ask_at":0.9,"dispatch_at":0.2,"version":0})", "above"},
      {R"({"scope":"global","ask_at":0.8,"version":0})", "ask_at = 0.8 would be above dispatch_at = 0.75"},
      {R"({"scope":"global","ask_at":1.5,"version":0})", "from 0 to 1"},
      {R"({"scope":"global","ask_at":-0.1,"version":0})", "from 0 to 1"},
      {R"({"scope":"global","ask_at":NaN,"version":0})", "JSON"},
      {R"({"scope":"global","ask_at":"0.5","version":0})", "must be a number"},
      {R"({"scope":"global","version":0})", "neither"},
      {R"({"scope":"global","ask_at":0.2})", "version"},
      {R"({"scope":"nobody","ask_at":0.2,"version":0})", "is no scope"},
      {R"({"ask_at":0.2,"version":0})", "is no scope"},
      {R"({"scope":"chat tg","ask_at":0.2,"version":0})", "SECTION:ID"},
      {R"({"scope":"chat slack:1","ask_at":0.2,"version":0})",
       "no chat section \"slack\"; there are: web, tg"},
      {R"({"scope":"global","askat":0.2,"version":0})", "no member \"askat\""},
      {R"({"scope":"global","prices":{"needless_dispatch":1},"version":0})", "three numbers above 0"},
      {R"({"scope":"global","prices":7,"version":0})", "must be an object"},
      {R"({"scope":"global","ask_at":0.1,"prices":{"needless_dispatch":1,"missed_dispatch":1,"question":1},"version":0})",
       "leave out ask_at"},
      {R"({"scope":"global","ask_at":0.2,"version":0})", "reason"},
      {R"({"scope":"global","ask_at":0.2,"reason":" \n","version":0})", "reason"},
      {"[]", "object"}};
  for (const auto& one : wrong) {
    const auto& body = one.first;
    const auto& reason = one.second;
    CAPTURE(body);
    const auto answer = ask("PUT", "/routing", body);
    CHECK(answer.status == 400);
    CHECK_MESSAGE(contains(support::json_of(answer.body)["error"].get<std::string>(), reason), answer.body);
  }
  CHECK(
      put({{"scope", "global"}, {"ask_at", 0.2}, {"reason", std::string(501, 'x')}, {"version", 0}}).status ==
      400);
  CHECK(put({{"scope", "global"}, {"ask_at", 0.2}, {"version", 7}}).status == 409);
  CHECK(put({{"scope", "global"}, {"ask_at", 0.2}, {"version", 0}}, Role::viewer).status == 403);
  CHECK(ask("DELETE", "/routing?scope=global&version=0", {}, Role::viewer).status == 403);
  CHECK(get("/routing")["version"] == 0);
  CHECK(store::Changes(db).newest(10).empty());
  for (const char* path :
       {"/routing?x=1", "/routing/projection?ask_at=0.9&dispatch_at=0.2",
        "/routing/projection?ask_at=nan&dispatch_at=1", "/routing/projection?ask_at=0.1",
        "/routing/projection?ask_at=0.1&dispatch_at=1.1",
        "/routing/projection?ask_at=0.1&dispatch_at=0.2&days=0", "/routing/figures?days=x",
        "/routing/distribution?days=99999", "/routing/effective?chat=slack:1", "/routing/effective?chat=tg",
        "/routing/effective?chat=tg:1&person=web:u-1", "/routing/history?limit=0",
        "/routing/history?cursor=x", "/savings?day=1", "/budgets?days=1"}) {
    CAPTURE(std::string(path));
    CHECK(ask("GET", path).status == 400);
  }
}

TEST_CASE_FIXTURE(Console, "what a wider change does to a chat with numbers of its own is told") {
  REQUIRE(put({{"scope", "chat tg:1"}, {"ask_at", 0.6}, {"version", 0}}).status == 200);
  CHECK(get("/routing")["warnings"].empty());
  REQUIRE(put({{"scope", "global"}, {"dispatch_at", 0.5}, {"version", 1}}).status == 200);
  const auto warnings = get("/routing")["warnings"];
  REQUIRE(warnings.size() == 1);
  CHECK(contains(warnings[0].get<std::string>(), "(chat tg:1)"));
  CHECK(contains(warnings[0].get<std::string>(),
                 "ask_at of the console = 0.6 is above dispatch_at of the console = 0.5"));
}

TEST_CASE_FIXTURE(Console, "prices set both numbers, and are told as prices and as numbers") {
  const json prices = {{"needless_dispatch", 0.3}, {"missed_dispatch", 0.5}, {"question", 0.05}};
  REQUIRE(put({{"scope", "global"}, {"prices", prices}, {"version", 0}}).status == 200);
  const auto now = get("/routing");
  CHECK(now["prices"] == prices);
  CHECK(now["ask_at"].get<double>() == doctest::Approx(0.1));
  CHECK(now["dispatch_at"].get<double>() == doctest::Approx(1 - 0.05 / 0.3));
  CHECK(now["dispatch_at_from"] == "console");
  REQUIRE(put({{"scope", "global"}, {"ask_at", 0.3}, {"dispatch_at", 0.8}, {"version", 1}}).status == 200);
  CHECK(get("/routing")["prices"].is_null());
  ask("DELETE", "/routing?scope=global&version=2");
  routing("[routing.prices]\nneedless_dispatch = 0.3\nmissed_dispatch = 0.5\nquestion = 0.05\n");
  CHECK(get("/routing")["prices"] == prices);
  CHECK(get("/routing")["ask_at_from"] == "prices");
}

TEST_CASE_FIXTURE(Console, "the projection is that of a fresh reading, whatever changes in between") {
  const auto same = [&](double ask_at, double dispatch_at) {
    const auto answered = get("/routing/projection?days=30&ask_at=" + std::to_string(ask_at) +
                              "&dispatch_at=" + std::to_string(dispatch_at));
    const auto fresh =
        bot::reporting::project_routing(db, ask_at, dispatch_at, clock.now() - std::chrono::hours(24 * 30));
    CHECK(answered == to_json(fresh));
    return answered;
  };
  CHECK(same(0.3, 0.6)["n"] == 0);
  for (int i = 1; i < 100; ++i) {
    judged(i / 100.0, i % 3 == 0 ? DecisionAction::dispatch : DecisionAction::answer,
           i % 5 == 0 ? std::optional(store::Verdict::right) : std::nullopt);
  }
  CHECK(same(0.305, 0.605)["dispatch"].get<double>() == doctest::Approx(39.0 / 99));
  // A verdict, an answer to a question, a new turn, texts that went: all are in the next projection.
  const auto wrong = judged(0.2);
  const auto before = same(0.305, 0.605)["known_mistakes"].get<int>();
  store::RoutingLog(db).add(
      store::VerdictRecord{wrong, store::Verdict::should_dispatch, {}, std::nullopt, clock.now()});
  CHECK(same(0.305, 0.605)["known_mistakes"] == before + 1);
  const auto question = judged(0.5, DecisionAction::ask);
  same(0.1, 0.2);
  store::DispatchLog(db).answer_question(question, store::QuestionState::no, clock.now());
  CHECK(same(0.1, 0.2)["known_mistakes"].get<int>() > 0);
  same(0.0, 1.0);
  clock.advance(std::chrono::hours(24 * 29));
  judged(0.99);
  CHECK(same(0.0, 0.5)["n"] == 102);
  clock.advance(std::chrono::hours(24 * 2));
  CHECK(same(0.0, 0.5)["n"] == 1);
}

TEST_CASE_FIXTURE(Console,
                  "figures are null until there are enough labelled turns, and say how many there are") {
  for (int i = 0; i < 10; ++i) {
    judged(0.9, DecisionAction::dispatch, store::Verdict::right);
  }
  auto figures = get("/routing/figures");
  CHECK(figures["n_labelled"] == 10);
  CHECK(figures["needed_for_figures"] == 20);
  for (const char* name : {"reliability", "roc", "auroc", "ece", "brier", "learning"}) {
    CAPTURE(std::string(name));
    CHECK(figures[name].is_null());
  }
  CHECK(figures["drift"][0]["psi"].is_null());
  for (int i = 0; i < 60; ++i) {
    judged(i % 2 == 0 ? 0.9 : 0.1, i % 2 == 0 ? DecisionAction::dispatch : DecisionAction::answer,
           store::Verdict::right);
  }
  figures = get("/routing/figures");
  CHECK(figures["auroc"] == 1);
  CHECK(figures["brier"].get<double>() == doctest::Approx(0.01));
  CHECK(figures["ece"].get<double>() == doctest::Approx(0.1).epsilon(0.1));
  CHECK(figures["roc"].front()["tpr"] == 0);
  CHECK(figures["roc"].back()["fpr"] == 1);
  std::size_t n = 0;
  for (const auto& bin : figures["reliability"]) {
    n += bin["n"].get<std::size_t>();
  }
  CHECK(n == 70);
  CHECK(figures["learning"].front()["n"] == 0);
  CHECK(figures["learning"].back()["n"] == 35);
  CHECK(figures["learning"].back()["loss"] < figures["learning"].front()["loss"]);
}

TEST_CASE_FIXTURE(Console, "a day whose p is another one drifts") {
  const auto day = [&](double shift) {
    for (int i = 0; i < 200; ++i) {
      judged(0.05 + 0.4 * (i % 50) / 50.0 + shift);
    }
    clock.advance(std::chrono::hours(24));
  };
  day(0);
  day(0);
  day(0.5);
  const auto drift = get("/routing/figures")["drift"];
  REQUIRE(drift.size() == 3);
  CHECK(drift[0]["psi"].is_null());
  CHECK(drift[1]["psi"].get<double>() < 0.01);
  CHECK(drift[2]["psi"].get<double>() > 1);
  CHECK(drift[2]["n"] == 200);
}

TEST_CASE_FIXTURE(Console, "the distribution has every turn once, by what was decided") {
  judged(0.01);
  judged(0.011, DecisionAction::answer, store::Verdict::should_dispatch);
  judged(0.5, DecisionAction::ask);
  judged(0.999, DecisionAction::dispatch, store::Verdict::should_answer);
  const auto distribution = get("/routing/distribution?days=7");
  CHECK(distribution["n"] == 4);
  CHECK(distribution["days"] == 7);
  REQUIRE(distribution["bins"].size() == 50);
  CHECK(distribution["bins"][0]["answer"] == 2);
  CHECK(distribution["bins"][0]["mistakes"] == 1);
  CHECK(distribution["bins"][25]["ask"] == 1);
  CHECK(distribution["bins"][49]["dispatch"] == 1);
  CHECK(distribution["bins"][49]["to"] == 1);
}

TEST_CASE_FIXTURE(Console, "the effective settings say where each comes from and what lies below") {
  routing(
      "[routing]\nask_at = 0.3\n[routing.chat.\"web:c-1\"]\nask_at = 0.4\nrule = \"always_ask\"\n"
      "[routing.user.\"web:u-1\"]\nask_at = 0.45\n");
  put({{"scope", "chat web:c-1"}, {"ask_at", 0.41}, {"version", 0}});
  policy.budget.usd_per_user_per_day = 2;
  policy.budget.chat_usd_per_day["web:c-1"] = 5;
  permit("web", {.mode = bot::runtime::Access::Mode::pairing, .admins = {"u-1"}});
  store::Ledger(db).raise("chat web:c-1", 9, person.id, clock.now(), clock.now() + std::chrono::hours(1));
  const auto all = get("/routing/effective?chat=web:c-1&person=web:u-1");
  const auto& ask_at = setting(all, "ask_at");
  CHECK(ask_at["value"] == 0.45);
  CHECK(ask_at["from"] == "user");
  std::vector<std::string> layers;
  for (const auto& layer : ask_at["layers"]) {
    layers.push_back(layer["from"]);
  }
  CHECK(layers == std::vector<std::string>{"user", "console", "chat", "global", "default"});
  CHECK(ask_at["layers"][1]["scope"] == "chat web:c-1");
  CHECK(setting(all, "rule")["value"] == "always_ask");
  CHECK(setting(all, "rule")["from"] == "chat");
  CHECK(setting(all, "role")["value"] == "admin");
  CHECK(setting(all, "allowed")["value"] == true);
  CHECK(setting(all, "budget.usd_per_user_per_day")["value"] == 2);
  CHECK(setting(all, "budget.chat.usd_per_day")["value"] == 9);
  CHECK(setting(all, "budget.chat.usd_per_day")["layers"][1]["value"] == 5);
  CHECK(setting(all, "secretary.timezone")["value"] == "UTC");
  const auto others = get("/routing/effective?chat=web:c-2&person=web:u-2");
  CHECK(setting(others, "ask_at")["value"] == 0.3);
  CHECK(setting(others, "rule")["value"].is_null());
  CHECK(setting(others, "role")["value"] == "user");
  CHECK(setting(others, "allowed")["value"] == false);
}

TEST_CASE_FIXTURE(Console, "a sentence is tried as route would, with the reason in words") {
  const auto tried = [&](const json& body, Role role = Role::viewer) {
    return ask("POST", "/routing/try", body.dump(), role);
  };
  const auto answer =
      support::json_of(tried({{"text", "please rebuild the whole website, tests included"}}).body);
  CHECK(answer["action"] == "dispatch");
  CHECK(answer["features"].size() > 0);
  CHECK(contains(answer["why"][0].get<std::string>(), "reaches dispatch_at = 0.75 (built in)"));
  CHECK(contains(answer["assumed"].get<std::string>(), "the secretary proposes it"));
  const auto command = support::json_of(tried({{"text", "/answer what is new?"}}).body);
  CHECK(command["rule"] == "answer-command");
  CHECK(contains(command["why"][0].get<std::string>(), "/answer"));
  put({{"scope", "chat tg:1"}, {"ask_at", 1.0}, {"dispatch_at", 1.0}, {"version", 0}});
  const auto here = support::json_of(
      tried({{"text", "please rebuild the whole website"}, {"chat", "tg:1"}, {"person", "tg:7"}}).body);
  CHECK(here["action"] == "answer");
  CHECK(contains(here["why"][0].get<std::string>(), "(set in the console)"));
  CHECK(tried({{"text", ""}}).status == 400);
  CHECK(tried({{"text", "x"}, {"chat", "slack:1"}}).status == 400);
  CHECK(tried({{"text", "x"}, {"model", "yes"}}).status == 400);
  CHECK(tried({{"text", std::string(40'000, 'x')}}).status == 413);
  CHECK(tried({{"text", "x"}, {"model", true}}).status == 403);
  settings.secretary.demo = true;
  CHECK(tried({{"text", "x"}, {"model", true}}, Role::editor).status == 400);
}

TEST_CASE_FIXTURE(Console, "budgets are told by person, chat and project beside their limits") {
  policy.budget.usd_per_day = 10;
  policy.budget.usd_per_user_per_day = 4;
  policy.budget.usd_per_run = 2;
  policy.budget.chat_usd_per_day["tg:9"] = 1;
  permit("web", {});
  store::Ledger ledger(db);
  const auto pay = [&](double usd, std::optional<store::DispatchId> id) {
    ledger.add({.conversation = conversation.id,
                .person = person.id,
                .dispatch = id,
                .provider = "p",
                .model = "m",
                .usd = usd},
               clock.now());
  };
  const auto today = clock.now();
  clock.set(today - std::chrono::hours(48));
  pay(1, {});
  clock.set(today);
  pay(2, dispatch(project("site")));
  const auto budgets = get("/budgets");
  CHECK(budgets["timezone"] == "UTC");
  CHECK(budgets["run_limit"] == 2);
  std::map<std::string, json> by_scope;
  for (const auto& limit : budgets["limits"]) {
    by_scope[limit["scope"]] = limit;
  }
  CHECK(by_scope["global"]["today"] == 2);
  CHECK(by_scope["global"]["month"] == 3);
  CHECK(by_scope["global"]["share"] == doctest::Approx(0.2));
  CHECK(by_scope["global"]["month_limit"].is_null());
  CHECK(by_scope["user web:u-1"]["share"] == 0.5);
  CHECK(by_scope["user web:u-1"]["name"] == "Ada");
  CHECK(by_scope["chat web:c-1"]["month"] == 3);
  CHECK(by_scope["chat web:c-1"]["today_limit"].is_null());
  CHECK(by_scope["chat web:c-1"]["share"].is_null());
  CHECK(by_scope["chat tg:9"]["today_limit"] == 1);
  CHECK(by_scope["chat tg:9"]["share"] == 0);
  CHECK(by_scope["project site"]["month"] == 2);
}

TEST_CASE_FIXTURE(Console, "savings are told day by day, with the turns that were decided") {
  store::Ledger ledger(db);
  const auto day = [&](double usd) {
    decide(DecisionAction::answer);
    decide(DecisionAction::dispatch);
    ledger.add({.conversation = conversation.id,
                .person = person.id,
                .dispatch = {},
                .provider = "p",
                .model = "haiku",
                .input_tokens = 1'000'000,
                .usd = usd},
               clock.now());
  };
  day(1);
  clock.advance(std::chrono::hours(24));
  day(2);
  const auto savings = get("/savings?days=7");
  REQUIRE(savings["days"].size() == 2);
  CHECK(savings["days"][0]["day"] == "2026-11-22");
  CHECK(savings["days"][1]["actual"] == 2);
  CHECK(savings["days"][1]["turns"] == 2);
  CHECK(savings["days"][1]["dispatched"] == 1);
  CHECK(savings["days"][0]["people"] == 1);
  CHECK(savings["total"]["actual"] == 3);
  CHECK(savings["total"]["turns"] == 4);
  CHECK(savings["total"]["saved"].get<double>() ==
        doctest::Approx(savings["total"]["all_strong"].get<double>() - 3));
  CHECK(get("/savings?days=1")["days"].size() == 1);
}

TEST_CASE_FIXTURE(Console, "what is answered has the members that its description requires") {
  judged(0.5, DecisionAction::ask);
  const auto document = json::parse(bot::console::openapi_document());
  const auto& schemas = document["components"]["schemas"];
  const auto check = [&](const json& value, const char* schema) {
    for (const auto& name : schemas[schema]["required"]) {
      CAPTURE(std::string(schema));
      CAPTURE(name.get<std::string>());
      CHECK(value.contains(name.get<std::string>()));
    }
    std::set<std::string> known;
    for (const auto& [name, of] : schemas[schema]["properties"].items()) {
      known.insert(name);
    }
    for (const auto& member : value.items()) {
      CAPTURE(std::string(schema));
      CAPTURE(member.key());
      CHECK(known.contains(member.key()));
    }
  };
  put({{"scope", "global"}, {"ask_at", 0.2}, {"version", 0}});
  put({{"scope", "chat tg:1"}, {"ask_at", 0.2}, {"version", 1}});
  check(get("/routing"), "Routing");
  check(get("/routing")["overrides"][0], "RoutingOverride");
  check(get("/routing/history")["items"][0], "RoutingSetting");
  check(get("/routing/projection?ask_at=0.1&dispatch_at=0.2"), "RoutingProjection");
  check(get("/routing/distribution"), "RoutingDistribution");
  check(get("/routing/figures"), "RoutingFigures");
  check(get("/routing/effective")["settings"][0], "EffectiveSetting");
  check(get("/budgets"), "Budgets");
  check(get("/savings"), "Savings");
  check(get("/savings")["total"], "SavedSums");
  check(support::json_of(ask("POST", "/routing/try", R"({"text":"hello"})").body), "Routed");
}

}  // namespace
