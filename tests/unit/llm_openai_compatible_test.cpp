#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "llm/attempt_error.h"
#include "llm/openai_compatible.h"
#include "tests/support/models/answer_reading.h"

namespace {

using nlohmann::json;
using Kind = llm::ModelError::Kind;

llm::Completion read(const std::vector<std::string>& events) {
  return support::read_events(*llm::openai_compatible_reader(), events);
}

std::optional<Kind> failure(const std::vector<std::string>& events) {
  return support::failure_of([&] { read(events); });
}

llm::Completion read_document(const char* document) {
  const auto reader = llm::openai_compatible_reader();
  reader->take_document(json::parse(document));
  return reader->completion();
}

std::optional<Kind> document_failure(const char* document) {
  return support::failure_of([&] { read_document(document); });
}

std::string delta(const std::string& members) {
  return R"({"choices":[{"index":0,"delta":{)" + members + "}}]}";
}

const std::string kFinish = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";

TEST_CASE("openai: a base URL without a path gets the version") {
  CHECK(llm::openai_compatible_url("http://127.0.0.1:11434/v1") ==
        "http://127.0.0.1:11434/v1/chat/completions");
  CHECK(llm::openai_compatible_url("http://127.0.0.1:11434/v1/") ==
        "http://127.0.0.1:11434/v1/chat/completions");
  CHECK(llm::openai_compatible_url("http://127.0.0.1:11434") == "http://127.0.0.1:11434/v1/chat/completions");
  CHECK(llm::openai_compatible_url("http://127.0.0.1:11434/") ==
        "http://127.0.0.1:11434/v1/chat/completions");
  CHECK(llm::openai_compatible_url("https://h/api/v3") == "https://h/api/v3/chat/completions");
}

TEST_CASE("openai: a stream's text and usage are put together and cached tokens counted apart") {
  const auto completion = read(
      {delta(R"("role":"assistant","content":"")"), delta(R"("content":"Gr\u00fc")"),
       delta(R"("content":"ezi","tool_calls":null)"), kFinish,
       R"({"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":60}}})",
       " [DONE] "});
  CHECK(completion.text == "Grüezi");
  CHECK(completion.ending == llm::Ending::complete);
  CHECK(completion.usage.input == 40);
  CHECK(completion.usage.cache_read == 60);
  CHECK(completion.usage.output == 7);
}

TEST_CASE("openai: an absurd count of tokens is believed as far as it can be true") {
  const auto completion = read(
      {delta(R"("content":"hello")"), kFinish,
       R"({"choices":[],"usage":{"prompt_tokens":9000000000000000000,"completion_tokens":9000000000000000000}})",
       "[DONE]"});
  CHECK(completion.text == "hello");
  CHECK(completion.usage.input == 2'000'000);
  CHECK(completion.usage.output == 200'000);
}

TEST_CASE("openai: pieces of tool calls are put together by index") {
  const auto completion = read(
      {delta(
           R"("tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"look","arguments":""}}])"),
       delta(R"("tool_calls":[{"index":1,"id":"b","function":{"name":"list","arguments":"{"}}])"),
       delta(
           R"("tool_calls":[{"index":0,"function":{"arguments":"{\"x\": 1"}},{"index":1,"function":{"arguments":"}"}}])"),
       delta(R"("tool_calls":[{"index":0,"id":"","function":{"name":null,"arguments":"}"}}])"), kFinish,
       "[DONE]"});
  REQUIRE(completion.tool_calls.size() == 2);
  CHECK(completion.tool_calls[0].id == "a");
  CHECK(completion.tool_calls[0].name == "look");
  CHECK(completion.tool_calls[0].arguments == R"({"x":1})");
  CHECK(completion.tool_calls[1].name == "list");
  CHECK(completion.tool_calls[1].arguments == "{}");
}

