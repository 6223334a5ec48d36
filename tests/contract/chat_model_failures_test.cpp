// What every adapter must do with a server that fails.
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/error.h"
#include "llm/chat_models.h"
#include "llm/takes_tools.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/wait.h"

TYPE_TO_STRING_AS("anthropic", support::AnthropicDialect);
TYPE_TO_STRING_AS("openai", support::OpenAiDialect);

namespace {

using Kind = llm::ModelError::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::AnthropicDialect;
using support::BrokenModel;
using support::OpenAiDialect;
using support::ScriptedModel;

const std::string kKey = "sk-failing-key-0123456789";

llm::Endpoint endpoint(const char* provider, const std::string& url) {
  llm::Endpoint made;
  made.provider = provider;
  made.model = "model-x";
  made.base_url = url;
  made.api_key = kKey;
  made.connect_timeout = seconds(60);
  made.silence = seconds(60);
  made.deadline = seconds(120);
  made.max_attempts = 4;
  made.first_backoff = milliseconds(1);
  return made;
}

llm::ChatRequest hello() {
  llm::ChatRequest request;
  request.messages = {{llm::Role::user, {llm::Text{"hello"}}}};
  return request;
}

struct Outcome {
  std::optional<llm::Completion> completion;
  std::optional<Kind> kind;
  std::string what;
  milliseconds took{};
};

Outcome outcome(const llm::Endpoint& at) {
  Outcome result;
  const auto begin = std::chrono::steady_clock::now();
  try {
    result.completion = llm::make_chat_model(at)->complete(hello(), {});
  } catch (const llm::ModelError& error) {
    result.kind = error.kind;
    result.what = error.what();
  }
  result.took = std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - begin);
  CHECK(result.what.find(kKey) == std::string::npos);
  return result;
}

/// Fails with `kind` after that many requests.
template <typename Dialect>
void check_failure(std::vector<base::HttpResponse> responses, Kind kind, std::size_t requests) {
  const ScriptedModel server(std::move(responses));
  const auto result = outcome(endpoint(Dialect::kProvider, server.url()));
  CAPTURE(result.what);
  CHECK(result.kind == kind);
  CHECK(server.requests().size() == requests);
}

/// Answers "at last" after that many requests.
template <typename Dialect>
void check_recovery(std::vector<base::HttpResponse> failures) {
  const auto requests = failures.size() + 1;
  failures.push_back(support::event_stream(Dialect::stream("at last")));
  const ScriptedModel server(std::move(failures));
  const auto result = outcome(endpoint(Dialect::kProvider, server.url()));
  CAPTURE(result.what);
  REQUIRE(result.completion);
  CHECK(result.completion->text == "at last");
  CHECK(server.requests().size() == requests);
}

