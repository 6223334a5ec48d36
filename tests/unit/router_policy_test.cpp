#include <doctest/doctest.h>

#include "base/error.h"
#include "config/config_file.h"
#include "router/routing_policy.h"

namespace {

router::RoutingPolicy policy(const std::string& toml) {
  return router::RoutingPolicy(config::parse_config(toml, "frontdesk.toml", "/").child("routing"));
}

TEST_CASE("without settings the thresholds are the defaults of the contract") {
  for (const auto& p : {router::RoutingPolicy(), policy("")}) {
    const auto t = p.thresholds("tg", "-100123", "7");
    CHECK(t.ask_at == 0.35);
    CHECK(t.dispatch_at == 0.75);
    CHECK(t.layer == "global");
  }
}

TEST_CASE("a user's setting wins over the chat's, and the chat's over the global one") {
  const auto p = policy(R"(
[routing]
ask_at = 0.1
dispatch_at = 0.2
[routing.chat."tg:-100123"]
ask_at = 0.3
dispatch_at = 0.4
[routing.user."tg:7"]
ask_at = 0.5
dispatch_at = 0.6
)");
  struct Row {
    const char *section, *chat, *user;
    double ask_at, dispatch_at;
    const char* layer;
  };
  const Row rows[] = {
      {"tg", "1", "2", 0.1, 0.2, "global"},        {"tg", "-100123", "2", 0.3, 0.4, "chat tg:-100123"},
      {"tg", "1", "7", 0.5, 0.6, "user tg:7"},     {"tg", "-100123", "7", 0.5, 0.6, "user tg:7"},
      {"web", "-100123", "7", 0.1, 0.2, "global"}, {"tg", "7", "-100123", 0.1, 0.2, "global"}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.chat));
    CAPTURE(std::string(row.user));
    const auto t = p.thresholds(row.section, row.chat, row.user);
    CHECK(t.ask_at == row.ask_at);
    CHECK(t.dispatch_at == row.dispatch_at);
    CHECK(t.layer == row.layer);
  }
}

TEST_CASE("each of the two thresholds is taken from the narrowest setting that has it") {
  const auto p = policy(R"(
[routing]
ask_at = 0.1
[routing.chat."tg:-100123"]
dispatch_at = 0.9
[routing.user."tg:7"]
ask_at = 0.5
[routing.user."tg:8"]
)");
  auto t = p.thresholds("tg", "-100123", "7");
  CHECK(t.ask_at == 0.5);
  CHECK(t.dispatch_at == 0.9);
  CHECK(t.layer == "user tg:7");
  t = p.thresholds("tg", "-100123", "8");  // an empty setting took no part
  CHECK(t.ask_at == 0.1);
  CHECK(t.dispatch_at == 0.9);
  CHECK(t.layer == "chat tg:-100123");
  t = p.thresholds("tg", "1", "7");
  CHECK(t.ask_at == 0.5);
  CHECK(t.dispatch_at == 0.75);
}

TEST_CASE("a thread follows its chat where it has no setting of its own") {
  const auto p = policy(R"(
[routing.chat."tg:-100123"]
ask_at = 0.3
[routing.chat."tg:-100123/45"]
dispatch_at = 0.9
)");
  const auto thread = p.thresholds("tg", "-100123/45", "7");
  CHECK(thread.ask_at == 0.3);
  CHECK(thread.dispatch_at == 0.9);
  CHECK(thread.layer == "chat tg:-100123/45");
  const auto other = p.thresholds("tg", "-100123/46", "7");
  CHECK(other.ask_at == 0.3);
  CHECK(other.dispatch_at == 0.75);
  CHECK(other.layer == "chat tg:-100123");
}

TEST_CASE("the borders 0 and 1 are thresholds, too") {
  const auto t = policy("[routing]\nask_at = 0\ndispatch_at = 1").thresholds("web", "c", "u");
  CHECK(t.ask_at == 0);
  CHECK(t.dispatch_at == 1);
}

TEST_CASE("a wrong key, value or name is refused with its place in the file") {
  struct Row {
    const char *toml, *says;
  };
  const Row rows[] = {
      {"[routing]\nask_att = 0.5", "routing.ask_att"},
      {"[routing]\nask_att = 0.5", "\"ask_at\""},
      {"[routing]\nask_at = 1.5", "routing.ask_at: must be between 0 and 1"},
      {"[routing]\ndispatch_at = -0.1", "must be between 0 and 1"},
      {"[routing]\ndispatch_at = nan", "must be between 0 and 1"},
      {"[routing]\ndispatch_at = \"high\"", "must be a number"},
      {"[routing.chat.general]\nask_at = 0.5", "must be named"},
      {"[routing.user.\"tg:7\"]\nask = 0.5", "frontdesk.toml:2"},
      {"[routing.users.\"tg:7\"]\nask_at = 0.5", "\"user\""},
      {"[routing]\nask_at = 0.9\ndispatch_at = 0.5",
       "routing.ask_at: 0.9 is above routing.dispatch_at = 0.5"},
      {"[routing]\nask_at = 0.9", "routing.ask_at: 0.9 is above routing.dispatch_at = 0.75"},
      {"[routing]\ndispatch_at = 0.2", "0.35 is above routing.dispatch_at = 0.2"},
      {"[routing.user.\"tg:7\"]\nask_at = 0.6\ndispatch_at = 0.5",
       "is above routing.user.\"tg:7\".dispatch_at = 0.5"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.toml));
    CHECK_THROWS_WITH_AS(policy(row.toml), doctest::Contains(row.says), base::ConfigError);
  }
}

