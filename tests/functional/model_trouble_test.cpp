// What the chat and the log say when the secretary's model cannot be used.
#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::ModelRequest;

namespace {

/// The answer to a question, the only call there is; neither it nor the log may hold a key.
std::string only_answer(Desk& desk) {
  desk.start();
  const auto answer = desk.answer_to(desk.say({"what is up?"}));
  CHECK(desk.callbacks.calls().size() == 1);
  CHECK_FALSE(contains(desk.program->log() + answer.text, Desk::kModelKey));
  CHECK(std::count(answer.text.begin(), answer.text.end(), '\n') == 0);
  return answer.text;
}

/// What Anthropic's API answers, whole.
base::HttpResponse message_of(const nlohmann::json& content, const char* stop_reason) {
  return support::status(200, base::dump_json({{"type", "message"},
                                               {"role", "assistant"},
                                               {"content", content},
                                               {"stop_reason", stop_reason},
                                               {"usage", {{"input_tokens", 9}, {"output_tokens", 5}}}}));
}

nlohmann::json text_block(const std::string& text) {
  return {{"type", "text"}, {"text", text}};
}

/// An answer of a model that proposes a shop, a blog, and the shop once more.
base::HttpResponse shop_and_blog(const char* confidence) {
  const auto call = [&](const char* id, const char* slug) {
    return nlohmann::json{{"type", "tool_use"},
                          {"id", id},
                          {"name", "dispatch"},
                          {"input",
                           {{"action", "run"},
                            {"slug", slug},
                            {"description", std::string("The ") + slug},
                            {"prompt", "Build it"},
                            {"confidence", confidence},
                            {"reason", "work"}}}};
  };
  return message_of(nlohmann::json::array({call("a", "shop"), call("a", "blog"), call("b", "shop")}),
                    "tool_use");
}

}  // namespace

TEST_CASE("a refused key of the model is a sentence in the chat and a precise line in the log") {
  Desk desk;
  desk.model.fail(
      ModelRequest::From::secretary,
      support::status(
          401, R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key )" +
                   std::string(Desk::kModelKey) + R"("}})"));
  CHECK(contains(only_answer(desk), "did not accept its API key"));
  CHECK(contains(desk.program->log(), "status 401, authentication_error: invalid x-api-key"));
}

TEST_CASE("a failing model is a sentence in the chat and a precise line in the log") {
  Desk desk;
  desk.model.fail(
      ModelRequest::From::secretary,
      support::status(500, R"({"type":"error","error":{"type":"api_error","message":"internal"}})"));
  CHECK(contains(only_answer(desk), "overloaded"));
  CHECK(contains(desk.program->log(), "status 500, api_error: internal"));
  CHECK(desk.query("SELECT cause FROM decisions") == "rule:model-error");
}

TEST_CASE("a model that answers garbage is a sentence in the chat and a precise line in the log") {
  Desk desk;
  desk.model.fail(ModelRequest::From::secretary, support::status(200, "welcome to the hotel"));
  CHECK(contains(only_answer(desk), "an empty or unusable reply"));
  CHECK(contains(desk.program->log(), "the secretary's model failed"));
}

TEST_CASE("a model that nobody serves is a sentence in the chat, and the next message is tried anew") {
  Desk desk;
  desk.config.set("secretary", "base_url", support::toml_text(support::refusing_url()));
  CHECK(contains(only_answer(desk), "cannot be reached"));
  CHECK(contains(desk.program->log(), "the secretary's model failed"));
}

TEST_CASE("the model's key goes to the model's address, and nowhere else") {
  Desk desk;
  desk.start();
  desk.answer_to(desk.say({"hello"}));
  const auto requests = desk.model.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].key == Desk::kModelKey);
  CHECK_FALSE(desk.model.saw(Desk::kModelKey));
}

TEST_CASE("a model that declines is a sentence in the chat, and a half answer is marked as such") {
  Desk desk;
  desk.model.fail(ModelRequest::From::secretary, message_of(nlohmann::json::array(), "refusal"));
  CHECK(contains(only_answer(desk), "declined to answer"));
  CHECK(desk.query("SELECT cause FROM decisions") == "rule:model-refused");

  desk.model.fail(ModelRequest::From::secretary,
                  message_of(nlohmann::json::array({text_block("The first half.")}), "refusal"));
  const auto half = desk.answer_to(desk.say({"and then?"})).text;
  CHECK(half.starts_with("The first half.\n"));
  CHECK(contains(half, "declined to go on"));
}

