#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "bot/messages/delivery.h"
#include "bot/runs/result.h"
#include "bot/runs/run_facts.h"
#include "bot/texts/tasks.h"
#include "tests/support/text.h"

namespace {

using bot::runs::RunFacts;
using dispatch::FileChange;
using store::DispatchOutcome;
using support::contains;
using Kind = dispatch::FileChange::Kind;

RunFacts facts() {
  RunFacts f;
  f.slug = "todo-app";
  f.folder = base::home_directory() / "dispatch-projects/todo-app";
  f.action = store::DispatchAction::run;
  return f;
}

dispatch::Report report() {
  dispatch::Report r;
  r.outcome = dispatch::Outcome::success;
  r.turns = 3;
  r.duration = std::chrono::seconds(75);
  r.usd = 0.12;
  return r;
}

TEST_CASE("the facts name each kind of change, or say that there was none") {
  struct Row {
    std::vector<FileChange> files;
    const char* says;
  };
  const Row rows[] = {
      {{}, "No files changed"},
      {{{Kind::created, "a.py"}}, "Created `a.py`\n"},
      {{{Kind::changed, "a.py"}}, "Changed `a.py`\n"},
      {{{Kind::deleted, "a.py"}}, "Deleted `a.py`\n"},
      {{{Kind::deleted, "c"}, {Kind::created, "a"}, {Kind::created, "b"}},
       "Created `a`, `b` · Deleted `c`\n"},
      {{{Kind::created, "a`b"}}, "Created `a'b`\n"},
      {{{Kind::created, "a\nb"}}, "Created `a b`\n"},
  };
  for (const auto& row : rows) {
    auto f = facts();
    f.files = row.files;
    CAPTURE(std::string(row.says));
    CHECK(bot::runs::facts_text(f, report()).starts_with(row.says));
  }
}

TEST_CASE("the facts tell time, cost, turns and folder") {
  const auto text = bot::runs::facts_text(facts(), report());
  CHECK(contains(text, "1 m 15 s · $0.12 · 3 steps"));
  CHECK(contains(text, "`~/dispatch-projects/todo-app`"));
  CHECK(contains(text, "To continue, say what to change in *todo-app*."));
  auto r = report();
  r.turns = 1;
  r.usd = 0.001;
  CHECK(contains(bot::runs::facts_text(facts(), r), "under $0.01 · 1 step ·"));
  r.turns = 0;
  CHECK_FALSE(contains(bot::runs::facts_text(facts(), r), "step"));
}

TEST_CASE("the facts name what was special about a run, and only that") {
  struct Row {
    const char* says;
    void (*change)(RunFacts&, dispatch::Report&);
  };
  const Row rows[] = {
      {"too large", [](RunFacts& f, dispatch::Report&) { f.files_complete = false; }},
      {"Not allowed: Bash `curl x`, Write",
       [](RunFacts&, dispatch::Report& r) {
         r.denials = {{"Bash", "curl x"}, {"Write", ""}};
       }},
      {"earlier session was gone", [](RunFacts& f, dispatch::Report&) { f.session_replaced = true; }},
      {"resumed once", [](RunFacts& f, dispatch::Report&) { f.resumed_times = 1; }},
      {"resumed 3 times", [](RunFacts& f, dispatch::Report&) { f.resumed_times = 3; }},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.says));
    auto f = facts();
    auto r = report();
    CHECK_FALSE(contains(bot::runs::facts_text(f, r), row.says));
    row.change(f, r);
    CHECK(contains(bot::runs::facts_text(f, r), row.says));
  }
  auto review = facts();
  review.action = store::DispatchAction::review;
  CHECK_FALSE(contains(bot::runs::facts_text(review, report()), "To continue"));
}

TEST_CASE("the outcome comes first and failures say so") {
  struct Row {
    DispatchOutcome outcome;
    const char* begins;
  };
  for (const auto& row : {Row{DispatchOutcome::error, "**Failed: todo-app.** Why."},
                          Row{DispatchOutcome::blocked, "**Blocked: todo-app.** Why."},
                          Row{DispatchOutcome::timeout, "**Out of time: todo-app.** Why."},
                          Row{DispatchOutcome::cancelled, "**Cancelled.** Why."},
                          Row{DispatchOutcome::interrupted, "**Interrupted: todo-app.** Why."}}) {
    CHECK(bot::runs::outcome_text(row.outcome, "todo-app", "Why.") == row.begins);
  }
  CHECK(bot::runs::outcome_text(DispatchOutcome::success, "todo-app", "") == "**Done: todo-app.**");
}

