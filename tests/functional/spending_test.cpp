// What the real Claude Code spends: bounds, prices, sub-agents, and what a crash leaves.
#include <cstdlib>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::bash;
using support::contains;
using support::costing;
using support::delegate;
using support::Desk;
using support::hold;
using support::ModelRequest;
using support::propose;

namespace {

/// Its model is claude-opus-4-8: $5 a million tokens that go in, $25 that come out.
class Spending : public Desk {
 public:
  Spending() {
    model.secretary("build", {propose("high", "site")});
    model.secretary("go on", {propose("high", "site", {}, "resume")});
    config.set("specialist.claude-code", "model", "\"claude-opus-4-8\"")
        .set("dispatch", "allowed_tools", "[\"Bash\"]");
  }

  double booked() const {
    return std::atof(query("SELECT coalesce(sum(usd), 0) FROM ledger WHERE purpose = 'specialist'").c_str());
  }
  double cost_of(const std::string& dispatch) const {
    return std::atof(query("SELECT usd FROM dispatches WHERE id = " + dispatch).c_str());
  }
};

}  // namespace

TEST_CASE_FIXTURE(Spending, "the limit for a run holds when it is resumed, and for each run alone") {
  config.set("budget", "usd_per_run", "1.0");
  model.specialist("build", {costing(100, 30'000, support::say("Begun."))});
  std::vector<support::ModelTurn> dear;
  for (int i = 0; i < 30; ++i) {
    dear.push_back(costing(100, 30'000, bash("true")));
  }
  model.specialist("go on", dear);
  start();
  say({"build it"});
  dispatch("d-1", "**Done: site.**");
  CHECK(cost_of("1") == doctest::Approx(0.7505).epsilon(0.001));
  say({"go on"});
  CHECK(contains(dispatch("d-2", "**Failed: site.**").text, "spending limit"));
  CHECK(cost_of("2") < 2.3);
  CHECK(cost_of("2") > 1.0);
  CHECK(booked() == doctest::Approx(cost_of("1") + cost_of("2")).epsilon(0.001));
}

TEST_CASE_FIXTURE(Spending, "a model that the CLI does not know is bounded by the price that it takes") {
  config.set("specialist.claude-code", "model", "\"a-model-of-our-own\"").set("budget", "usd_per_run", "1.0");
  std::vector<support::ModelTurn> dear(20, costing(100, 30'000, bash("true")));
  model.specialist("build", dear);
  start();
  say({"build it"});
  CHECK(contains(dispatch("d-1", "**Failed: site.**").text, "spending limit"));
  CHECK(cost_of("1") < 2.5);
}

TEST_CASE_FIXTURE(Spending, "the operator's price wins over one that the CLI made up") {
  config.set("specialist.claude-code", "model", "\"a-model-of-our-own\"")
      .set("specialist.claude-code", "usd_per_million_input", "0.1")
      .set("specialist.claude-code", "usd_per_million_output", "0.4")
      .set("budget", "usd_per_run", "1.0");
  // $2.40 as the CLI counts, $0.05 as the operator does.
  model.specialist("build",
                   {costing(20'000, 60'000, bash("true")), costing(20'000, 60'000, support::say("Built."))});
  start();
  say({"build it"});
  const auto result = dispatch("d-1", "**Done: site.**");
  CHECK(contains(result.text, "$0.05"));
  CHECK_FALSE(contains(result.text, "about"));
  CHECK(cost_of("1") == doctest::Approx(0.052).epsilon(0.001));
}

TEST_CASE_FIXTURE(Spending,
                  "what a sub-agent spends counts, is bounded and shown, at the operator's price, too") {
  config.set("budget", "usd_per_run", "1.0");
  SUBCASE("at the list price") {}
  SUBCASE("at the operator's price") {
    config.set("specialist.claude-code", "usd_per_million_output", "20");
  }
  std::vector<support::ModelTurn> dear(20, costing(100, 40'000, bash("sleep 1.5")));
  model.specialist("the hard part", dear);
  model.specialist("build", {delegate("do the hard part", false), support::say("Built.")});
  start();
  say({"build it"});
  CHECK(contains(dispatch("d-1", "**Failed: site.**").text, "spending limit"));
  CHECK(cost_of("1") > 0.9);
  CHECK(cost_of("1") < 4);
}

TEST_CASE_FIXTURE(Spending, "the tokens of all models are in the log") {
  model.specialist("the hard part", {costing(1'000'00, 2'000, support::say("Hard."))});
  model.specialist("build", {delegate("do the hard part", false), support::say("Built.")});
  start();
  say({"build it"});
  dispatch("d-1", "**Done: site.**");
  CHECK(query("SELECT sum(input_tokens) FROM ledger WHERE purpose = 'specialist'") == "100200");
  CHECK(query("SELECT sum(output_tokens) FROM ledger WHERE purpose = 'specialist'") == "2040");
  const auto log = support::run_frontdesk({"log", "show", "d-1", "--config", config_file().string()},
                                          folder(), environment);
  CHECK(contains(log.output, "100200"));
}

TEST_CASE_FIXTURE(Spending, "what a run spent before the CLI was killed is booked, and what it spends then") {
  model.specialist("go on", {costing(100, 60'000, support::say("Gone on."))});
  model.specialist("build", {costing(100, 120'000, bash("kill -9 $PPID"))});
  start();
  say({"build it"});
  dispatch("d-1", "**Failed: site.**");
  CHECK(cost_of("1") == doctest::Approx(3.0).epsilon(0.01));
  say({"go on"});
  dispatch("d-2", "**Done: site.**");
  CHECK(cost_of("2") == doctest::Approx(1.5).epsilon(0.01));
  CHECK(booked() == doctest::Approx(4.5).epsilon(0.01));
}

TEST_CASE_FIXTURE(Spending,
                  "what a run spent before kill -9 of the program is booked, and counts for its limit") {
  config.set("budget", "usd_per_run", "5.0");
  model.specialist("You were interrupted", {costing(100, 60'000, support::say("Finished after all."))});
  model.specialist("build", {costing(100, 120'000, bash("true")), hold(support::say("too late"))});
  start();
  say({"build it"});
  REQUIRE(model.wait_for(ModelRequest::From::specialist, 2));
  CHECK(support::wait_until([&] { return booked() > 2.9; }));
  stop(SIGKILL);
  CHECK(booked() == doctest::Approx(3.0).epsilon(0.01));
  model.release();
  start();
  const auto result = dispatch("d-1", "**Done: site.**");
  CHECK(contains(result.text, "$4.50"));
  CHECK(booked() == doctest::Approx(4.5).epsilon(0.01));
  CHECK(cost_of("1") == doctest::Approx(4.5).epsilon(0.01));
}
