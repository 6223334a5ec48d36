// What the report takes for the specialist's answer, from what the CLI wrote and from what was stored.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "dispatch/task/stored_result.h"
#include "dispatch/task/transcript.h"
#include "tests/support/json_of.h"

namespace {

using dispatch::Outcome;
using nlohmann::json;

json said(const std::string& message, const std::string& text) {
  return {{"type", "assistant"},
          {"message", {{"id", message}, {"content", json::array({{{"type", "text"}, {"text", text}}})}}}};
}

json result(json text, const json& more = json::object()) {
  json r = {{"type", "result"}, {"subtype", "success"}, {"is_error", false}, {"session_id", "s-1"}};
  if (!text.is_null()) {
    r["result"] = std::move(text);
  }
  r.update(more);
  return r;
}

dispatch::Report report_of(const std::vector<json>& events) {
  dispatch::Transcript transcript("/", {}, {});
  for (const auto& event : events) {
    transcript.take(event.dump());
  }
  return transcript.report();
}

std::string stored(const std::vector<json>& events, const std::string& between) {
  std::string text;
  for (const auto& event : events) {
    text += (text.empty() ? "" : between) + event.dump();
  }
  return text;
}

}  // namespace

TEST_CASE("where the result is empty or missing the answer is what was said last") {
  for (const json& nothing : {json(""), json(" \n"), json(nullptr), json(7)}) {
    CAPTURE(nothing.dump());
    const auto report = report_of({said("m1", "I begin."), said("m2", "I made it."), result(nothing)});
    CHECK(report.outcome == Outcome::success);
    CHECK(report.text == "I made it.");
    CHECK(support::json_of(report.raw_result).value("result", "") == "I made it.");
  }
  CHECK(report_of({result(nullptr)}).text.empty());
  CHECK(report_of({result(nullptr, {{"is_error", nullptr}})}).outcome == Outcome::error);
}

TEST_CASE("of a message in several blocks the answer is all of them, whichever the result holds") {
  for (const char* given : {"First.", "Second.", ""}) {
    const auto report = report_of({said("m1", "Before."), said("m2", "First."), said("m2", "  "),
                                   said("m2", "Second."), result(given)});
    CHECK(report.text == "First.\n\nSecond.");
  }
}