TEST_CASE("an answer that is longer than it may be is cut and says so") {
  Desk desk;
  desk.config.set("secretary", "max_answer_bytes", "1000");
  desk.model.fail(
      ModelRequest::From::secretary,
      support::event_stream(support::AnthropicDialect::stream(std::string().append(10'000'000, 'x'))));
  desk.start();
  const auto answer = desk.answer_to(desk.say({"tell me all"})).text;
  CHECK(answer.size() < 1'300);
  CHECK(contains(answer, "The answer was cut here"));
}

TEST_CASE("thoughts and calls that a model writes as text do not reach the chat") {
  Desk desk;
  desk.model.secretary("think", {support::say("<think>Let me see.</think>It is four.")});
  desk.model.secretary("list",
                       {support::say(R"(<tool_call>{"name":"list_projects","arguments":{}}</tool_call>)"),
                        support::say("You have no projects.")});
  desk.model.secretary("odd", {support::say("<tool_call>{odd</tool_call>")});
  desk.model.secretary("you wrote a call of a tool as text", {support::say("Never mind.")});
  desk.start();
  CHECK(desk.answer_to(desk.say({"think"})).text == "It is four.");
  CHECK(desk.answer_to(desk.say({"list"})).text == "You have no projects.");
  CHECK(desk.answer_to(desk.say({"odd"})).text == "Never mind.");
}

TEST_CASE("two proposals in one answer: the first is asked about, the other one named") {
  Desk desk;
  desk.model.fail(ModelRequest::From::secretary, shop_and_blog("Medium"));
  desk.start();
  const auto question = desk.answer_to(desk.say({"build both"})).text;
  CHECK(contains(question, "*The shop* (shop)"));
  CHECK(contains(question, "also suggested another task: The blog (blog)"));
}

TEST_CASE("beside a proposal one that cannot be read is named") {
  Desk desk;
  const auto call = [](const char* id, const char* tool, nlohmann::json input) {
    return nlohmann::json{{"type", "tool_use"}, {"id", id}, {"name", tool}, {"input", std::move(input)}};
  };
  const auto task = [](const char* slug) {
    return nlohmann::json{{"action", "run"},
                          {"slug", slug},
                          {"description", std::string("The ") + slug},
                          {"confidence", "medium"},
                          {"reason", "work"}};
  };
  auto whole = task("shop");
  whole["prompt"] = "Build it";
  desk.model.fail(
      ModelRequest::From::secretary,
      message_of(nlohmann::json::array({call("a", "dispatch", whole), call("b", "dispatch", task("blog"))}),
                 "tool_use"));
  desk.start();
  const auto question = desk.answer_to(desk.say({"build both"})).text;
  CHECK(contains(question, "*The shop* (shop)"));
  CHECK(contains(question, "also suggested another task: The blog (blog)"));
}

TEST_CASE("what was proposed beside a task is named while that works, to the model, too, and in its result") {
  Desk desk(Desk::Claude::fake);
  support::write_text(desk.folder() / "claude.work", "4");
  desk.model.fail(ModelRequest::From::secretary, shop_and_blog("High"));
  desk.start();
  const std::string named = "also suggested another task: The blog (blog)";
  const auto order = desk.say({"surely build both"});
  CHECK(contains(desk.answer_to(order).text, named));
  CHECK(contains(desk.dispatch("d-1", "· ").text, named));
  desk.model.fail(ModelRequest::From::secretary, std::nullopt);
  const auto last_request = [&] { return desk.model.requests(ModelRequest::From::secretary).back().raw; };
  SUBCASE("which nobody has ordered") {
    desk.answer_to(desk.say({"how is it going?"}));
    CHECK(contains(last_request(), named));
    CHECK(contains(desk.dispatch("d-1", "**Done: shop.**").text, named));
    desk.answer_to(desk.say({"and now?"}));
    CHECK(contains(last_request(), named));
  }
  SUBCASE("until somebody orders it") {
    desk.model.secretary("the blog", {support::propose("high", "blog")});
    desk.say({"now the blog, please"});
    desk.dispatch("d-2", "blog");
    CHECK_FALSE(contains(desk.dispatch("d-1", "**Done: shop.**").text, named));
  }
}

TEST_CASE("what was proposed beside a task that is cancelled stays named") {
  Desk desk(Desk::Claude::fake);
  support::write_text(desk.folder() / "claude.work", "60");
  desk.model.fail(ModelRequest::From::secretary, shop_and_blog("High"));
  desk.start();
  desk.say({"surely build both"});
  desk.dispatch("d-1", "· ");
  desk.say({"/cancel shop"});
  CHECK(contains(desk.dispatch("d-1", "**Cancelled.**").text, "another task: The blog (blog)"));
}

TEST_CASE("a model without a price is named at the start, by doctor and in the savings") {
  const support::ScriptedModel server({support::event_stream(support::OpenAiDialect::stream("Four."))});
  Desk desk;
  desk.config.set("secretary", "provider", R"("openai")")
      .set("secretary", "base_url", support::toml_text(server.url()))
      .set("secretary", "model", R"("qwen3")");
  CHECK(only_answer(desk) == "Four.");
  CHECK(contains(desk.program->log(), "qwen3 has no price, so its answers are counted as free"));
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", desk.config_file().string()});
    return support::run_frontdesk(arguments, desk.folder()).output;
  };
  CHECK(contains(run({"doctor"}), "qwen3 has no price"));
  const auto savings = run({"log", "savings"});
  CHECK(contains(savings, "Saved, at most:"));
  CHECK(contains(savings, "Counted as free, for want of a price: 1 call of qwen3."));
  CHECK_FALSE(contains(savings, "100 %"));
}

TEST_CASE("what a provider wants back with a tool's result goes back to it") {
  const support::ScriptedModel server(
      {support::event_stream(
           R"(data: {"choices":[{"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function",)"
           R"("function":{"name":"list_projects","arguments":"{}"},)"
           R"("extra_content":{"google":{"thought_signature":"U0lH"}}}]},"finish_reason":"tool_calls"}]})"
           "\n\ndata: [DONE]\n\n"),
       support::event_stream(support::OpenAiDialect::stream("You have none."))});
  Desk desk;
  desk.config.set("secretary", "provider", R"("openai")")
      .set("secretary", "base_url", support::toml_text(server.url()))
      .set("secretary", "model", R"("gemini-3")");
  CHECK(only_answer(desk) == "You have none.");
  CHECK(contains(server.requests().at(1).body, R"("extra_content":{"google":{"thought_signature":"U0lH"}})"));
}
