#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "llm/anthropic.h"
#include "llm/anthropic_request.h"
#include "llm/attempt_error.h"
#include "tests/support/models/answer_reading.h"
#include "tests/support/text.h"

namespace {

using nlohmann::json;
using Kind = llm::ModelError::Kind;
using support::contains;

llm::Completion read(const std::vector<std::string>& events) {
  return support::read_events(*llm::anthropic_reader(), events);
}

std::optional<Kind> failure(const std::vector<std::string>& events) {
  return support::failure_of([&] { read(events); });
}

std::optional<Kind> document_failure(const char* document) {
  return support::failure_of([&] {
    const auto reader = llm::anthropic_reader();
    reader->take_document(json::parse(document));
    reader->completion();
  });
}

const std::string kStart =
    R"({"type":"message_start","message":{"usage":{"input_tokens":10,"cache_read_input_tokens":200,"cache_creation_input_tokens":30,"output_tokens":1}}})";
const std::string kStop = R"({"type":"message_stop"})";

TEST_CASE("anthropic: the request marks the tools and the guide as cacheable and leaves the context out") {
  llm::ChatRequest request;
  request.guide = "Be kind.";
  request.context = "It is Sunday.";
  request.max_tokens = 77;
  request.tools = {{"first", "does a", R"({"type":"object"})"},
                   {"second", "does b", R"({"type":"object","properties":{}})"}};
  request.messages = {{llm::Role::user, {llm::Text{"hello"}}},
                      {llm::Role::assistant, {llm::Text{" \n"}, llm::ToolCall{"t1", "first", R"({"a":1})"}}},
                      {llm::Role::user, {llm::Text{"and?"}, llm::ToolResult{"t1", "broken", true}}},
                      {llm::Role::assistant, {llm::Text{""}}},
                      {llm::Role::user, {llm::ToolResult{"t2", "fine", false}}}};
  const auto expected = json::parse(R"({
    "model": "model-x", "max_tokens": 77, "stream": true,
    "tools": [
      {"name": "first", "description": "does a", "input_schema": {"type": "object"}},
      {"name": "second", "description": "does b", "input_schema": {"type": "object", "properties": {}},
       "cache_control": {"type": "ephemeral"}}],
    "system": [
      {"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}},
      {"type": "text", "text": "It is Sunday."}],
    "messages": [
      {"role": "user", "content": [{"type": "text", "text": "hello"}]},
      {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "first", "input": {"a": 1}}]},
      {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "t1", "content": "broken", "is_error": true},
        {"type": "text", "text": "and?"}]},
      {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t2", "content": "fine"}]}]})");
  CHECK(json::parse(llm::anthropic_request(request, "model-x")) == expected);
}

TEST_CASE("anthropic: a request without system prompt and tools has neither member") {
  llm::ChatRequest request;
  request.messages = {{llm::Role::user, {llm::Text{"hello \xFF"}}}};
  const auto body = json::parse(llm::anthropic_request(request, "m"));
  CHECK_FALSE(body.contains("system"));
  CHECK_FALSE(body.contains("tools"));
  CHECK(body["messages"][0]["content"][0]["text"] == "hello \xEF\xBF\xBD");
}

TEST_CASE("anthropic: a tool whose schema is no object is refused before anything is sent") {
  llm::ChatRequest request;
  request.tools = {{"first", "does a", "[]"}};
  CHECK_THROWS_WITH_AS(llm::anthropic_request(request, "m"),
                       "the schema of the tool first is not a JSON object", llm::AttemptError);
}

TEST_CASE("anthropic: the base URL may have its version or not") {
  for (const auto* base : {"http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/"}) {
    CHECK(llm::anthropic_url(base) == "http://h:1/v1/messages");
  }
  CHECK(llm::anthropic_url("https://h/proxy/v1") == "https://h/proxy/v1/messages");
}

