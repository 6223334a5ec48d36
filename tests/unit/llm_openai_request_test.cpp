#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "llm/openai_request.h"

namespace {

using nlohmann::json;

TEST_CASE("openai: the request puts the guide first and each tool result into a message of its own") {
  llm::ChatRequest request;
  request.guide = "Be kind.";
  request.context = "It is Sunday.";
  request.max_tokens = 77;
  request.tools = {{"first", "does a", R"({"type":"object"})"}};
  request.messages = {
      {llm::Role::user, {llm::Text{"hello"}, llm::Text{"there"}}},
      {llm::Role::assistant,
       {llm::ToolCall{"t1", "first", R"({"a":1})"}, llm::ToolCall{"t2", "first", "{}"}}},
      {llm::Role::user,
       {llm::ToolResult{"t1", "broken", true}, llm::ToolResult{"t2", "fine", false}, llm::Text{"and?"}}},
      {llm::Role::assistant, {llm::Text{""}}}};
  const auto expected = json::parse(R"({
    "model": "model-x", "max_tokens": 77, "stream": true, "stream_options": {"include_usage": true},
    "messages": [
      {"role": "system", "content": "Be kind.\n\nIt is Sunday."},
      {"role": "user", "content": "hello\n\nthere"},
      {"role": "assistant", "content": "", "tool_calls": [
        {"id": "t1", "type": "function", "function": {"name": "first", "arguments": "{\"a\":1}"}},
        {"id": "t2", "type": "function", "function": {"name": "first", "arguments": "{}"}}]},
      {"role": "tool", "tool_call_id": "t1", "content": "Error: broken"},
      {"role": "tool", "tool_call_id": "t2", "content": "fine"},
      {"role": "user", "content": "and?"}],
    "tools": [{"type": "function", "function":
      {"name": "first", "description": "does a", "parameters": {"type": "object"}}}]})");
  CHECK(json::parse(llm::openai_compatible_request(request, "model-x")) == expected);
}

TEST_CASE("openai: the limit of tokens can take its newer name") {
  const auto body = json::parse(llm::openai_compatible_request({}, "m", {"max_tokens"}));
  CHECK(body["max_completion_tokens"] == 2048);
  CHECK_FALSE(body.contains("max_tokens"));
  CHECK_FALSE(body.contains("tools"));
  CHECK(body["messages"].empty());
}

TEST_CASE("openai: what the assistant sent goes back, without what the server refuses") {
  llm::ChatRequest request;
  request.messages = {
      {llm::Role::user, {llm::Text{"hello"}}},
      {llm::Role::assistant,
       {llm::Text{"I look."}, llm::ToolCall{"a", "n", "{}"}},
       R"({"role":"assistant","content":"I look.","reasoning":"hm","tool_calls":[{"id":"a","type":"function",
         "function":{"name":"n","arguments":"{}"},"extra_content":{"google":{"thought_signature":"U0lH"}}}]})"},
      {llm::Role::user, {llm::ToolResult{"a", "fine", false}}}};
  const auto messages = json::parse(llm::openai_compatible_request(request, "m"))["messages"];
  REQUIRE(messages.size() == 3);
  CHECK(messages[1] == json::parse(request.messages[1].as_received));

  const auto optional = llm::openai_optional_members(request);
  for (const auto* name : {"extra_content", "max_tokens", "reasoning", "stream", "stream_options"}) {
    CAPTURE(name);
    CHECK(std::count(optional.begin(), optional.end(), name) == 1);
  }
  CHECK(optional.size() == 5);
  const auto body = json::parse(
      llm::openai_compatible_request(request, "m", {"extra_content", "reasoning", "stream_options"}));
  CHECK_FALSE(body["messages"][1].contains("reasoning"));
  CHECK_FALSE(body["messages"][1]["tool_calls"][0].contains("extra_content"));
  CHECK_FALSE(body.contains("stream_options"));
  CHECK(body["stream"] == true);
}

TEST_CASE("openai: where a server takes no tools, they and their calls stand in the text") {
  llm::ChatRequest request;
  request.guide = "Be kind.";
  request.tools = {{"first", "does a.", R"({"type":"object"})"}};
  request.messages = {{llm::Role::user, {llm::Text{"hello"}}},
                      {llm::Role::assistant,
                       {llm::Text{"I look."}, llm::ToolCall{"t", "first", R"({"a":1})"}},
                       R"({"role":"assistant","content":"I look.","tool_calls":[{"id":"t"}]})"},
                      {llm::Role::user, {llm::ToolResult{"t", "broken", true}}}};
  const auto optional = llm::openai_optional_members(request);
  CHECK(optional.back() == "tools");
  const auto body = json::parse(llm::openai_compatible_request(request, "m", {"tools"}));
  CHECK_FALSE(body.contains("tools"));
  const auto& messages = body["messages"];
  REQUIRE(messages.size() == 4);
  const auto system = messages[0]["content"].get<std::string>();
  CHECK(system.starts_with("Be kind."));
  CHECK(system.find("- first: does a. Schema: {\"type\":\"object\"}") != std::string::npos);
  CHECK(
      messages[2] ==
      json({{"role", "assistant"},
            {"content", "I look.\n\n<tool_call>{\"arguments\":{\"a\":1},\"name\":\"first\"}</tool_call>"}}));
  CHECK(messages[3] == json({{"role", "user"}, {"content", "<tool_result>Error: broken</tool_result>"}}));
  request.tools.clear();
  CHECK(json::parse(llm::openai_compatible_request(request, "m", {"tools"}))["messages"][0]["content"] ==
        "Be kind.");
}

TEST_CASE("openai: log-probabilities are asked for where they are wanted, and can be left out") {
  llm::ChatRequest request;
  CHECK_FALSE(json::parse(llm::openai_compatible_request(request, "m")).contains("logprobs"));
  request.wants_logprob = true;
  CHECK(json::parse(llm::openai_compatible_request(request, "m"))["logprobs"] == true);
  CHECK_FALSE(json::parse(llm::openai_compatible_request(request, "m", {"logprobs"})).contains("logprobs"));
  const auto optional = llm::openai_optional_members(request);
  CHECK(std::count(optional.begin(), optional.end(), "logprobs") == 1);
}

}  // namespace
