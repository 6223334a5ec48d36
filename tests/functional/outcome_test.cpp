// What became of a message, as the log, its filters and the metrics say it.
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "base/clock.h"
#include "base/rfc3339.h"
#include "tests/support/json_of.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::json_of;
using support::ModelRequest;
using support::propose;

namespace {

/// A desk whose secretary asks about "maybe" and gives "surely" to the specialist.
class OutcomeDesk : public Desk {
 public:
  OutcomeDesk() : Desk(Claude::fake) {
    model.secretary("maybe", {propose("medium", "site"), support::say("My own answer.")});
    model.secretary("surely", {propose("high", "site")});
  }
  nlohmann::json log(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "log");
    arguments.insert(arguments.end(), {"--json", "--config", config_file().string()});
    const auto run = support::run_frontdesk(arguments, folder());
    CHECK_MESSAGE(run.status == 0, run.errors);
    return json_of(run.output);
  }
  /// How many decisions `log list --outcome` shows.
  std::size_t count(const std::string& outcome) { return log({"list", "--outcome", outcome}).size(); }
  /// The outcomes of all decisions, oldest first.
  std::string outcomes() {
    std::string all;
    auto rows = log({"list"});
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      all += (all.empty() ? "" : " ") + row->value("outcome", "");
    }
    return all;
  }
  /// Adds to the raw events of the project's run what the model said in answers of those ids, so much later.
  void write_events(const std::string& slug, std::chrono::seconds later,
                    const std::vector<std::string>& ids) {
    for (const auto& name : log_files(slug)) {
      if (!name.ends_with("-events.jsonl")) {
        continue;
      }
      std::ofstream file(projects() / slug / ".dispatch-logs" / name, std::ios::app);
      const auto at = base::to_unix_ms(base::SystemClock().now() + later);
      for (const auto& id : ids) {
        const nlohmann::json said = {{"type", "assistant"},
                                     {"message", {{"id", id}, {"content", nlohmann::json::array()}}}};
        file << nlohmann::json{{"at", at}, {"event", said}}.dump() << "\n";
      }
    }
  }
  double metric(const std::string& sample) {
    const auto body = call("GET", "/metrics").body;
    const auto at = body.find("\n" + sample + " ");
    return at == std::string::npos ? -1 : std::stod(body.substr(at + sample.size() + 2));
  }
  /// Of all samples of that family.
  double metric_sum(const std::string& family) {
    std::istringstream lines(call("GET", "/metrics").body);
    double sum = 0;
    for (std::string line; std::getline(lines, line);) {
      sum += line.starts_with(family + "{") ? std::stod(line.substr(line.rfind(' '))) : 0;
    }
    return sum;
  }
};

}  // namespace

TEST_CASE("whatever the model fails with, the message is logged as failed, and not as answered") {
  OutcomeDesk desk;
  desk.start();
  const std::vector<base::HttpResponse> failures = {
      support::status(401, R"({"type":"error","error":{"type":"authentication_error","message":"no"}})"),
      support::status(402, R"({"type":"error","error":{"type":"billing_error","message":"no"}})"),
      support::status(404, R"({"type":"error","error":{"type":"not_found_error","message":"no"}})"),
      support::status(429, R"({"type":"error","error":{"type":"rate_limit_error","message":"no"}})"),
      support::status(503, R"({"type":"error","error":{"type":"api_error","message":"no"}})"),
      support::status(200, "<html>hotel</html>"),
  };
  std::size_t failed = 0;
  for (const auto& failure : failures) {
    desk.model.fail(ModelRequest::From::secretary, failure);
    desk.answer_to(desk.say({"what is up?", "c-" + std::to_string(++failed)}));
  }
  desk.model.fail(ModelRequest::From::secretary, std::nullopt);
  desk.model.secretary("nothing", {support::say("")});
  desk.answer_to(desk.say({"say nothing", "c-0"}));
  ++failed;
  CHECK(desk.count("failed") == failed);
  CHECK(desk.count("answered") == 0);
  for (const auto& row : desk.log({"list"})) {
    CHECK(row.value("cause", "") == "rule:model-error");
  }
  CHECK(desk.counts(R"(frontdesk_decisions_total{action="answer",outcome="failed"} )" +
                    std::to_string(failed)));
  desk.answer_to(desk.say({"and now?"}));
  CHECK(desk.count("answered") == 1);
}

