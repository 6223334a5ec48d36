// What every adapter must do with a server that works: the emulator aimock, which is somebody else's reading
// of the same protocols.
#include "llm/chat_model.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "llm/chat_models.h"
#include "tests/support/models/aimock.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_fakes.h"

TYPE_TO_STRING_AS("anthropic", support::AnthropicDialect);
TYPE_TO_STRING_AS("openai", support::OpenAiDialect);

namespace {

using Kind = llm::ModelError::Kind;
using std::chrono::milliseconds;

/// One for all test cases of this process, started by the first that needs it.
const std::string& emulator() {
  static const support::Aimock running("aimock_chat_models.json");
  return running.url();
}

std::unique_ptr<llm::ChatModel> model_at(const char* provider, const std::string& url,
                                         const std::string& key = "sk-contract-key") {
  llm::Endpoint endpoint;
  endpoint.provider = provider;
  endpoint.model = "model-x";
  endpoint.base_url = url;
  endpoint.api_key = key;
  endpoint.silence = milliseconds(5'000);
  endpoint.deadline = milliseconds(10'000);
  endpoint.max_attempts = 3;
  endpoint.first_backoff = milliseconds(1);
  return llm::make_chat_model(endpoint);
}

llm::ChatRequest saying(const std::string& text) {
  llm::ChatRequest request;
  request.guide = "You are the front desk.";
  request.context = "It is Sunday.";
  request.messages = {{llm::Role::user, {llm::Text{text}}}};
  request.tools = {{"get_weather", "The weather of a city.",
                    R"({"type":"object","properties":{"city":{"type":"string"},"days":{"type":"array"}}})"},
                   {"get_time", "The time of day.", R"({"type":"object","properties":{}})"}};
  return request;
}

void check_greeting(llm::ChatModel& model) {
  const auto completion = model.complete(saying("greet me"), {});
  CHECK(completion.text == "Grüezi from the emulator: a text of several chunks, with 😀 and a \"quote\".");
  CHECK(completion.tool_calls.empty());
  CHECK(completion.ending == llm::Ending::complete);
  CHECK(completion.usage.input == 1234);
  CHECK(completion.usage.output == 56);
}

void check_tool_round(llm::ChatModel& model) {
  auto request = saying("how is the weather?");
  const auto first = model.complete(request, {});
  CHECK(first.text == "I look that up.");
  REQUIRE(first.tool_calls.size() == 2);
  CHECK(first.tool_calls[0].id == "call_zurich");
  CHECK(first.tool_calls[0].name == "get_weather");
  CHECK(first.tool_calls[0].arguments == R"({"city":"Zürich","days":[1,2]})");
  CHECK(first.tool_calls[1].name == "get_time");
  CHECK(first.tool_calls[1].arguments == "{}");

  request.messages.push_back(
      {llm::Role::assistant, {llm::Text{first.text}, first.tool_calls[0], first.tool_calls[1]}});
  request.messages.push_back({llm::Role::user,
                              {llm::ToolResult{first.tool_calls[0].id, "21 degrees", false},
                               llm::ToolResult{first.tool_calls[1].id, "17:05", false}}});
  const auto second = model.complete(request, {});
  CHECK(second.text == "It is 17:05 and 21 degrees in Zürich.");
  CHECK(second.tool_calls.empty());
}

TEST_CASE_TEMPLATE("a plain answer comes with its usage", Dialect, support::AnthropicDialect,
                   support::OpenAiDialect) {
  check_greeting(*model_at(Dialect::kProvider, emulator()));
}

TEST_CASE_TEMPLATE("a tool call comes with its arguments and its result goes back", Dialect,
                   support::AnthropicDialect, support::OpenAiDialect) {
  check_tool_round(*model_at(Dialect::kProvider, emulator()));
}

TEST_CASE_TEMPLATE("a server that ignores the wish for a stream is understood too", Dialect,
                   support::AnthropicDialect, support::OpenAiDialect) {
  const support::NeverStreams server(emulator());
  const auto model = model_at(Dialect::kProvider, server.url());
  check_greeting(*model);
  check_tool_round(*model);
}

TEST_CASE_TEMPLATE("the base URL may have the version of the protocol or not", Dialect,
                   support::AnthropicDialect, support::OpenAiDialect) {
  check_greeting(*model_at(Dialect::kProvider, emulator() + "/v1"));
  check_greeting(*model_at(Dialect::kProvider, emulator() + "/v1/"));
  check_greeting(*model_at(Dialect::kProvider, emulator() + "/"));
}

TEST_CASE_TEMPLATE("guide and context both reach the model", Dialect, support::AnthropicDialect,
                   support::OpenAiDialect) {
  CHECK(model_at(Dialect::kProvider, emulator())->complete(saying("which day?"), {}).text ==
        "It is Sunday, says the system prompt.");
}

TEST_CASE_TEMPLATE("an answer that ended at max_tokens says so", Dialect, support::AnthropicDialect,
                   support::OpenAiDialect) {
  const auto completion =
      model_at(Dialect::kProvider, emulator())->complete(saying("tell me everything"), {});
  CHECK(completion.ending == llm::Ending::at_max_tokens);
  CHECK(completion.text == "Once upon a");
}

TEST_CASE_TEMPLATE("the emulator's 429 is followed by another attempt", Dialect, support::AnthropicDialect,
                   support::OpenAiDialect) {
  // The counters of its sequence belong to the emulator, so this case needs one of its own.
  const support::Aimock fresh("aimock_chat_models.json");
  CHECK(model_at(Dialect::kProvider, fresh.url())->complete(saying("you are busy"), {}).text ==
        "Now I have time.");
}

TEST_CASE_TEMPLATE("a stream that the emulator cuts off is no answer", Dialect, support::AnthropicDialect,
                   support::OpenAiDialect) {
  try {
    model_at(Dialect::kProvider, emulator())->complete(saying("be cut off"), {});
    FAIL("accepted");
  } catch (const llm::ModelError& error) {
    CHECK(error.kind == Kind::unreachable);
  }
}

TEST_CASE_TEMPLATE("the key opens the emulator and a wrong key or none does not", Dialect,
                   support::AnthropicDialect, support::OpenAiDialect) {
  const support::Aimock locked("aimock_chat_models.json", {{"AIMOCK_API_KEYS", "sk-contract-key"}});
  check_greeting(*model_at(Dialect::kProvider, locked.url()));
  for (const auto* key : {"sk-another-key", ""}) {
    try {
      model_at(Dialect::kProvider, locked.url(), key)->complete(saying("greet me"), {});
      FAIL("accepted");
    } catch (const llm::ModelError& error) {
      CHECK(error.kind == Kind::unauthorized);
      CHECK(std::string(error.what()).find("sk-another-key") == std::string::npos);
    }
  }
}

TEST_CASE_TEMPLATE("what the server has no answer to, and an address that is not there, is misconfigured",
                   Dialect, support::AnthropicDialect, support::OpenAiDialect) {
  for (const auto& url : {emulator(), emulator() + "/no/such/path"}) {
    try {
      model_at(Dialect::kProvider, url)->complete(saying("nobody wrote an answer to this"), {});
      FAIL("accepted");
    } catch (const llm::ModelError& error) {
      CHECK(error.kind == Kind::misconfigured);
      CHECK(std::string(error.what()).find("status 404") != std::string::npos);
    }
  }
}

TEST_CASE_TEMPLATE("threaded: one model answers several threads at once", Dialect, support::AnthropicDialect,
                   support::OpenAiDialect) {
  const support::ScriptedModel server({support::event_stream(Dialect::stream("to each his own"))});
  const auto model = model_at(Dialect::kProvider, server.url());
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 5; ++n) {
          right += model->complete(saying("hello"), {}).text == "to each his own" ? 1 : 0;
        }
      });
    }
  }
  CHECK(right == 20);
  CHECK(server.requests().size() == 20);
}

TEST_CASE_TEMPLATE("a request goes to the protocol's address with the key in its header", Dialect,
                   support::AnthropicDialect, support::OpenAiDialect) {
  const support::ScriptedModel server({support::status(200, Dialect::document("hi"))});
  CHECK(model_at(Dialect::kProvider, server.url())->complete(saying("hello"), {}).text == "hi");
  CHECK(model_at(Dialect::kProvider, server.url(), "")->complete(saying("hello"), {}).text == "hi");
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].method == "POST");
  CHECK(requests[0].path == Dialect::kPath);
  CHECK(requests[0].headers.get("Content-Type") == "application/json");
  CHECK(requests[0].headers.get(Dialect::kKeyHeader) == std::string(Dialect::kKeyPrefix) + "sk-contract-key");
  CHECK_FALSE(requests[1].headers.get(Dialect::kKeyHeader));
}

}  // namespace