TEST_CASE_TEMPLATE("garbage, a web page, nothing and half a stream are asked for again twice", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  check_failure<Dialect>({support::status(200, R"({"id": "half a)")}, Kind::malformed, 3);
  check_failure<Dialect>({support::status(200, R"({"unexpected": true})")}, Kind::malformed, 3);
  check_failure<Dialect>({support::web_page()}, Kind::unreachable, 3);
  check_failure<Dialect>({support::status(200, "")}, Kind::malformed, 3);
  check_failure<Dialect>({support::event_stream("data: {garbage\n\n")}, Kind::malformed, 3);
  check_failure<Dialect>({support::event_stream(": only a comment\n\n")}, Kind::malformed, 3);
  check_failure<Dialect>({support::event_stream(Dialect::unfinished_stream())}, Kind::unreachable, 3);
  check_recovery<Dialect>({support::web_page(), support::event_stream(Dialect::unfinished_stream())});
}

TEST_CASE_TEMPLATE("an overloaded server is asked max_attempts times", Dialect, AnthropicDialect,
                   OpenAiDialect) {
  for (const int code : {408, 429, 500, 502, 503, 529}) {
    CAPTURE(code);
    const auto busy = support::status(code, Dialect::error("overloaded_error", "Overloaded"));
    check_failure<Dialect>({busy}, code == 408 ? Kind::unreachable : Kind::overloaded, 4);
    check_recovery<Dialect>({busy, busy});
  }
}

TEST_CASE_TEMPLATE("a refusal that will stay is not repeated", Dialect, AnthropicDialect, OpenAiDialect) {
  const auto refuse = [](int code, const char* type, const char* message) {
    return std::vector{support::status(code, Dialect::error(type, message))};
  };
  check_failure<Dialect>(refuse(401, "authentication_error", "invalid x-api-key"), Kind::unauthorized, 1);
  check_failure<Dialect>(refuse(403, "permission_error", "not yours"), Kind::unauthorized, 1);
  check_failure<Dialect>(refuse(402, "billing_error", "pay"), Kind::out_of_credit, 1);
  check_failure<Dialect>(refuse(400, "invalid_request_error", "Your credit balance is too low"),
                         Kind::out_of_credit, 1);
  check_failure<Dialect>(refuse(429, "insufficient_quota", "You exceeded your quota"), Kind::out_of_credit,
                         1);
  check_failure<Dialect>(refuse(404, "not_found_error", "model: model-x"), Kind::misconfigured, 1);
  check_failure<Dialect>(refuse(400, "invalid_request_error", "prompt is too long: 9 > 8"), Kind::too_long,
                         1);
  check_failure<Dialect>(refuse(413, "request_too_large", "too large"), Kind::too_long, 1);
  check_failure<Dialect>(refuse(400, "content_filter", "no"), Kind::refused, 1);
  check_failure<Dialect>({support::status(307, "")}, Kind::misconfigured, 1);
}

TEST_CASE_TEMPLATE("the refusal is told in the provider's words without the key", Dialect, AnthropicDialect,
                   OpenAiDialect) {
  const ScriptedModel server(
      {support::status(401, Dialect::error("authentication_error", "the key " + kKey + " is\nwrong"))});
  const auto result = outcome(endpoint(Dialect::kProvider, server.url()));
  CHECK(result.what.find("status 401, authentication_error: the key [secret] is wrong") != std::string::npos);
  CHECK(result.what.find(std::string(Dialect::kProvider) + " model-x: ") == 0);
}

TEST_CASE_TEMPLATE("the wait that Retry-After asks for is kept, or given up at once if it is too long",
                   Dialect, AnthropicDialect, OpenAiDialect) {
  const auto busy = Dialect::error("rate_limit_error", "slow down");
  const ScriptedModel patient({support::status_with_retry_after(429, busy, "0.3"),
                               support::event_stream(Dialect::stream("at last"))});
  const auto waited = outcome(endpoint(Dialect::kProvider, patient.url()));
  REQUIRE(waited.completion);
  CHECK(waited.completion->text == "at last");
  CHECK(waited.took >= milliseconds(300));

  const ScriptedModel hopeless({support::status_with_retry_after(429, busy, "3600")});
  const auto given_up = outcome(endpoint(Dialect::kProvider, hopeless.url()));
  CHECK(given_up.kind == Kind::overloaded);
  CHECK(given_up.what.find("asks to wait 3600.0 s, longer than the deadline") != std::string::npos);
  CHECK(given_up.took < seconds(30));
  CHECK(hopeless.requests().size() == 1);
}

TEST_CASE_TEMPLATE("an error event in the middle of a stream means what its type says", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  const auto overloaded = support::event_stream(Dialect::stream_with_error("overloaded_error", "Overloaded"));
  check_recovery<Dialect>({overloaded, overloaded});
  check_failure<Dialect>({overloaded}, Kind::overloaded, 4);
  check_failure<Dialect>({support::event_stream(Dialect::stream_with_error("authentication_error", "no"))},
                         Kind::unauthorized, 1);
}

TEST_CASE_TEMPLATE("nobody listening at the address is unreachable", Dialect, AnthropicDialect,
                   OpenAiDialect) {
  const auto result = outcome(endpoint(Dialect::kProvider, support::refusing_url()));
  CHECK(result.kind == Kind::unreachable);
  CHECK(result.what.find("(attempt 4)") != std::string::npos);
  CHECK(result.took < seconds(30));
}

TEST_CASE_TEMPLATE("a connection that breaks in the middle of a stream is unreachable", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  const BrokenModel server(support::event_stream_head() + support::chunk(Dialect::unfinished_stream()),
                           BrokenModel::Then::close);
  const auto result = outcome(endpoint(Dialect::kProvider, server.url()));
  CHECK(result.kind == Kind::unreachable);
  CHECK(server.connections() == 4);
}

TEST_CASE_TEMPLATE("an answer that is complete ends the call although the connection stays open", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  const BrokenModel server(support::event_stream_head() + support::chunk(Dialect::stream("quick")),
                           BrokenModel::Then::stay_silent);
  const auto result = outcome(endpoint(Dialect::kProvider, server.url()));
  REQUIRE(result.completion);
  CHECK(result.completion->text == "quick");
  CHECK(result.took < seconds(30));
}

TEST_CASE_TEMPLATE("silence ends an attempt, before the answer and in the middle of it", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  for (const auto& bytes :
       {std::string(), support::event_stream_head() + support::chunk(Dialect::unfinished_stream())}) {
    const BrokenModel server(bytes, BrokenModel::Then::stay_silent);
    auto at = endpoint(Dialect::kProvider, server.url());
    at.silence = milliseconds(150);
    at.max_attempts = 2;
    const auto result = outcome(at);
    CHECK(result.kind == Kind::unreachable);
    CHECK(server.connections() == 2);
    CHECK(result.took >= milliseconds(250));
    CHECK(result.took < seconds(30));
  }
}

TEST_CASE_TEMPLATE("the deadline holds whatever the server does", Dialect, AnthropicDialect, OpenAiDialect) {
  const auto check = [](const std::string& url) {
    auto at = endpoint(Dialect::kProvider, url);
    at.connect_timeout = at.silence = seconds(60);
    at.deadline = milliseconds(400);
    const auto result = outcome(at);
    CHECK(result.kind == Kind::unreachable);
    CHECK(result.took >= milliseconds(350));
    CHECK(result.took < seconds(30));
  };
  const BrokenModel silent("", BrokenModel::Then::stay_silent);
  check(silent.url());
  const BrokenModel stalled(support::event_stream_head() + support::chunk(Dialect::unfinished_stream()),
                            BrokenModel::Then::stay_silent);
  check(stalled.url());
  const BrokenModel chatty(support::event_stream_head(), BrokenModel::Then::trickle,
                           support::chunk(": still here\n\n"));
  check(chatty.url());
  const BrokenModel endless_header("HTTP/1.1 200 OK\r\n", BrokenModel::Then::trickle, "X: y\r\n");
  check(endless_header.url());
  const support::UnansweredAddress unanswered;
  check(unanswered.url());
}

/// Stops a call once `under_way` returns, and checks that both the stop request and the call end quickly.
void check_stop(const llm::Endpoint& at, const std::function<void()>& under_way) {
  std::stop_source stop;
  const auto model = llm::make_chat_model(at);
  auto call = std::async(std::launch::async, [&] { return model->complete(hello(), stop.get_token()); });
  under_way();
  const auto begin = std::chrono::steady_clock::now();
  stop.request_stop();
  CHECK(std::chrono::steady_clock::now() - begin < seconds(20));
  CHECK_THROWS_AS(call.get(), base::Stopped);
  CHECK(std::chrono::steady_clock::now() - begin < seconds(30));
}

TEST_CASE_TEMPLATE("threaded: a stop request ends a call in every stage of it", Dialect, AnthropicDialect,
                   OpenAiDialect) {
  for (const auto& bytes :
       {std::string(), support::event_stream_head() + support::chunk(Dialect::unfinished_stream())}) {
    BrokenModel server(bytes, BrokenModel::Then::stay_silent);
    check_stop(endpoint(Dialect::kProvider, server.url()), [&] { CHECK(server.wait_for_connections(1)); });
    // Stopped while the call begins, wherever that happens to be.
    check_stop(endpoint(Dialect::kProvider, server.url()), [] {});
  }
  const support::UnansweredAddress unanswered;
  check_stop(endpoint(Dialect::kProvider, unanswered.url()), [] {});
  check_stop(endpoint(Dialect::kProvider, unanswered.url()),
             [] { std::promise<void>().get_future().wait_for(milliseconds(100)); });
}

TEST_CASE_TEMPLATE("threaded: a stop request ends the wait between two attempts", Dialect, AnthropicDialect,
                   OpenAiDialect) {
  auto busy = support::status_with_retry_after(529, Dialect::error("overloaded_error", "Overloaded"), "60");
  const ScriptedModel server({busy});
  auto at = endpoint(Dialect::kProvider, server.url());
  at.deadline = seconds(100);
  check_stop(at, [&] {
    const auto until = std::chrono::steady_clock::now() + support::kPatience;
    while (server.requests().empty() && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
    }
    CHECK(server.requests().size() == 1);
  });
  CHECK(server.requests().size() == 1);
}

TEST_CASE_TEMPLATE("a call whose arguments cannot be read is passed on at once, with what is wrong", Dialect,
                   AnthropicDialect, OpenAiDialect) {
  const ScriptedModel server({support::event_stream(Dialect::stream_with_broken_tool_call())});
  const auto result = outcome(endpoint(Dialect::kProvider, server.url()));
  REQUIRE(result.completion);
  REQUIRE(result.completion->tool_calls.size() == 1);
  CHECK_FALSE(result.completion->tool_calls[0].problem.empty());
  CHECK(server.requests().size() == 1);
}

/// The answer is ten megabytes long; what is kept of it is not.
template <typename Dialect>
void check_long_answer(const base::HttpResponse& response) {
  const ScriptedModel server({response});
  auto at = endpoint(Dialect::kProvider, server.url());
  at.max_answer_bytes = 5'000;
  const auto result = outcome(at);
  REQUIRE(result.completion);
  CHECK(result.completion->text == std::string(5'000, 'x'));
  CHECK(result.completion->ending == llm::Ending::at_max_bytes);
  CHECK(result.completion->usage.output >= 5);
  CHECK(server.requests().size() == 1);
}

TEST_CASE_TEMPLATE("an answer of ten megabytes is cut, streamed or whole", Dialect, AnthropicDialect,
                   OpenAiDialect) {
  const auto text = std::string().append(10'000'000, 'x');
  check_long_answer<Dialect>(support::event_stream(Dialect::stream(text)));
  check_long_answer<Dialect>(support::status(200, Dialect::document(text)));
}

TEST_CASE("openai: a server that refuses an optional member is asked without it from then on") {
  for (const char* refusal :
       {R"({"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]})",
        R"({"detail":"Unprocessable Entity"})", ""}) {
    CAPTURE(refusal);
    const ScriptedModel server(
        {support::status(422, refusal), support::event_stream(OpenAiDialect::stream("hi"))});
    const auto model = llm::make_chat_model(endpoint("openai", server.url()));
    CHECK(model->complete(hello(), {}).text == "hi");
    CHECK(model->complete(hello(), {}).text == "hi");
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].body.find("stream_options") != std::string::npos);
    CHECK(requests[1].body.find("stream_options") == std::string::npos);
    CHECK(requests[2].body.find("stream_options") == std::string::npos);
  }
}