TEST_CASE("anthropic: a stream's text, tool calls and usage are put together") {
  const auto completion = read(
      {kStart, R"({"type":"ping"})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})",
       R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Gr\u00fc"}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"ezi"}})",
       R"({"type":"content_block_stop","index":1})", R"({"type":"an_event_of_the_future"})",
       R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"look","input":{}}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\": "}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"[1]}"}})",
       R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t2","name":"list","input":{}}})",
       R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":42}})", kStop});
  CHECK(completion.text == "Grüezi");
  CHECK(completion.ending == llm::Ending::complete);
  REQUIRE(completion.tool_calls.size() == 2);
  CHECK(completion.tool_calls[0].id == "t1");
  CHECK(completion.tool_calls[0].name == "look");
  CHECK(completion.tool_calls[0].arguments == R"({"a":[1]})");
  CHECK(completion.tool_calls[1].arguments == "{}");
  CHECK(completion.usage.input == 10);
  CHECK(completion.usage.cache_read == 200);
  CHECK(completion.usage.cache_write == 30);
  CHECK(completion.usage.output == 42);
}

TEST_CASE("anthropic: a whole message is read like a stream") {
  const auto reader = llm::anthropic_reader();
  reader->take_document(json::parse(R"({"content":[{"type":"text","text":"Hi"},
    {"type":"tool_use","id":"t1","name":"look","input":{"a":1}}],
    "stop_reason":"max_tokens","usage":{"input_tokens":3,"output_tokens":4}})"));
  const auto completion = reader->completion();
  CHECK(completion.text == "Hi");
  CHECK(completion.ending == llm::Ending::at_max_tokens);
  REQUIRE(completion.tool_calls.size() == 1);
  CHECK(completion.tool_calls[0].arguments == R"({"a":1})");
  CHECK(completion.usage.input == 3);
  CHECK(completion.usage.output == 4);
}

TEST_CASE("anthropic: a stream that breaks the protocol is malformed") {
  const std::string text =
      R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})";
  CHECK(failure({"garbage"}) == Kind::malformed);
  CHECK(failure({"[1]"}) == Kind::malformed);
  CHECK(failure({R"({"type":"message_start"})"}) == Kind::malformed);
  CHECK(failure({kStart, R"({"type":"content_block_start","index":0})"}) == Kind::malformed);
  CHECK(failure({kStart,
                 R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}})"}) ==
        Kind::malformed);
  CHECK(
      failure({kStart, text, R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}})"}) ==
      Kind::malformed);
  CHECK(failure({kStart,
                 R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t"}})",
                 kStop}) == Kind::malformed);
}

const std::string kTool =
    R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}})";

std::string arguments_piece(const std::string& json_text) {
  return R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":)" +
         json(json_text).dump() + "}}";
}

std::string stop_reason(const char* reason) {
  return std::string(R"({"type":"message_delta","delta":{"stop_reason":")") + reason + "\"}}";
}

TEST_CASE("anthropic: arguments that nobody can read are told to the model as that call's error") {
  for (const auto* arguments : {R"({"a":)", "[1,2]", "7", R"({"a":"b)", R"({"a":1}{"a":2})"}) {
    CAPTURE(arguments);
    const auto completion = read({kStart, kTool, arguments_piece(arguments), kStop});
    REQUIRE(completion.tool_calls.size() == 1);
    CHECK(completion.tool_calls[0].arguments == "{}");
    CHECK(contains(completion.tool_calls[0].problem, arguments));
  }
}

TEST_CASE("anthropic: arguments that come in odd pieces are read") {
  const auto arguments = [](const std::vector<std::string>& pieces) {
    std::vector<std::string> events = {kStart, kTool};
    for (const auto& piece : pieces) {
      events.push_back(arguments_piece(piece));
    }
    events.push_back(kStop);
    const auto calls = read(events).tool_calls;
    return calls.size() == 1 && calls[0].problem.empty() ? calls[0].arguments : "unread";
  };
  CHECK(arguments({"{}", R"({"query":)", R"("alpha"})"}) == R"({"query":"alpha"})");
  CHECK(arguments({R"({"query":"alpha"})", "{}"}) == R"({"query":"alpha"})");
  CHECK(arguments({"null"}) == "{}");
  CHECK(arguments({"null", R"({"query":"alpha"})"}) == R"({"query":"alpha"})");
  CHECK(arguments({R"({"query":)", R"({"query":"alpha"})"}) == R"({"query":"alpha"})");
  CHECK(arguments({R"({"query":"al"})", R"({"query":"alpha"})"}) == R"({"query":"alpha"})");
}

