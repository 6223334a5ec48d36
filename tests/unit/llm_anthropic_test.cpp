#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "llm/anthropic.h"
#include "llm/attempt_error.h"
#include "tests/support/models/answer_reading.h"

namespace {

using nlohmann::json;
using Kind = llm::ModelError::Kind;

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
  CHECK_FALSE(completion.truncated);
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
  CHECK(completion.truncated);
  REQUIRE(completion.tool_calls.size() == 1);
  CHECK(completion.tool_calls[0].arguments == R"({"a":1})");
  CHECK(completion.usage.input == 3);
  CHECK(completion.usage.output == 4);
}

TEST_CASE("anthropic: a stream that breaks the protocol is malformed") {
  const std::string text =
      R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})";
  const std::string tool =
      R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}})";
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
  CHECK(failure(
            {kStart,
             R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"n"}})"}) ==
        Kind::malformed);
  CHECK(failure({kStart,
                 R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t"}})",
                 kStop}) == Kind::malformed);
  for (const auto* arguments : {"{\\\"a\\\":", "[1]", "7", "null"}) {
    const auto piece =
        std::string(
            R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":")") +
        arguments + "\"}}";
    CHECK(failure({kStart, tool, piece, kStop}) == Kind::malformed);
  }
}

TEST_CASE("anthropic: a stream that ends early has brought no answer") {
  CHECK(failure({kStart}) == Kind::unreachable);
  CHECK(failure({kStart, R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})"}) ==
        Kind::unreachable);
  CHECK(failure({kStop}) == Kind::unreachable);
}

TEST_CASE("anthropic: arguments cut off at max_tokens are not asked for again") {
  try {
    read(
        {kStart,
         R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a"}})",
         R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"}})", kStop});
    FAIL("accepted");
  } catch (const llm::AttemptError& error) {
    CHECK(error.kind == Kind::malformed);
    CHECK(error.repeat == llm::Repeat::never);
  }
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
  CHECK(document_failure(R"({"content":[{"type":"tool_use","id":"t","name":"n","input":[1]}]})") ==
        Kind::malformed);
  CHECK(document_failure(R"({"type":"error","error":{"type":"authentication_error","message":"no"}})") ==
        Kind::unauthorized);
}

}  // namespace