TEST_CASE("openai: a complaint of what stands in an optional member is one of the member") {
  for (const char* refusal :
       {R"({"error":{"message":"Unrecognized request argument supplied: include_usage"}})",
        R"({"error":{"message":"'stream_options' is only allowed when 'stream' is enabled"}})"}) {
    CAPTURE(refusal);
    const ScriptedModel server(
        {support::status(400, refusal), support::event_stream(OpenAiDialect::stream("hi"))});
    const auto model = llm::make_chat_model(endpoint("openai", server.url()));
    CHECK(model->complete(hello(), {}).text == "hi");
    CHECK(model->complete(hello(), {}).text == "hi");
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].body.find("include_usage") != std::string::npos);
    for (const auto at : {1, 2}) {
      CHECK(requests[at].body.find("stream_options") == std::string::npos);
      CHECK(requests[at].body.find("\"stream\":true") != std::string::npos);
    }
  }
}

llm::ChatRequest with_tool() {
  auto request = hello();
  request.tools = {{"look", "Looks.", R"({"type":"object","properties":{}})"}};
  return request;
}

TEST_CASE(
    "openai: a server without tools is asked without them from then on, and its text is read for calls") {
  const std::pair<int, const char*> refusals[] = {
      {400, "registry.ollama.ai/library/gemma:2b does not support tools"},
      {400, "`tool calling` is not supported with this model"},
      {400, "Function calling is not enabled for this model"},
      {400, "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"},
      {404, "No endpoints found that support tool use."},
      {422, "body: tools: extra fields not permitted"},
      {500, "tools param requires --jinja flag"}};
  for (const auto& refusal : refusals) {
    const std::string words = refusal.second;
    CAPTURE(words);
    const ScriptedModel server(
        {support::status(refusal.first, OpenAiDialect::error("invalid_request_error", words)),
         support::event_stream(OpenAiDialect::stream("hi")),
         support::event_stream(
             OpenAiDialect::stream(R"(<tool_call>{"name":"look","arguments":{}}</tool_call>)"))});
    const auto model = llm::make_chat_model(endpoint("openai", server.url()));
    const auto& tools = dynamic_cast<const llm::TakesTools&>(*model);
    CHECK(tools.takes_tools());
    CHECK(model->complete(with_tool(), {}).text == "hi");
    CHECK_FALSE(tools.takes_tools());
    const auto called = model->complete(with_tool(), {});
    REQUIRE(called.tool_calls.size() == 1);
    CHECK(called.tool_calls[0].name == "look");
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].body.find("\"tools\":") != std::string::npos);
    for (const auto at : {1, 2}) {
      CHECK(requests[at].body.find("\"tools\":") == std::string::npos);
      CHECK(requests[at].body.find("- look: Looks.") != std::string::npos);
      CHECK(requests[at].body.find("stream_options") != std::string::npos);
    }
  }
}