TEST_CASE("anthropic: a call without an id gets one, and one whose id is taken another one") {
  llm::Asked asked;
  asked.ids = {"t"};
  const auto reader = llm::anthropic_reader(asked);
  const auto completion = support::read_events(
      *reader,
      {kStart, kTool,
       R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","name":"m","input":{}}})",
       kStop});
  REQUIRE(completion.tool_calls.size() == 2);
  CHECK(completion.tool_calls[0].id == "t_2");
  CHECK_FALSE(completion.tool_calls[1].id.empty());
  CHECK(json::parse(completion.as_received)[0]["id"] == "t_2");
}

TEST_CASE("anthropic: blocks and members that we do not know go back unchanged and in order") {
  const auto completion = read(
      {kStart,
       R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"h\ud83d"}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"\ude00m"}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"U0lH"}})",
       R"({"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"xyz"}})",
       R"({"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"I look."}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"url":"u"}}})",
       R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t","name":"n ","input":{},"caller":{"type":"direct"}}})",
       R"({"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}})",
       kStop});
  llm::ChatRequest next;
  next.messages = {{llm::Role::assistant, {completion.tool_calls.at(0)}, completion.as_received}};
  CHECK(json::parse(llm::anthropic_request(next, "m"))["messages"][0] == json::parse(R"({"role":"assistant",
    "content":[{"type":"thinking","thinking":"h\ud83d\ude00m","signature":"U0lH"},
      {"type":"redacted_thinking","data":"xyz"},
      {"type":"text","text":"I look.","citations":[{"url":"u"}]},
      {"type":"tool_use","id":"t","name":"n","input":{"a":1},"caller":{"type":"direct"}}]})"));
}

TEST_CASE("anthropic: a refusal ends the answer where it stands, and calls are not carried out") {
  const auto completion = read(
      {kStart, R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":"Half"}})",
       kTool, stop_reason("refusal"), kStop});
  CHECK(completion.ending == llm::Ending::declined);
  CHECK(completion.text == "Half");
  CHECK(completion.tool_calls.empty());
  CHECK(failure({kStart, stop_reason("error"), kStop}) == Kind::overloaded);
}

TEST_CASE("anthropic: a text that is longer than it may be ends the call") {
  llm::Asked asked;
  asked.max_bytes = 1'000;
  const auto reader = llm::anthropic_reader(asked);
  reader->take_event({"", kStart});
  reader->take_event(
      {"", R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"});
  int pieces = 0;
  while (!reader->finished() && ++pieces < 1'000) {
    reader->take_event(
        {"",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"0123456789"}})"});
  }
  CHECK(pieces > 99);
  CHECK(pieces < 150);
  const auto completion = reader->completion();
  CHECK(completion.text.size() == 1'000);
  CHECK(completion.ending == llm::Ending::at_max_bytes);
}

TEST_CASE("anthropic: a stream that ends early has brought no answer") {
  CHECK(failure({kStart}) == Kind::unreachable);
  CHECK(failure({kStart, R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})"}) ==
        Kind::unreachable);
  CHECK(failure({kStop}) == Kind::unreachable);
}

TEST_CASE("anthropic: arguments cut off at max_tokens are told to the model and never mended") {
  const auto completion = read(
      {kStart, kTool, arguments_piece(R"({"prompt":"Delete", "more":1)"), stop_reason("max_tokens"), kStop});
  REQUIRE(completion.tool_calls.size() == 1);
  CHECK(completion.tool_calls[0].arguments == "{}");
  CHECK(contains(completion.tool_calls[0].problem, "greatest length"));
}

TEST_CASE("anthropic: an error event in the stream ends it") {
  CHECK(failure({kStart, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"}) ==
        Kind::overloaded);
  CHECK(failure({R"({"type":"error"})"}) == Kind::overloaded);
}

TEST_CASE("anthropic: a document that is no message is malformed") {
  CHECK(document_failure("[]") == Kind::malformed);
  CHECK(document_failure("{}") == Kind::malformed);
  CHECK(document_failure(R"({"content":"text"})") == Kind::malformed);
  CHECK(document_failure(R"({"type":"error","error":{"type":"authentication_error","message":"no"}})") ==
        Kind::unauthorized);
}

}  // namespace
