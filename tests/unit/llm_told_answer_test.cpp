// What a listener hears of an answer that comes in pieces, from both providers.
#include <atomic>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "llm/anthropic.h"
#include "llm/attempt_error.h"
#include "llm/openai_compatible.h"
#include "llm/told_answer.h"

namespace {

/// All that it hears; "<" is a withdrawal.
struct Heard final : llm::AnswerListener {
  void add(std::string_view text) override { all += text; }
  void withdraw() override { all += "<"; }
  std::string all;
};

struct Anthropic {
  static auto reader(llm::Asked asked) { return llm::anthropic_reader(std::move(asked)); }
  static std::vector<std::string> begin() {
    return {R"({"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}})",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"};
  }
  static std::string piece(const std::string& text) {
    return R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" + text +
           R"("}})";
  }
  static std::string thought(const std::string& text) {
    return R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":")" + text +
           R"("}})";
  }
  static std::vector<std::string> end() {
    return {R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}})",
            R"({"type":"message_stop"})"};
  }
};

struct OpenAi {
  static auto reader(llm::Asked asked) { return llm::openai_compatible_reader(std::move(asked)); }
  static std::vector<std::string> begin() { return {R"({"choices":[{"delta":{"role":"assistant"}}]})"}; }
  static std::string piece(const std::string& text) {
    return R"({"choices":[{"delta":{"content":")" + text + R"("}}]})";
  }
  static std::string thought(const std::string& text) {
    return R"({"choices":[{"delta":{"reasoning_content":")" + text + R"("}}]})";
  }
  static std::vector<std::string> end() {
    return {R"({"choices":[{"delta":{},"finish_reason":"stop"}]})", "[DONE]"};
  }
};

void feed(llm::AnswerReader& reader, const std::vector<std::string>& events) {
  for (const auto& data : events) {
    reader.take_event({"message", data});
  }
}

}  // namespace

TEST_CASE_TEMPLATE("a listener hears what is for people, piece by piece, and no thought", Provider, Anthropic,
                   OpenAi) {
  Heard heard;
  std::atomic<bool> thinks_first = false;
  llm::Asked asked{.tools = {"dispatch"}, .listener = &heard, .thinks_first = &thinks_first};
  const auto reader = Provider::reader(asked);
  feed(*reader, Provider::begin());
  feed(*reader, {Provider::thought("a secret")});
  feed(*reader, {Provider::piece("Hello")});
  CHECK(heard.all == "Hello");
  feed(*reader, {Provider::piece(" w\\u00f6rld <th"), Provider::piece("ink>secret</think>"),
                 Provider::piece("\\ud83d")});
  CHECK(heard.all == "Hello wörld");
  feed(*reader, {Provider::piece("\\ude42!")});
  CHECK(heard.all == "Hello wörld 🙂!");
  feed(*reader, Provider::end());
  CHECK(reader->completion().text == "Hello wörld 🙂!");
  CHECK(heard.all == "Hello wörld 🙂!");
}

TEST_CASE_TEMPLATE("what a listener has heard of an answer that is not whole is withdrawn", Provider,
                   Anthropic, OpenAi) {
  Heard heard;
  {
    const auto reader = Provider::reader({.tools = {}, .listener = &heard});
    feed(*reader, Provider::begin());
    feed(*reader, {Provider::piece("Half")});
    CHECK_THROWS_AS(reader->completion(), llm::AttemptError);
  }
  CHECK(heard.all == "Half<");
  heard.all.clear();
  {
    const auto reader = Provider::reader({.tools = {}, .listener = &heard});
    feed(*reader, Provider::begin());
  }
  CHECK(heard.all.empty());  // nothing was heard, so there is nothing to withdraw
}

TEST_CASE("that a model begins with a thought is learnt from its answers, or known by its name") {
  Heard heard;
  std::atomic<bool> thinks_first = false;
  const auto answer = [&](const std::vector<std::string>& pieces) {
    heard.all.clear();
    const auto reader = OpenAi::reader({.tools = {}, .listener = &heard, .thinks_first = &thinks_first});
    feed(*reader, OpenAi::begin());
    for (const auto& piece : pieces) {
      feed(*reader, {OpenAi::piece(piece)});
    }
    feed(*reader, OpenAi::end());
    CHECK(reader->completion().text == "Yes.");
    return heard.all;
  };
  CHECK(answer({"Hm.", "</think>", "Yes."}) == "Hm.<Yes.");
  CHECK(thinks_first);
  CHECK(answer({"Hm.", "</think>", "Yes."}) == "Yes.");
  CHECK(answer({"Yes."}).empty());  // held: it might have been a thought
  CHECK_FALSE(thinks_first);
  CHECK(answer({"Yes."}) == "Yes.");
  CHECK(llm::may_think_first("deepseek-ai/DeepSeek-R1"));
  CHECK(llm::may_think_first("Qwen/QwQ-32B"));
  CHECK_FALSE(llm::may_think_first("claude-haiku-4-5"));
  CHECK_FALSE(llm::may_think_first("gpt-5-mini"));
}