TEST_CASE("openai: a server that complains of one tool is not asked without tools") {
  for (const char* words : {"Invalid schema for function 'look': unsupported type",
                            "tools[0].function.parameters: unknown keyword", "the model is overloaded"}) {
    CAPTURE(std::string(words));
    const ScriptedModel server({support::status(400, OpenAiDialect::error("invalid_request_error", words))});
    const auto model = llm::make_chat_model(endpoint("openai", server.url()));
    CHECK_THROWS_AS(model->complete(with_tool(), {}), llm::ModelError);
    CHECK(server.requests().size() == 1);
    CHECK(dynamic_cast<const llm::TakesTools&>(*model).takes_tools());
  }
}

TEST_CASE("openai: several refused members are left out one after the other, also streaming itself") {
  const ScriptedModel server(
      {support::status(400, R"({"error":{"message":"Unknown parameter: 'stream_options'."}})"),
       support::status(400, R"({"error":{"message":"max_tokens is not supported"}})"),
       support::status(400, R"({"error":{"message":"'stream' must be false"}})"),
       support::status(200, OpenAiDialect::document("hi"))});
  const auto model = llm::make_chat_model(endpoint("openai", server.url()));
  CHECK(model->complete(hello(), {}).text == "hi");
  CHECK(model->complete(hello(), {}).text == "hi");
  const auto requests = server.requests();
  REQUIRE(requests.size() == 5);
  CHECK(requests[4].body.find("stream") == std::string::npos);
  CHECK(requests[4].body.find("\"max_completion_tokens\"") != std::string::npos);
}