TEST_CASE("settings that contradict each other only together are named with both keys") {
  const auto said = [](const std::string& toml) { return policy(toml).contradictions(); };
  const std::string chat = "[routing.chat.\"tg:1\"]\n", user = "[routing.user.\"tg:7\"]\n";
  CHECK(said("[routing]\nask_at = 0.5\ndispatch_at = 0.5\n" + chat + "ask_at = 0.4\n").empty());
  const auto of_chat = said(chat + "ask_at = 0.9\n");
  REQUIRE(of_chat.size() == 1);
  CHECK(of_chat[0] ==
        "routing.chat.\"tg:1\".ask_at = 0.9 is above routing.dispatch_at = 0.75, so nothing is ever "
        "asked there");
  CHECK(
      said(user + "dispatch_at = 0.1\n").at(0) ==
      "routing.ask_at = 0.35 is above routing.user.\"tg:7\".dispatch_at = 0.1, so nothing is ever asked there");
  // Each is in order by itself.
  const auto both = said(chat + "ask_at = 0.7\n" + user + "dispatch_at = 0.6\n");
  REQUIRE(both.size() == 1);
  CHECK(both[0].find("routing.chat.\"tg:1\".ask_at = 0.7 is above routing.user.\"tg:7\".dispatch_at = 0.6") ==
        0);
  CHECK(said(chat + "ask_at = 0.7\n[routing.user.\"other:7\"]\ndispatch_at = 0.6\n").empty());
}

TEST_CASE("three prices become the two thresholds by which the cheapest wins") {
  const auto priced =
      policy("[routing.prices]\nneedless_dispatch = 0.30\nmissed_dispatch = 0.50\nquestion = 0.05\n")
          .thresholds("tg", "1", "2");
  CHECK(priced.ask_at == doctest::Approx(0.1));
  CHECK(priced.dispatch_at == doctest::Approx(1 - 0.05 / 0.3));
  CHECK(priced.ask_from == "prices");
  const auto dear =
      policy("[routing.prices]\nneedless_dispatch = 0.30\nmissed_dispatch = 0.50\nquestion = 1\n")
          .thresholds("tg", "1", "2");
  CHECK(dear.ask_at == doctest::Approx(0.3 / 0.8));
  CHECK(dear.dispatch_at == dear.ask_at);  // nobody is ever asked
}

TEST_CASE("what sets the thresholds twice is refused, and so is a price that is missing") {
  for (
      const char* toml :
      {"[routing]\nask_at = 0.2\n[routing.prices]\nneedless_dispatch = 1\nmissed_dispatch = 1\nquestion = 1\n",
       "[routing]\ntarget_dispatch_rate = 0.1\nmax_under_dispatch = 0.05\n",
       "[routing.prices]\nneedless_dispatch = 1\n", "[routing.user.\"tg:7\"]\nrule = \"sometimes\"\n"}) {
    CHECK_THROWS_AS(policy(toml), base::ConfigError);
  }
}

TEST_CASE("each threshold says where it comes from") {
  const auto p = policy("[routing]\nask_at = 0.2\n[routing.chat.\"tg:1\"]\ndispatch_at = 0.9\n");
  const auto t = p.thresholds("tg", "1", "2");
  CHECK(t.ask_from == "global");
  CHECK(t.dispatch_from == "chat");
  CHECK(p.thresholds("tg", "3", "2").dispatch_from == "default");
}

TEST_CASE("thresholds follow from the log where it holds enough") {
  auto rated = policy("[routing]\ntarget_dispatch_rate = 0.1\n");
  REQUIRE(rated.needs_history());
  CHECK(rated.learn({}).has_value());
  router::RoutingHistory history;
  for (int i = 1; i <= 100; ++i) {
    history.p.push_back(i / 100.0);
    history.labelled.push_back({i / 100.0, i > 40});
  }
  CHECK_FALSE(rated.learn(history).has_value());
  CHECK(rated.thresholds("", "", "").dispatch_at == doctest::Approx(0.91));
  CHECK(rated.thresholds("", "", "").dispatch_from == "rate");
  auto certified = policy("[routing]\nmax_under_dispatch = 0.05\n");
  CHECK(certified.learn({}).value().find("59 are missing") != std::string::npos);
  CHECK(certified.thresholds("", "", "").ask_at == 0.35);
  CHECK_FALSE(certified.learn(history).has_value());
  CHECK(certified.thresholds("", "", "").ask_from == "certified");
  CHECK(certified.thresholds("", "", "").ask_at <= 0.42);
}

TEST_CASE("a rule of a person comes before that of the chat") {
  const auto p = policy(
      "[routing.chat.\"tg:1\"]\nrule = \"always_ask\"\n[routing.user.\"tg:7\"]\nrule = \"always_answer\"\n");
  CHECK(std::string(p.rule("tg", "1", "7")->name) == "user-rule");
  CHECK(p.rule("tg", "1/thread", "8")->rule == router::RoutingPolicy::Rule::always_ask);
  CHECK_FALSE(p.rule("tg", "2", "8").has_value());
}

}  // namespace