TEST_CASE("the log names the outcome of a run as the specialist's report does") {
  using dispatch::Outcome;
  for (const auto outcome :
       {Outcome::success, Outcome::error, Outcome::blocked, Outcome::timeout, Outcome::cancelled}) {
    CHECK(to_string(bot::runs::outcome_of(outcome)) == to_string(outcome));
  }
}

TEST_CASE("the facts for the model and for the log hold the same") {
  auto f = facts();
  f.files = {{Kind::created, "a.py"}, {Kind::deleted, "b"}};
  auto r = report();
  r.outcome = dispatch::Outcome::blocked;
  r.denials = {{"Bash", "curl x"}};
  const auto text = bot::runs::facts_for_model(f, r);
  CHECK(contains(text, "Outcome: blocked"));
  CHECK(contains(text, "Created `a.py` · Deleted `b`"));
  CHECK(contains(text, "Refused action: Bash curl x"));
  const auto json = nlohmann::json::parse(bot::runs::facts_json(f, r));
  CHECK(json.at("files") ==
        nlohmann::json::parse(R"([{"path":"a.py","change":"created"},{"path":"b","change":"deleted"}])"));
  CHECK(json.at("denials") == nlohmann::json::parse(R"([{"tool":"Bash","detail":"curl x"}])"));
  CHECK(json.at("turns") == 3);
  CHECK(json.at("duration_ms") == 75'000);
  CHECK(json.at("files_complete") == true);
}

TEST_CASE("progress tells project, time, cost from a cent on, doing and files") {
  bot::texts::Progress p;
  p.project = "todo-app";
  p.elapsed = std::chrono::seconds(5);
  CHECK(bot::texts::progress(p) == "On it: *todo-app* · 5 s");
  p.usd_so_far = 0.25;
  p.doing = "Writing `a.py`";
  p.files = {{"a.py", 40, 2}, {"b.py", 0, 0}};
  CHECK(bot::texts::progress(p) ==
        "On it: *todo-app* · 5 s · about $0.25 so far\n\nWriting `a.py` …\n\nFiles so far: `a.py` +40 −2, "
        "`b.py`");
}

TEST_CASE("a tool call is told in words") {
  CHECK(bot::texts::doing("Write", "a.py") == "Writing `a.py`");
  CHECK(bot::texts::doing("Bash", "make `x`") == "Running `make 'x'`");
  CHECK(bot::texts::doing("Read", "") == "Reading");
  CHECK(bot::texts::doing("TodoWrite", "plan") == "Using TodoWrite: `plan`");
  CHECK(bot::texts::doing("Strange", "") == "Using Strange");
}

TEST_CASE("a list shows so many names and counts the rest") {
  CHECK(bot::texts::short_list({}, 2).empty());
  CHECK(bot::texts::short_list({"a"}, 2) == "a");
  CHECK(bot::texts::short_list({"a", "b"}, 2) == "a, b");
  CHECK(bot::texts::short_list({"a", "b", "c", "d"}, 2) == "a, b and 2 more");
}

TEST_CASE("the pause before a delivery doubles from a second to five minutes, half of it random") {
  using std::chrono::milliseconds;
  CHECK(bot::messages::delivery_backoff(1, 0) == milliseconds(500));
  CHECK(bot::messages::delivery_backoff(1, 1) == milliseconds(1'000));
  CHECK(bot::messages::delivery_backoff(2, 1) == milliseconds(2'000));
  CHECK(bot::messages::delivery_backoff(5, 0.5) == milliseconds(12'000));
  CHECK(bot::messages::delivery_backoff(9, 1) == milliseconds(256'000));
  for (const int attempts : {10, 13, 14, 63, 64, 65, 1'000'000}) {
    CAPTURE(attempts);
    CHECK(bot::messages::delivery_backoff(attempts, 1) == milliseconds(300'000));
    CHECK(bot::messages::delivery_backoff(attempts, 0) == milliseconds(150'000));
  }
  for (const int attempts : {0, -1}) {
    CHECK(bot::messages::delivery_backoff(attempts, 1) == milliseconds(1'000));
  }
}

}  // namespace