TEST_CASE("No is declined, by button and by word, whatever the secretary answers then") {
  OutcomeDesk desk;
  desk.start();
  const auto asked = desk.answer_to(desk.say({"maybe build it"}));
  CHECK(desk.outcomes() == "asked");
  desk.answer_to(desk.click(asked.action("No")));
  CHECK(desk.outcomes() == "declined declined");
  desk.answer_to(desk.say({"maybe build it", "c-2"}));
  desk.answer_to(desk.say({"no", "c-2"}));
  CHECK(desk.outcomes() == "declined declined declined declined");
  CHECK(desk.count("answered") == 0);
  CHECK(desk.count("asked") == 0);
  CHECK(desk.metric(R"(frontdesk_decisions_total{action="ask",outcome="asked"})") <
        1);  // counted once, at its end
  CHECK(desk.counts(R"(frontdesk_decisions_total{action="ask",outcome="declined"} 2)"));
  CHECK(desk.query("SELECT group_concat(cause) FROM decisions WHERE action = 'answer'") ==
        "rule:question-reply,rule:question-reply");
}

TEST_CASE("a question that was answered with Yes has the outcome of its dispatch, which bears its cost") {
  OutcomeDesk desk;
  desk.start();
  desk.click(desk.answer_to(desk.say({"maybe build it"})).action("Yes"));
  desk.dispatch("d-1", "**Done");
  CHECK(desk.outcomes() == "success success");
  const auto rows = desk.log({"list"});
  CHECK(rows[0].value("usd", 0.0) > 0.01);  // the specialist's cent, and what it cost to ask
  CHECK(rows[1].value("usd", 1.0) == 0);
  desk.answer_to(desk.say({"thank you"}));
  CHECK(desk.log({"list", "--limit", "1"})[0].value("usd", 0.0) > 0);
  CHECK(desk.counts(R"(frontdesk_dispatches_total{outcome="success",specialist="claude-code"} 1)"));
  CHECK(desk.counts(R"(frontdesk_decisions_total{action="dispatch",outcome="success"} 1)"));
  CHECK(desk.counts(R"(frontdesk_decisions_total{action="ask",outcome="success"} 1)"));
  CHECK(desk.counts(R"(frontdesk_decisions_total{action="answer",outcome="answered"} 1)"));
  CHECK(desk.metric_sum("frontdesk_decisions_total") == static_cast<double>(desk.log({"list"}).size()));
}

TEST_CASE("a question that nobody answers in time is expired, and says so") {
  OutcomeDesk desk;
  desk.config.set("dispatch", "question_timeout_s", "1");
  desk.start();
  const auto asked = desk.answer_to(desk.say({"maybe build it"}));
  const auto settled =
      desk.callbacks.wait_for([&](const auto& s) { return s.id == asked.id && s.edits > 0; });
  CHECK(contains(settled.text, "Not answered in time."));
  CHECK(settled.actions.empty());
  CHECK(desk.outcomes() == "expired");
  CHECK(contains(desk.answer_to(desk.click(asked.action("Yes"))).text, "out of date"));
  CHECK(contains(desk.answer_to(desk.say({"yes"})).text, "Answer to: yes"));
  CHECK(desk.query("SELECT count(*) FROM dispatches") == "0");
  CHECK(desk.counts(R"(frontdesk_decisions_total{action="ask",outcome="expired"} 1)"));
}

TEST_CASE("every outcome can be filtered by, and another word is refused with the valid ones") {
  OutcomeDesk desk;
  desk.start();
  for (const char* outcome :
       {"answered", "asked", "declined", "expired", "failed", "over_budget", "queued", "running", "success",
        "error", "blocked", "timeout", "cancelled", "interrupted", "joined"}) {
    CHECK(desk.count(outcome) == 0);
  }
  const auto wrong = support::run_frontdesk(
      {"log", "list", "--outcome", "overbudget", "--config", desk.config_file().string()}, desk.folder());
  CHECK(wrong.status == 2);
  CHECK(contains(wrong.errors, "over_budget"));
}