TEST_CASE("openai: a refusal that leaving out does not mend is told in its own words and not remembered") {
  const ScriptedModel server({support::status(422, R"({"detail":"the model is odd"})"),
                              support::status(422, R"({"detail":"still"})"),
                              support::event_stream(OpenAiDialect::stream("hi"))});
  const auto model = llm::make_chat_model(endpoint("openai", server.url()));
  try {
    model->complete(hello(), {});
    FAIL("no error");
  } catch (const llm::ModelError& error) {
    CHECK(error.kind == Kind::misconfigured);
    CHECK(std::string(error.what()).find("the model is odd") != std::string::npos);
  }
  CHECK(model->complete(hello(), {}).text == "hi");
  CHECK(server.requests().at(2).body.find("stream_options") != std::string::npos);
}

TEST_CASE("anthropic: a server that refuses the marks for its cache is asked without them") {
  const ScriptedModel server(
      {support::status(400, AnthropicDialect::error("invalid_request_error", "system.0.cache_control: no")),
       support::event_stream(AnthropicDialect::stream("hi"))});
  auto request = hello();
  request.guide = "Be kind.";
  const auto model = llm::make_chat_model(endpoint("anthropic", server.url()));
  CHECK(model->complete(request, {}).text == "hi");
  CHECK(model->complete(request, {}).text == "hi");
  const auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].body.find("cache_control") != std::string::npos);
  CHECK(requests[2].body.find("cache_control") == std::string::npos);
}

TEST_CASE("openai: tokens that a server does not count are estimated, so that they cost something") {
  const ScriptedModel server({support::event_stream(
      R"(data: {"choices":[{"delta":{"content":"0123456789abcdef"},"finish_reason":"stop"}]})"
      "\n\ndata: [DONE]\n\n")});
  const auto result = outcome(endpoint("openai", server.url()));
  REQUIRE(result.completion);
  CHECK(result.completion->usage.output == 4);
  CHECK(result.completion->usage.input > 10);
}

TEST_CASE("openai: a model that takes only max_completion_tokens is asked again with that name") {
  const ScriptedModel server(
      {support::status(400, OpenAiDialect::error("unsupported_parameter",
                                                 "'max_tokens' is not supported with this model. Use "
                                                 "'max_completion_tokens' instead.")),
       support::event_stream(OpenAiDialect::stream("hi"))});
  const auto model = llm::make_chat_model(endpoint("openai", server.url()));
  CHECK(model->complete(hello(), {}).text == "hi");
  CHECK(model->complete(hello(), {}).text == "hi");
  const auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].body.find("\"max_tokens\"") != std::string::npos);
  CHECK(requests[1].body.find("\"max_completion_tokens\"") != std::string::npos);
  CHECK(requests[2].body.find("\"max_completion_tokens\"") != std::string::npos);
}

}  // namespace
