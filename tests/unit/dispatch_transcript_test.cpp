#include <limits>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "dispatch/task/tool_detail.h"
#include "dispatch/task/transcript.h"
#include "tests/support/checkout.h"
#include "tests/support/text.h"

namespace {

using dispatch::Event;
using dispatch::Outcome;
using nlohmann::json;
using Kind = dispatch::Event::Kind;

struct Fixture {
  std::vector<Event> events;
  dispatch::Transcript transcript{"/home/ada/todo-app", {}, [this](const Event& e) { events.push_back(e); }};

  void take(const json& event) { transcript.take(event.dump()); }
  const dispatch::Report& report() const { return transcript.report(); }

  static json init(const std::string& model = "claude-opus-4-8") {
    return {{"type", "system"}, {"subtype", "init"}, {"session_id", "s-1"}, {"model", model}};
  }
  static json result(const json& more = json::object()) {
    json r = {{"type", "result"},
              {"subtype", "success"},
              {"is_error", false},
              {"api_error_status", nullptr},
              {"num_turns", 2},
              {"result", "Wrote hello.txt."},
              {"stop_reason", "end_turn"},
              {"session_id", "s-1"},
              {"total_cost_usd", 0.020345},
              {"usage", {{"input_tokens", 1234}, {"output_tokens", 567}}},
              {"permission_denials", json::array()}};
    r.update(more);
    return r;
  }
  static json failure(const std::string& words, json status = nullptr) {
    return result({{"is_error", true}, {"result", words}, {"api_error_status", std::move(status)}});
  }
  static json tool_use(const std::string& id, const std::string& tool, json input) {
    return {
        {"type", "assistant"},
        {"message",
         {{"id", "m"},
          {"content", {{{"type", "tool_use"}, {"id", id}, {"name", tool}, {"input", std::move(input)}}}}}}};
  }
  static json tool_result(const std::string& id) {
    return {{"type", "user"}, {"message", {{"content", {{{"type", "tool_result"}, {"tool_use_id", id}}}}}}};
  }
  static json message_start(const std::string& id, json usage) {
    return {{"type", "stream_event"},
            {"event", {{"type", "message_start"}, {"message", {{"id", id}, {"usage", std::move(usage)}}}}}};
  }
  static json message_delta(json usage) {
    return {{"type", "stream_event"}, {"event", {{"type", "message_delta"}, {"usage", std::move(usage)}}}};
  }
};

TEST_CASE_FIXTURE(Fixture, "the recorded run of a Write is read as it was") {
  const auto recorded = base::read_file(support::source_dir() + "/tests/fixtures/claude_code_write.jsonl");
  bool was_running = false;
  for (const auto& line : support::lines_of(recorded)) {
    CHECK_FALSE(transcript.has_result());
    transcript.take(line);
    was_running = was_running || transcript.tool_is_running();
  }
  CHECK(was_running);
  CHECK_FALSE(transcript.tool_is_running());
  REQUIRE(transcript.has_result());
  CHECK(report().outcome == Outcome::success);
  CHECK(report().text == "Wrote hello.txt.");
  CHECK(report().problem.empty());
  CHECK(report().session_begun);
  CHECK(report().session_id == "201ad54d-9896-4c68-9166-71df2f3c7790");
  CHECK(report().model == "claude-opus-4-8[1m]");
  CHECK(report().turns == 2);
  CHECK(report().stop_reason == "end_turn");
  CHECK(report().denials.empty());
  std::vector<Event> told;
  for (const auto& e : events) {
    if (e.kind != Kind::used) {
      told.push_back(e);
    }
  }
  REQUIRE(told.size() == 4);
  CHECK(told[0].kind == Kind::session_begun);
  CHECK(told[0].text == report().session_id);
  CHECK(told[1].kind == Kind::said);
  CHECK(told[1].text == "I will write it.");
  CHECK(told[2].kind == Kind::tool_used);
  CHECK(told[2].tool == "Write");
  CHECK(told[2].text == "hello.txt");
  CHECK(told[3].text == "Wrote hello.txt.");
}

TEST_CASE_FIXTURE(Fixture, "a success gives tokens, money and the result as it came") {
  const auto line = result({{"usage",
                             {{"input_tokens", 1},
                              {"cache_read_input_tokens", 2},
                              {"cache_creation_input_tokens", 3},
                              {"output_tokens", 4}}}})
                        .dump();
  transcript.take(line);
  CHECK(report().outcome == Outcome::success);
  CHECK(report().raw_result == line);
  CHECK(report().usd == doctest::Approx(0.020345));
  CHECK(report().tokens.input == 1);
  CHECK(report().tokens.cache_read == 2);
  CHECK(report().tokens.cache_write == 3);
  CHECK(report().tokens.output == 4);
}

TEST_CASE_FIXTURE(Fixture,
                  "before the result, turns are the model's own answers, however many events tell of one") {
  const auto said = [&](const std::string& id, const json& parent) {
    take({{"type", "assistant"},
          {"parent_tool_use_id", parent},
          {"message", {{"id", id}, {"content", json::array()}}}});
  };
  CHECK(transcript.turns_so_far() == 0);
  said("a", nullptr);
  said("a", nullptr);
  said("of a sub-agent", "toolu_1");
  said("b", nullptr);
  CHECK(transcript.turns_so_far() == 2);
  take(result({{"num_turns", 5}}));
  CHECK(transcript.turns_so_far() == 5);
}

TEST_CASE_FIXTURE(Fixture, "without a result there is an error without a sentence") {
  take(init());
  CHECK_FALSE(transcript.has_result());
  CHECK(report().outcome == Outcome::error);
  CHECK(report().problem.empty());
  CHECK(report().session_begun);
}

TEST_CASE_FIXTURE(Fixture, "the limit of turns is an error, also where it comes without a result text") {
  auto r = result({{"subtype", "error_max_turns"},
                   {"is_error", true},
                   {"num_turns", 4},
                   {"errors", {"Reached maximum number of turns (3)"}}});
  r.erase("result");
  take(r);
  CHECK(report().outcome == Outcome::error);
  CHECK(report().problem.find("turn limit") != std::string::npos);
  CHECK(report().text.empty());
  CHECK(report().turns == 4);
}

TEST_CASE_FIXTURE(Fixture, "a subtype of error is an error, whatever is_error says") {
  auto r = result({{"subtype", "error_max_turns"}});
  r.erase("result");
  take(r);
  CHECK(report().outcome == Outcome::error);
  CHECK(report().problem.find("turn limit") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "the first of the errors is told where there is no result text") {
  auto r = result(
      {{"subtype", "error_during_execution"}, {"is_error", true}, {"errors", {7, "disk full\ntrace"}}});
  r.erase("result");
  take(r);
  CHECK(report().outcome == Outcome::error);
  CHECK(report().problem == "disk full");
}

TEST_CASE("an API error of subtype success is an error with a sentence for the chat") {
  struct Row {
    const char* words;
    json status;
    const char* says;
  };
  const Row rows[] = {
      {"Invalid API key · Fix external API key", 401, "not logged in"},
      {"Not logged in · Please run /login", nullptr, "not logged in"},
      {"Credit balance is too low", 400, "out of credit"},
      {"API Error: Request rejected (429) · Rate limited", 429, "rate limit"},
      {"API Error: Repeated 529 Overloaded errors", nullptr, "overloaded"},
      {"API Error: 500 Internal", 500, "overloaded"},
      {"API Error: Unable to connect to API (ConnectionRefused)", nullptr, "could not be reached"},
      {"Request timed out", nullptr, "could not be reached"},
      {"There's an issue with the selected model", 404, "does not exist"},
      {"API Error: Claude's response exceeded the 128000 output token maximum.", nullptr, "cut off"},
      {"API Error: Failed to parse JSON", nullptr, "Failed to parse JSON"},
      {"", nullptr, "did not say what"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.words));
    Fixture f;
    f.take(Fixture::failure(row.words, row.status));
    CHECK(f.report().outcome == Outcome::error);
    CHECK(f.report().problem.find(row.says) != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "a success with refused actions is blocked and says what was refused") {
  take(result({{"permission_denials",
                {{{"tool_name", "Write"},
                  {"tool_input", {{"file_path", "/home/ada/todo-app/a.py"}, {"content", "x"}}}},
                 {{"tool_name", "Bash"}, {"tool_input", {{"command", "curl example.org\nrm x"}}}}}}}));
  CHECK(report().outcome == Outcome::blocked);
  CHECK(report().problem.starts_with("2 actions were refused"));
  REQUIRE(report().denials.size() == 2);
  CHECK(report().denials[0].tool == "Write");
  CHECK(report().denials[0].detail == "a.py");
  CHECK(report().denials[1].detail == "curl example.org");
}

TEST_CASE_FIXTURE(Fixture, "an error with refused actions stays an error and keeps the refusals") {
  take(result({{"is_error", true}, {"result", "broken"}, {"permission_denials", {{{"tool_name", "Bash"}}}}}));
  CHECK(report().outcome == Outcome::error);
  CHECK(report().denials.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "the report is of all results, for what is added late is a turn of its own") {
  take(result({{"result", "One."},
               {"num_turns", 2},
               {"permission_denials", {{{"tool_name", "Bash"}, {"tool_use_id", "t-1"}}}}}));
  CHECK(report().outcome == Outcome::blocked);
  const auto tokens = report().tokens.output;
  take(result({{"result", "Two."},
               {"num_turns", 1},
               {"permission_denials",
                {{{"tool_name", "Bash"}, {"tool_use_id", "t-1"}},
                 {{"tool_name", "Write"}, {"tool_use_id", "t-2"}}}}}));
  CHECK(transcript.results() == 2);
  CHECK(report().text == "One.\n\nTwo.");
  CHECK(report().turns == 3);
  CHECK(report().tokens.output == 2 * tokens);
  REQUIRE(report().denials.size() == 2);
  CHECK(report().denials[1].tool == "Write");
  take(result({{"permission_denials", nlohmann::json::array()}}));
  CHECK(report().outcome == Outcome::blocked);
}

TEST_CASE_FIXTURE(Fixture, "what a later result repeats is said once") {
  take(result({{"result", "Both ended."}}));
  take(result({{"result", ""}}));
  take(result({{"result", "I have begun."}}));
  take(result({{"result", "Done. Both ended. All is well."}}));
  CHECK(report().text == "I have begun.\n\nDone. Both ended. All is well.");
}

TEST_CASE_FIXTURE(Fixture, "an action that a person refused is told, also where no result tells it") {
  transcript.add_denial("t-1", "Bash", R"({"command":"make"})");
  transcript.add_denial("t-1", "Bash", R"({"command":"make"})");
  take(result({{"permission_denials", {{{"tool_name", "Bash"}, {"tool_use_id", "t-1"}}}}}));
  CHECK(report().outcome == Outcome::blocked);
  REQUIRE(report().denials.size() == 1);
  CHECK(report().denials[0].detail == "make");
}

TEST_CASE_FIXTURE(Fixture, "the beginning of a session is told once, though init comes for every turn") {
  take(init());
  take(init());
  CHECK(events.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a tool runs from its call to its result") {
  take(tool_use("t-1", "Bash", {{"command", "make"}}));
  take(tool_use("t-2", "Read", {{"file_path", "a"}}));
  CHECK(transcript.tool_is_running());
  take(tool_result("t-1"));
  CHECK(transcript.tool_is_running());
  take(tool_result("t-2"));
  CHECK_FALSE(transcript.tool_is_running());
  take(tool_result("never begun"));
  CHECK_FALSE(transcript.tool_is_running());
}

TEST_CASE_FIXTURE(Fixture, "a retry of the model's is told") {
  take({{"type", "system"}, {"subtype", "api_retry"}, {"error_status", 429}});
  take({{"type", "system"}, {"subtype", "api_retry"}, {"error_status", nullptr}});
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == Kind::retrying);
  CHECK(events[0].text.find("rate") != std::string::npos);
  CHECK(events[1].kind == Kind::retrying);
}

TEST_CASE_FIXTURE(Fixture,
                  "the cost so far is estimated by the model's family and counts each message once") {
  take(init("claude-opus-4-8"));
  take(message_start("m-1", {{"input_tokens", 1'000'000}, {"output_tokens", 1}}));
  CHECK(events.back().kind == Kind::used);
  CHECK(events.back().usd_so_far == doctest::Approx(5).epsilon(0.001));
  take(message_delta({{"output_tokens", 1'000'000}}));
  CHECK(events.back().usd_so_far == doctest::Approx(30).epsilon(0.001));
  take(message_delta({{"output_tokens", 1'000'000}}));
  CHECK(events.back().usd_so_far == doctest::Approx(30).epsilon(0.001));
  take(message_start("m-2",
                     {{"cache_read_input_tokens", 1'000'000}, {"cache_creation_input_tokens", 1'000'000}}));
  CHECK(events.back().usd_so_far == doctest::Approx(30 + 0.5 + 6.25).epsilon(0.001));
}

TEST_CASE(
    "a configured price goes before that of the family, and an unknown family costs what the CLI takes") {
  double usd = -1;
  const auto keep = [&](const Event& e) { usd = e.usd_so_far; };
  dispatch::Transcript priced("/", dispatch::TokenPrice{2, 4}, keep);
  priced.take(Fixture::init().dump());
  priced.take(Fixture::message_start("m", {{"input_tokens", 500'000}, {"output_tokens", 500'000}}).dump());
  CHECK(usd == doctest::Approx(3));
  dispatch::Transcript unknown("/", {}, keep);
  unknown.take(Fixture::init("some-model").dump());
  unknown.take(Fixture::message_start("m", {{"input_tokens", 500'000}}).dump());
  CHECK(usd == doctest::Approx(2));
}

TEST_CASE_FIXTURE(Fixture,
                  "calls that a gateway gives no ids of their own are counted each, and sub-agents' too") {
  take(init("claude-opus-4-8"));
  take(message_start("", {{"input_tokens", 1'000'000}}));
  take(message_start("", {{"input_tokens", 1'000'000}}));
  CHECK(events.back().usd_so_far == doctest::Approx(10));
  auto sub = tool_use("t-1", "Bash", {{"command", "make"}});
  sub["parent_tool_use_id"] = "toolu_1";
  sub["message"]["model"] = "claude-haiku-4-5";
  sub["message"]["usage"] = {{"input_tokens", 1'000'000}};
  take(sub);
  take(sub);
  CHECK(transcript.usd_so_far() == doctest::Approx(11));
  CHECK(transcript.model_calls() == 3);
}

TEST_CASE_FIXTURE(Fixture, "a result's tokens are those of all models") {
  take(init());
  take(result({{"usage", {{"input_tokens", 20}}},
               {"model_usage_since_last_result",
                {{"claude-opus-4-8", {{"inputTokens", 20}, {"costUSD", 1.0}}},
                 {"claude-haiku-4-5", {{"inputTokens", 1'000'000}, {"costUSD", 2.0}}}}}}));
  CHECK(report().tokens.input == 1'000'020);
  CHECK(report().usd == doctest::Approx(3));
  CHECK_FALSE(report().usd_is_of_session);
  CHECK(transcript.final_report().spent.size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "unknown and malformed lines are passed over") {
  for (const char* line : {"",
                           " ",
                           "not JSON",
                           "{",
                           "[]",
                           "null",
                           "42",
                           "\"text\"",
                           "{}",
                           R"({"type":5})",
                           R"({"type":"news"})",
                           R"({"type":"system"})",
                           R"({"type":"system","subtype":"task_started"})",
                           R"({"type":"assistant"})",
                           R"({"type":"assistant","message":null})",
                           R"({"type":"assistant","message":{"content":"text"}})",
                           R"({"type":"assistant","message":{"content":[null,5,{},{"type":"image"}]}})",
                           R"({"type":"user","message":{"content":"text"}})",
                           R"({"type":"user","message":{"content":[7]}})",
                           R"({"type":"stream_event"})",
                           R"({"type":"stream_event","event":{"type":"message_start"}})",
                           R"({"type":"stream_event","event":{"type":"message_delta","usage":"much"}})",
                           R"({"type":"rate_limit_event","rate_limit_info":{}})",
                           "\xff\xfe{}"}) {
    CAPTURE(std::string(line));
    CHECK_NOTHROW(transcript.take(line));
  }
  CHECK_NOTHROW(transcript.take(std::string(100'000, '[')));
  CHECK_FALSE(transcript.has_result());
  take(result());
  CHECK(report().outcome == Outcome::success);
}

TEST_CASE_FIXTURE(Fixture, "a result whose members have wrong types is an error, not an exception") {
  CHECK_NOTHROW(transcript.take(
      R"({"type":"result","is_error":"no","result":7,"num_turns":"two","usage":[],"permission_denials":{},"errors":"x"})"));
  CHECK(transcript.has_result());
  CHECK(report().outcome == Outcome::error);
  CHECK_FALSE(report().problem.empty());
}

TEST_CASE_FIXTURE(Fixture, "counts that cannot be true neither overflow nor go below zero") {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 3; ++i) {
    take(result({{"num_turns", kMost},
                 {"duration_ms", kMost},
                 {"usage", {{"input_tokens", kMost}, {"output_tokens", -5}}}}));
  }
  CHECK(report().turns > 2);
  CHECK(report().duration > std::chrono::hours(1));
  CHECK(report().tokens.input > 1234);
  CHECK(report().tokens.output == 0);
}

TEST_CASE_FIXTURE(Fixture, "the lines that a tool writes and takes away are counted") {
  const auto tool = [&](const std::string& name, const std::string& input) {
    transcript.take(
        R"({"type":"assistant","message":{"id":"m","content":[{"type":"tool_use","id":"t","name":")" + name +
        R"(","input":)" + input + "}]}}");
    return std::pair(events.back().lines_added, events.back().lines_removed);
  };
  CHECK(tool("Write", R"({"file_path":"a","content":"one\ntwo\n"})") == std::pair(2, 0));
  CHECK(tool("Edit", R"({"file_path":"a","old_string":"one","new_string":"1\n2\n3"})") == std::pair(3, 1));
  CHECK(tool("Read", R"({"file_path":"a"})") == std::pair(0, 0));
}

TEST_CASE_FIXTURE(Fixture, "a line of a megabyte is read") {
  take(tool_use("t-1", "Write",
                {{"file_path", "/home/ada/todo-app/big.txt"}, {"content", std::string(1'000'000, 'x')}}));
  REQUIRE(events.size() == 1);
  CHECK(events[0].text == "big.txt");
  take(result({{"result", std::string(1'000'000, 'y')}}));
  CHECK(report().text.size() == 1'000'000);
}

TEST_CASE("the detail of a tool call is what a person wants to know of it, and short") {
  const auto detail = [](const char* tool, const json& input) {
    return dispatch::tool_detail(tool, input.dump(), "/home/ada/todo-app");
  };
  CHECK(detail("Write", {{"file_path", "/home/ada/todo-app/src/a.py"}, {"content", "x"}}) == "src/a.py");
  CHECK(detail("Read", {{"file_path", "/etc/hosts"}}) == "/etc/hosts");
  CHECK(detail("Read", {{"file_path", "/home/ada/todo-app-2/a"}}) == "/home/ada/todo-app-2/a");
  CHECK(detail("Edit", {{"file_path", "src/a.py"}}) == "src/a.py");
  CHECK(detail("NotebookEdit", {{"notebook_path", "/home/ada/todo-app/n.ipynb"}}) == "n.ipynb");
  CHECK(detail("Bash", {{"command", "  make test\necho"}, {"description", "Test"}}) == "make test");
  CHECK(detail("Grep", {{"pattern", "TODO"}}) == "TODO");
  CHECK(detail("WebFetch", {{"url", "https://example.org"}}) == "https://example.org");
  CHECK(detail("TodoWrite", {{"todos", json::array()}}) == "plan");
  CHECK(detail("Write", json::array()).empty());
  CHECK(detail("Bash", {{"command", std::string(500, 'x')}}).size() <= 120);
  CHECK(detail("Write", {{"file_path", std::string(500, 'x')}}).size() <= 120);
  CHECK(dispatch::tool_detail("Write", "not JSON", "/").empty());
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a number that is none costs a result that figure alone") {
  for (const auto* number : {"NaN", "-Infinity", "1e999"}) {
    dispatch::Transcript read("/", {}, {});
    read.take(std::string(R"({"type":"result","subtype":"success","result":"All done.","total_cost_usd":)") +
              number + R"(,"num_turns":3})");
    CHECK(read.report().outcome == Outcome::success);
    CHECK(read.report().text == "All done.");
    CHECK(read.report().turns == 3);
    CHECK(read.report().raw_result.find(number) == std::string::npos);
  }
}
