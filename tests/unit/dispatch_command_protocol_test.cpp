#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/process/child_process.h"
#include "dispatch/adapters/command_protocol.h"

namespace {

using dispatch::CommandProtocol;
using dispatch::CommandSettings;
using dispatch::Event;
using dispatch::Selector;

/// A command whose output names its figures "in", "out" and "usd", at $1000 and $5000 a million tokens.
struct Fixture {
  Fixture() {
    settings.name = "cli";
    settings.result = {*Selector::parse("text")};
    settings.session = {*Selector::parse("id")};
    settings.input_tokens = {*Selector::parse("in")};
    settings.output_tokens = {*Selector::parse("out")};
    settings.usd = {*Selector::parse("usd")};
    settings.price = {1000, 5000};
  }

  /// The report after these lines.
  dispatch::Report after(const std::vector<std::string>& lines) {
    const std::function<void(const Event&)> on_event = [this](const Event& event) { last = event; };
    CommandProtocol protocol(settings, task, on_event);
    for (const auto& line : lines) {
      protocol.on_line(line);
    }
    protocol.finish("");
    answered = protocol.answered();
    unreadable = protocol.unreadable();
    left_undone = protocol.left_undone();
    return protocol.report();
  }

  CommandSettings settings;
  dispatch::Task task;
  Event last{.kind = Event::Kind::still_working};
  bool answered = false;
  bool unreadable = false;
  bool left_undone = false;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "tokens that nobody can have used take no budget of others") {
  settings.price = {1, 5};
  task.max_usd = 0.5;
  std::vector<std::string> lines;
  SUBCASE("at once") {
    lines = {R"({"in":9e18,"out":9e18,"text":"done"})"};
  }
  SUBCASE("as dollars") {
    lines = {R"({"in":1000000,"out":900000,"usd":1e308})"};
  }
  SUBCASE("line by line") {
    lines.assign(5'000, R"({"in":100000,"out":100000})");
  }
  SUBCASE("of a session") {
    settings.counts_session = true;
    lines = {R"({"in":9e18,"out":9e18,"text":"done"})"};
  }
  const auto report = after(lines);
  CHECK(report.claims_too_much);
  CHECK(report.usd == doctest::Approx(0.5));
  CHECK(last.usd_so_far <= 0.5);
  CHECK(report.tokens.input < 1'000'000);
  CHECK(report.tokens.output < 300'000);
}

TEST_CASE_FIXTURE(Fixture, "tokens without usable dollars are priced, report by report") {
  struct Row {
    std::vector<std::string> lines;
    double usd;
    bool is_estimate;
  };
  // 100 in and 20 out are $0.20.
  const std::vector<Row> rows = {
      {{R"({"in":100,"out":20,"usd":0.4})"}, 0.4, false},
      {{R"({"in":100,"out":20})"}, 0.2, true},
      {{R"({"in":100,"out":20,"usd":0})"}, 0.2, true},
      {{R"({"in":100,"out":20,"usd":NaN})"}, 0.2, true},
      {{R"({"in":100,"out":20,"usd":null})"}, 0.2, true},
      {{R"({"in":100,"out":20,"usd":-3})"}, 0.2, true},
      {{R"({"in":100,"out":20,"usd":"none"})"}, 0.2, true},
      {{R"({"in":100,"out":20,"usd":"0.4"})"}, 0.4, false},
  };
  SUBCASE("of a run") {}
  SUBCASE("of a session") {
    settings.counts_session = true;
  }
  for (const auto& row : rows) {
    CAPTURE(row.lines.front());
    const auto report = after(row.lines);
    CHECK(report.usd == doctest::Approx(row.usd));
    CHECK(report.usd_is_estimate == row.is_estimate);
    CHECK(last.usd_so_far == doctest::Approx(row.usd));
  }
}

TEST_CASE_FIXTURE(Fixture, "dollars are added to what is priced, and those alone are for the tokens beside") {
  CHECK(after({R"({"in":100,"out":20,"usd":0.4})", R"({"in":100,"out":20})"}).usd == doctest::Approx(0.6));
  CHECK(after({R"({"in":100,"out":20})", R"({"in":100,"out":20})"}).usd == doctest::Approx(0.4));
  CHECK(after({R"({"in":100,"out":20})", R"({"usd":0.3})"}).usd == doctest::Approx(0.3));
  CHECK(after({R"({"usd":0.3})", R"({"in":100,"out":20})"}).usd == doctest::Approx(0.3));
  settings.counts_session = true;
  const auto report = after({R"({"in":100,"out":20,"usd":0.3})", R"({"in":200,"out":40})"});
  CHECK(report.usd == doctest::Approx(0.4));
  CHECK(report.tokens.output == 40);
  settings.price = {};
  CHECK(after({R"({"in":100,"out":20})"}).usd == 0);
}

TEST_CASE_FIXTURE(Fixture, "a number that is none costs that figure alone, and one in quotes counts") {
  settings.price = {};
  const std::string numbers[] = {"NaN", "-Infinity", "1e999", std::string(401, '9'), "\"many\"", "-nan"};
  for (const auto& number : numbers) {
    CAPTURE(number);
    const auto report = after({R"({"text":"It is NaN, 1e999.","in":)" + number + R"(,"out":5})"});
    CHECK(report.text == "It is NaN, 1e999.");
    CHECK(report.tokens.input == 0);
    CHECK(report.tokens.output == 5);
  }
  const auto report = after({R"({"text":"done","in":"1000","out":" 50 "})"});
  CHECK(report.tokens.input == 1000);
  CHECK(report.tokens.output == 50);
}

TEST_CASE_FIXTURE(Fixture, "a byte that is no UTF-8 does not cost the answer") {
  CHECK(after({"{\"text\":\"caf\xe9.\"}"}).text == "caf\uFFFD.");
  settings.is_one_json = true;
  CHECK(after({"{", "\"text\":\"caf\xe9.\",\"in\":NaN", "}"}).text == "caf\uFFFD.");
  CHECK_FALSE(unreadable);
}

TEST_CASE_FIXTURE(Fixture, "an answer that cannot be read is told from none") {
  after({"just words"});
  CHECK_FALSE(unreadable);
  after({R"({"text":"cut )"});
  CHECK(unreadable);
  after({std::string(base::ChildProcess::max_line_bytes, ' ')});
  CHECK(unreadable);
  settings.is_one_json = true;
  after({R"({"text":"cut )"});
  CHECK(unreadable);
  after({"{\"text\":\"" + std::string(base::ChildProcess::max_line_bytes, 'x')});
  CHECK(unreadable);
  CHECK_FALSE(answered);
}

TEST_CASE_FIXTURE(Fixture, "what began and never ended is left undone, whatever the answer says") {
  settings.begun = {*Selector::parse("type=item.started item.id"),
                    *Selector::parse("type=step_finish reason=tool-calls reason")};
  settings.ended = {*Selector::parse("type=item.completed item.id"), *Selector::parse("type=step_start")};
  const std::string answer = R"({"text":"Done."})";
  SUBCASE("a command that is killed at the end") {
    after({R"({"type":"item.started","item":{"id":"1"}})", R"({"type":"item.completed","item":{"id":"1"}})",
           R"({"type":"item.started","item":{"id":"2"}})", answer});
    CHECK(left_undone);
  }
  SUBCASE("all of them ended") {
    after({R"({"type":"item.started","item":{"id":"1"}})", R"({"type":"item.started","item":{"id":"2"}})",
           R"({"type":"item.completed","item":{"id":"2"}})", R"({"type":"item.completed","item":{"id":"1"}})",
           answer});
    CHECK_FALSE(left_undone);
  }
  SUBCASE("a step after which nothing came") {
    after({R"({"type":"step_start"})", answer, R"({"type":"step_finish","reason":"tool-calls"})"});
    CHECK(left_undone);
  }
  SUBCASE("a step after which another came") {
    after({R"({"type":"step_start"})", R"({"type":"step_finish","reason":"tool-calls"})",
           R"({"type":"step_start"})", answer, R"({"type":"step_finish","reason":"stop"})"});
    CHECK_FALSE(left_undone);
  }
}