TEST_CASE("the result as JSON is clean, too, for whoever reads it") {
  dispatch::Transcript transcript("/", {}, {});
  transcript.take(
      R"({"type":"result","is_error":false,"result":"\u001b[32m✓\u001b[39m 3 passed","num_turns":2})");
  CHECK(json::parse(transcript.report().raw_result) ==
        json{{"type", "result"}, {"is_error", false}, {"result", "✓ 3 passed"}, {"num_turns", 2}});
  dispatch::Transcript halves("/", {}, {});
  halves.take(R"({"type":"result","is_error":true,"result":"no \ud83d","errors":["\udc00"]})");
  CHECK(json::parse(halves.report().raw_result)["result"] == "no \uFFFD");
}

TEST_CASE("a result that is not in the last message stands as it is") {
  const auto last = said("m1", "Something else.");
  CHECK(report_of({last, result("The answer.")}).text == "The answer.");
  CHECK(report_of({said("m1", "One."), said("m2", "Two."), result("Two.")}).text == "Two.");
  const auto line = result("The answer.").dump();
  CHECK(report_of({result("The answer.")}).raw_result == line);
}

TEST_CASE("what a sub-agent says is not the answer") {
  auto inner = said("m2", "I am the helper.");
  inner["parent_tool_use_id"] = "toolu_1";
  CHECK(report_of({said("m1", "Done."), inner, result("")}).text == "Done.");
}

TEST_CASE("what an earlier turn said is not the answer of a later one") {
  CHECK(report_of({said("m1", "One."), result("One."), result("")}).text == "One.");
}

TEST_CASE("a failed result gives a problem and no answer") {
  const auto report =
      report_of({said("m1", "API Error: 500"), result("API Error: 500", {{"is_error", true}})});
  CHECK(report.outcome == Outcome::error);
  CHECK(report.text.empty());
  CHECK_FALSE(report.problem.empty());
}

TEST_CASE("a refusal of the model says what can be done in the chat") {
  const auto refused =
      result("API Error: Opus's safeguards flagged this message. Try a new session.",
             {{"is_error", true}, {"stop_reason", "refusal"}, {"api_error_status", nullptr}});
  const auto other = result("API Error: Claude can\u2019t help with this. Start a new session to continue.",
                            {{"is_error", true}});
  for (const auto& event : {refused, other}) {
    const auto report = report_of({said("m1", "I begin"), event});
    CHECK(report.outcome == Outcome::error);
    CHECK(report.problem.find("declined") != std::string::npos);
    CHECK(report.problem.find("other words") != std::string::npos);
    CHECK(report.problem.find("session") == std::string::npos);
  }
}

TEST_CASE("an answer that the model did not end is no success, and is kept") {
  for (const char* reason : {"max_tokens", "pause_turn", "model_context_window_exceeded"}) {
    CAPTURE(reason);
    const auto report =
        report_of({said("m1", "Half of it"), result("Half of it", {{"stop_reason", reason}})});
    CHECK(report.outcome == Outcome::error);
    CHECK(report.problem.starts_with("Its answer was cut off"));
    CHECK(report.text == "Half of it");
  }
  CHECK(report_of({result("All", {{"stop_reason", "stop_sequence"}})}).outcome == Outcome::success);
}

TEST_CASE("a result line that cannot be read ends the turn, with the words that came before it") {
  for (const char* line :
       {R"({"type":"result","result":"cut in the mid)", R"({"result": nonsense, "type" : "result"})",
        R"({"type":"result","result":)"
        "\x01"
        R"(})"}) {
    CAPTURE(line);
    dispatch::Transcript transcript("/", {}, {});
    transcript.take(said("m1", "I made it.").dump());
    transcript.take(line);
    REQUIRE(transcript.has_result());
    CHECK(transcript.report().outcome == Outcome::error);
    CHECK(transcript.report().problem == "The result of the run cannot be read.");
    CHECK(transcript.report().text == "I made it.");
  }
  dispatch::Transcript transcript("/", {}, {});
  transcript.take(R"({"type":"tool_result","result":"cut)");
  transcript.take(R"({"kind":"result","type":"user","text":"cut)");
  CHECK_FALSE(transcript.has_result());
}

TEST_CASE("a result line with bytes that are no UTF-8, or a NUL, is read all the same") {
  dispatch::Transcript transcript("/", {}, {});
  transcript.take("{\"type\":\"result\",\"is_error\":false,\"result\":\"caf\xE9\"}");
  CHECK(transcript.report().text == "caf\uFFFD");
  using namespace std::string_literals;
  dispatch::Transcript with_nul("/", {}, {});
  with_nul.take("{\"type\":\"result\",\"is_error\":false,\"result\":\"a\0b\"}"s);
  CHECK(with_nul.report().text == "ab");
}

TEST_CASE("a line with control characters that are not escaped is read all the same") {
  dispatch::Transcript transcript("/", {}, {});
  transcript.take(
      "{\"type\":\"assistant\",\"message\":{\"id\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"a\tb\"}]}}");
  CHECK(transcript.unfinished_words() == "a\tb");
  transcript.take(
      "{\t\"type\":\"result\", \"is_error\":false,\"result\":\"one\ttwo \x1b[32mthree\x1b[0m \x01\\n\\\"four\"}");
  CHECK(transcript.report().outcome == Outcome::success);
  CHECK(transcript.report().text == "one\ttwo three \n\"four");
  CHECK(support::json_of(transcript.report().raw_result).value("result", "").starts_with("one\ttwo"));
  CHECK(dispatch::report_of_result("{\"result\":\"a\tb\nc\",\"is_error\":false}\n", "/").text == "a\tb\nc");
}

TEST_CASE("what a model thinks aloud is no part of the report, in words or as JSON") {
  for (const char* text : {"<think>hm</think>I made it.", "hm</think>\nI made it.",
                           "<thinking>\nhm\n</thinking>\n\nI made it."}) {
    const auto report = report_of({said("m1", text), result(text)});
    CHECK(report.text == "I made it.");
    CHECK(support::json_of(report.raw_result).value("result", "") == "I made it.");
  }
  CHECK(report_of({result("Use `<think>` for it.")}).text == "Use `<think>` for it.");
}

TEST_CASE("a stored result is the object, the last of a list, or the last of lines") {
  const std::vector<json> events = {said("m1", "One."),
                                    result("One.", {{"num_turns", 1}}),
                                    said("m2", "Two."),
                                    result("", {{"num_turns", 5}, {"stop_reason", "end_turn"}}),
                                    {{"type", "system"}}};
  for (const auto& text :
       {"[" + stored(events, ",") + "]", stored(events, "\n"), stored(events, "\n") + "\n{\"cut"}) {
    const auto report = dispatch::report_of_result(text, "/");
    CHECK(report.outcome == Outcome::success);
    CHECK(report.text == "Two.");
    CHECK(report.turns == 5);
    CHECK(report.stop_reason == "end_turn");
    CHECK(support::json_of(report.raw_result).value("session_id", "") == "s-1");
  }
  CHECK(dispatch::report_of_result("[" + result("One.").dump() + "]", "/").text == "One.");
  CHECK(dispatch::report_of_result(R"({"result":"old","is_error":false,"num_turns":3})", "/").turns == 3);
}

TEST_CASE("what is stored and holds no result is an error") {
  for (const char* text :
       {"", "[]", "[1,2]", "not JSON", R"([{"type":"assistant"},{"type":"system"}])", "7"}) {
    CAPTURE(text);
    CHECK(dispatch::report_of_result(text, "/").problem == "The result of the run cannot be read.");
  }
}