TEST_CASE("a restart in mid run is interrupted in the timeline alone, and turns and time count every leg") {
  OutcomeDesk desk;
  support::write_text(desk.folder() / "claude.work", "60");
  desk.config.set("server", "shutdown_grace_s", "0");
  desk.start();
  desk.say({"surely build it"});
  REQUIRE(support::wait_until([&] { return desk.query("SELECT session_begun FROM dispatches") == "1"; }));
  CHECK(desk.outcomes() == "running");
  bool was_killed = false;
  SUBCASE("after SIGTERM") {
    CHECK(desk.stop(SIGTERM) == 0);
  }
  SUBCASE("after SIGKILL") {
    desk.stop(SIGKILL);
    desk.write_events("site", std::chrono::seconds(60), {"a", "b", "b", "c"});
    was_killed = true;
  }
  CHECK_FALSE(contains(desk.program->log(), "cancelled"));
  CHECK(desk.count("cancelled") == 0);
  support::write_text(desk.folder() / "claude.work", "0");
  desk.start();
  desk.dispatch("d-1", "**Done");
  CHECK(desk.outcomes() == "success");
  std::string events;
  const auto shown = desk.log({"show", "d-1"});
  for (const auto& event : shown.at("timeline")) {
    events += event.at("event").is_null() ? "" : event.value("event", "") + ",";
    CHECK(base::parse_rfc3339(event.value("at", "")).has_value());
  }
  CHECK(events == "decided,queued,started,interrupted,started again,success,");
  if (was_killed) {
    const auto facts = json_of(desk.query("SELECT facts FROM dispatches"));
    CHECK(facts.value("turns", 0) == 4);  // three before, one after
    CHECK(facts.value("duration_ms", 0) >= 60'000);
    CHECK(facts.value("duration_ms", 0) < 120'000);
  }
}

TEST_CASE("a kill takes little of a quiet run's time, and its steps and its cost count once") {
  OutcomeDesk desk;
  support::write_text(desk.folder() / "claude.work", "60");
  desk.start();
  desk.say({"surely build it"});
  // It says nothing all the while, so that only the bot itself can have noted that it was at work.
  const auto seen = [&] { return desk.query("SELECT coalesce(max(seen_at - started_at), 0) FROM legs"); };
  REQUIRE(support::wait_until([&] { return std::stoi("0" + seen()) >= 2'500; }));
  desk.stop(SIGKILL);
  const auto first = std::stoi(seen());
  support::write_text(desk.folder() / "claude.work", "0");
  desk.start();
  const auto result = desk.dispatch("d-1", "**Done");
  const auto shown = desk.log({"show", "d-1"});
  CHECK(shown.value("worked_ms", 0) >= first);
  CHECK(shown.value("worked_ms", 0) < 60'000);
  CHECK(shown.at("facts").value("duration_ms", 0) == shown.value("worked_ms", 0));
  CHECK_FALSE(contains(result.text, "\n0 s"));
  const auto told =
      support::run_frontdesk({"log", "show", "d-1", "--config", desk.config_file().string()}, desk.folder());
  const auto steps = told.output.substr(told.output.find("\nSteps\n"));
  CHECK(contains(steps, "interrupted"));
  CHECK(contains(steps, "started again"));
  const auto session = "session " + desk.query("SELECT session_id FROM dispatches");
  CHECK(steps.find(session) < steps.find("started again"));
  CHECK(steps.rfind(session) > steps.find("started again"));
  CHECK(desk.counts(R"(frontdesk_spent_usd_total{purpose="specialist"} 0.01)"));
}

TEST_CASE("a run that does not go on after its restart keeps the time that it has worked") {
  OutcomeDesk desk;
  support::write_text(desk.folder() / "claude.work", "60");
  desk.start();
  desk.say({"surely build it"});
  REQUIRE(
      support::wait_until([&] { return desk.query("SELECT seen_at - started_at > 1500 FROM legs") == "1"; }));
  desk.answer_to(desk.say({"/cancel"}));
  desk.stop(SIGKILL);
  desk.start();
  desk.dispatch("d-1", "**Cancelled.**");
  CHECK(json_of(desk.query("SELECT facts FROM dispatches")).value("duration_ms", 0) > 1'500);
}

TEST_CASE("what is cancelled while it waits is counted like what ran") {
  OutcomeDesk desk;
  desk.config.set("dispatch", "concurrency", "1");
  support::write_text(desk.folder() / "claude.work", "60");
  desk.start();
  desk.say({"/dispatch the first"});
  REQUIRE(support::wait_until([&] { return desk.query("SELECT session_begun FROM dispatches") == "1"; }));
  const auto waiting = desk.answer_to(desk.say({"/dispatch the second"}));
  desk.click(waiting.action("Cancel"));
  desk.dispatch("d-2", "**Cancelled.**");
  CHECK(desk.counts(R"(frontdesk_dispatches_total{outcome="cancelled",specialist="claude-code"} 1)"));
  CHECK(desk.counts(R"(frontdesk_decisions_total{action="dispatch",outcome="cancelled"} 1)"));
}