TEST_CASE("openai: tool calls come together where a server sends no index, no id or one index for all") {
  const auto names_of = [](const std::vector<std::string>& events) {
    std::string names;
    for (const auto& call : read(events).tool_calls) {
      CHECK_FALSE(call.id.empty());
      names += call.name + call.arguments;
    }
    return names;
  };
  CHECK(
      names_of(
          {delta(
               R"("tool_calls":[{"function":{"name":"one","arguments":{"x":1}}},{"function":{"name":"two"}}])"),
           kFinish}) == R"(one{"x":1}two{})");
  CHECK(names_of({delta(R"("tool_calls":[{"function":{"name":"one","arguments":"{\"x\""}}])"),
                  delta(R"("tool_calls":[{"function":{"arguments":":1}"}}])"), kFinish}) == R"(one{"x":1})");
  CHECK(names_of({delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{}"}}])"),
                  delta(R"("tool_calls":[{"index":0,"id":"b","function":{"name":"two","arguments":"{}"}}])"),
                  kFinish}) == "one{}two{}");
  CHECK(names_of({delta(R"("tool_calls":[{"id":"a","function":{"name":"one","arguments":"{"}}])"),
                  delta(R"("tool_calls":[{"id":"a","function":{"arguments":"}"}}])"), kFinish}) == "one{}");
  const auto made =
      read({delta(R"("tool_calls":[{"function":{"name":"one"}},{"function":{"name":"one"}}])"), kFinish});
  CHECK(made.tool_calls.at(0).id != made.tool_calls.at(1).id);
}

TEST_CASE("openai: a whole completion is read like a stream") {
  const auto completion =
      read_document(R"({"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[
    {"id":"a","type":"function","function":{"name":"look","arguments":{"x":1}}}]},"finish_reason":"length"}],
    "usage":{"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":null}})");
  CHECK(completion.text.empty());
  CHECK(completion.ending == llm::Ending::at_max_tokens);
  REQUIRE(completion.tool_calls.size() == 1);
  CHECK(completion.tool_calls[0].arguments == R"({"x":1})");
  CHECK(completion.usage.input == 5);
  CHECK(completion.usage.output == 6);
  CHECK(
      read_document(
          R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]})")
          .text == "ab");
  CHECK(read_document(R"({"choices":[{"message":{"content":null,"refusal":"I will not."}}]})").text ==
        "I will not.");
}

TEST_CASE("openai: a stream may leave out its last line but not its end") {
  CHECK(read({delta(R"("content":"x")"), kFinish}).text == "x");
  CHECK(read({delta(R"("content":"x")"), "[DONE]"}).text == "x");
  CHECK(failure({delta(R"("content":"x")")}) == Kind::unreachable);
  CHECK(failure({"[DONE]"}) == Kind::malformed);
  CHECK(failure({R"({"choices":[]})", "[DONE]"}) == Kind::malformed);
}

TEST_CASE("openai: what breaks the protocol is malformed") {
  CHECK(failure({"garbage"}) == Kind::malformed);
  CHECK(failure({"7"}) == Kind::malformed);
  CHECK(failure({delta(R"("tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}}])"), kFinish}) ==
        Kind::malformed);
  CHECK(failure({delta(R"("tool_calls":[7])"), kFinish}) == Kind::malformed);
  CHECK(document_failure("[]") == Kind::malformed);
  CHECK(document_failure("{}") == Kind::malformed);
  CHECK(document_failure(R"({"choices":[]})") == Kind::malformed);
  CHECK(document_failure(R"({"choices":[{"message":"text"}]})") == Kind::malformed);
}

TEST_CASE("openai: an error in place of an answer is recognised in a stream and in a document") {
  CHECK(failure({delta(R"("content":"x")"), R"({"error":{"message":"upstream","code":502}})"}) ==
        Kind::overloaded);
  CHECK(failure({R"({"error":{"message":"no","code":"invalid_api_key"}})"}) == Kind::unauthorized);
  CHECK(document_failure(R"({"error":{"message":"quota","code":"insufficient_quota"}})") ==
        Kind::out_of_credit);
  const auto reader = llm::openai_compatible_reader();
  CHECK_THROWS_AS(reader->take_event({"error", R"({"message":"gone"})"}), llm::AttemptError);
}

}  // namespace
