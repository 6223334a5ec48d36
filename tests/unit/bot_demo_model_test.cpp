#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/demo/jobs.h"
#include "bot/demo/model.h"
#include "tests/support/checkout.h"
#include "tests/support/text.h"

namespace {

using nlohmann::json;
using support::contains;

class FixedClock final : public base::Clock {
 public:
  base::Timestamp now() const override {
    return std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::minutes(16 * 60 + 45);
  }
};

const FixedClock kClock;

bot::demo::DemoModel& model() {
  static bot::demo::DemoModel instance({std::chrono::milliseconds(0), "key"}, kClock);
  return instance;
}

base::HttpRequest post(const std::string& path, const std::string& body) {
  base::HttpRequest request;
  request.method = "POST";
  request.path = path;
  request.headers.add("x-api-key", "key");
  request.body = body;
  return request;
}

constexpr const char* kNoProjects = "Now: 2026-11-22 17:45 (Europe/Zurich). Projects of this chat: none.";
constexpr const char* kProjects =
    "Now: 2026-11-22 17:45 (Europe/Zurich). Projects of this chat:\n- task-api-2: A small REST API for "
    "tasks\n"
    "- new-year-countdown: A web page.";

const std::vector<std::string> kTools = {"dispatch", "project_status", "list_projects", "search_projects",
                                         "cancel_dispatch"};

json request_of(const std::vector<json>& messages, const std::string& context = kNoProjects,
                const std::vector<std::string>& tools = kTools) {
  json request = {{"model", "claude-haiku-4-5"}, {"max_tokens", 2048}, {"messages", messages}};
  request["system"] = {{{"type", "text"}, {"text", "The guide. For example add pagination to task-api."}},
                       {{"type", "text"}, {"text", context}}};
  request["tools"] = json::array();
  for (const auto& tool : tools) {
    request["tools"].push_back(
        {{"name", tool}, {"description", "d"}, {"input_schema", {{"type", "object"}}}});
  }
  return request;
}

json user(const std::string& text) {
  return {{"role", "user"}, {"content", text}};
}
json assistant(const std::string& text) {
  return {{"role", "assistant"}, {"content", text}};
}

struct Answer {
  std::string text;
  std::string tool;
  json input;
};

Answer answer_to(const json& request) {
  const auto response = model().handle(post("/v1/messages", request.dump()));
  REQUIRE(response.status == 200);
  const auto message = base::parse_json(response.body);
  REQUIRE(message);
  Answer answer;
  for (const auto& block : (*message)["content"]) {
    if (block["type"] == "text") {
      answer.text += block["text"].get<std::string>();
    } else {
      answer.tool = block["name"];
      answer.input = block["input"];
    }
  }
  CHECK((*message)["stop_reason"] == (answer.tool.empty() ? "end_turn" : "tool_use"));
  return answer;
}

Answer ask(const std::string& text, const std::string& context = kNoProjects,
           const std::vector<std::string>& tools = kTools) {
  INFO(text);
  return answer_to(request_of({user(text)}, context, tools));
}

/// The turn after `text` led to a call of `tool` that was answered with `result`.
Answer after_tool(const std::string& text, const std::string& tool, const std::string& result) {
  const json call = {{"type", "tool_use"}, {"id", "t1"}, {"name", tool}, {"input", json::object()}};
  const json answer = {{"type", "tool_result"}, {"tool_use_id", "t1"}, {"content", result}};
  return answer_to(request_of({user(text),
                               {{"role", "assistant"}, {"content", json::array({call})}},
                               {{"role", "user"}, {"content", json::array({answer})}}}));
}

TEST_CASE("the demo refuses a wrong key in Anthropic's words") {
  auto request = post("/v1/messages", request_of({user("hello")}).dump());
  request.headers = {{"x-api-key", "other"}};
  const auto response = model().handle(request);
  CHECK(response.status == 401);
  const auto body = base::parse_json(response.body);
  REQUIRE(body);
  CHECK((*body)["type"] == "error");
  CHECK((*body)["error"]["type"] == "authentication_error");
  request.headers = {};
  CHECK(model().handle(request).status == 401);
  request.headers = {{"Authorization", "Bearer key"}};
  CHECK(model().handle(request).status == 200);
}

TEST_CASE("without a key of its own the demo lets nobody in") {
  bot::demo::DemoModel closed({std::chrono::milliseconds(0), ""}, kClock);
  auto request = post("/v1/messages", request_of({user("hello")}).dump());
  request.headers = {{"x-api-key", ""}};
  CHECK(closed.handle(request).status == 401);
}

TEST_CASE("the demo refuses a malformed body with 400") {
  for (const std::string body : {"", "{", "[]", R"({"model":"m"})", R"({"model":"m","messages":[]})",
                                 R"({"messages":[{"role":"user","content":"x"}]})",
                                 R"({"model":"m","messages":[{"role":"robot","content":"x"}]})",
                                 R"({"model":"m","messages":[{"role":"user"}]})",
                                 R"({"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]})",
                                 R"({"model":"m","messages":[7]})"}) {
    INFO(body);
    const auto response = model().handle(post("/v1/messages", body));
    CHECK(response.status == 400);
    CHECK(contains(response.body, "invalid_request_error"));
  }
}

TEST_CASE("the demo answers its other endpoints, and 404 or 405 elsewhere") {
  const auto tokens = model().handle(post("/v1/messages/count_tokens", request_of({user("hello")}).dump()));
  CHECK(tokens.status == 200);
  CHECK(base::json_integer(*base::parse_json(tokens.body), "input_tokens").value_or(0) > 10);
  auto request = post("/v1/models", "");
  CHECK(model().handle(request).status == 405);
  request.method = "GET";
  CHECK(contains(model().handle(request).body, "frontdesk-demo"));
  CHECK(model().handle(post("/v1/complete", "{}")).status == 404);
}

TEST_CASE("a streamed answer has Anthropic's events in order and the same content") {
  auto request = request_of({user("build me a small REST API for tasks in Python")});
  const auto plain = answer_to(request);
  request["stream"] = true;
  const auto response = model().handle(post("/v1/messages", request.dump()));
  CHECK(response.status == 200);
  CHECK(response.content_type == "text/event-stream");
  std::vector<std::string> order;
  std::string text;
  std::string input;
  int pieces = 0;
  std::string rest = response.body;
  while (!rest.empty()) {
    const auto end = rest.find("\n\n");
    REQUIRE(end != std::string::npos);
    const auto event = rest.substr(0, end);
    rest = rest.substr(end + 2);
    const auto line = event.find("\ndata: ");
    REQUIRE(line != std::string::npos);
    const auto data = base::parse_json(event.substr(line + 7));
    REQUIRE(data);
    const std::string type = (*data)["type"];
    CHECK(event.substr(0, line) == "event: " + type);
    if (order.empty() || order.back() != type) {
      order.push_back(type);
    }
    if (type == "content_block_delta") {
      const auto& delta = (*data)["delta"];
      ++pieces;
      delta["type"] == "text_delta" ? text += delta["text"] : input += delta["partial_json"];
    } else if (type == "message_delta") {
      CHECK((*data)["delta"]["stop_reason"] == "tool_use");
      CHECK((*data)["usage"]["output_tokens"] > 10);
    } else if (type == "message_start") {
      CHECK((*data)["message"]["content"].empty());
      CHECK((*data)["message"]["usage"]["input_tokens"] > 10);
    }
  }
  CHECK(order == std::vector<std::string>{"message_start", "ping", "content_block_start",
                                          "content_block_delta", "content_block_stop", "content_block_start",
                                          "content_block_delta", "content_block_stop", "message_delta",
                                          "message_stop"});
  CHECK(pieces > 2);
  CHECK(text == plain.text);
  CHECK(base::parse_json(input) == plain.input);
}

TEST_CASE("small talk and questions about the demo are answered without a tool") {
  for (const std::string text :
       {"hello", "Hi!", "Thanks!", "thank you very much", "Who are you?", "What can you do?",
        "help me understand", "help", "how are you?", "Good morning", "what's up?", "bye"}) {
    const auto answer = ask(text);
    CHECK(answer.tool.empty());
    CHECK(!answer.text.empty());
    CHECK_MESSAGE(!contains(answer.text, "no script"), text);
  }
  CHECK(contains(ask("who are you?").text, "scripted demo"));
}

TEST_CASE("times and dates are worked out and never dispatched") {
  struct Row {
    const char* text;
    const char* expected;
  };
  for (const auto& row : std::vector<Row>{
           {"What time is it in Tokyo?", "01:45 on Monday, 23 November 2026 in Tokyo (UTC+09:00)"},
           {"hi, what's the time in New York please", "11:45 on Sunday, 22 November 2026 in New York"},
           {"Tell me the current time in India", "22:15"},
           {"what time is it in zürich", "17:45"},
           {"time in America/Halifax?", "12:45"},
           {"What time is it?", "It is 17:45 on Sunday, 22 November 2026 (UTC+01:00)."},
           {"what time is it in Atlantis?", "do not know that place"},
           {"what's the date today", "Sunday, 22 November 2026"},
           {"What day is it?", "Sunday"},
           {"how many days until Christmas?", "33 days until Christmas"},
           {"How many days till New Year", "40 days until New Year"},
           {"what is 17 * 23", "391"},
           {"What's 20% of 85?", "20% of 85 is 17."},
           {"(1 + 2) * 3.5 =", "10.5"},
           {"calculate 1,000 divided by 8", "125"},
           {"how much is 3 plus 4 times 5?", "23"},
           {"10 / 0", "not defined"},
       }) {
    const auto answer = ask(row.text);
    CHECK(answer.tool.empty());
    CHECK_MESSAGE(contains(answer.text, row.expected), row.text << " -> " << answer.text);
  }
}

TEST_CASE("builds are proposed with slug, prompt and high confidence") {
  struct Row {
    const char* text;
    const char* slug;
  };
  for (const auto& row : std::vector<Row>{
           {"build me a small REST API for tasks in Python", "task-api"},
           {"Please create a Python REST service to manage to-dos", "task-api"},
           {"Hello! Could you write a little todo API?", "task-api"},
           {"make a web page that counts down to New Year", "new-year-countdown"},
           {"I'd like a New Year's countdown website", "new-year-countdown"},
           {"create a html page counting down to the new year", "new-year-countdown"},
       }) {
    const auto answer = ask(row.text);
    REQUIRE_MESSAGE(answer.tool == "dispatch", row.text);
    CHECK(answer.input["action"] == "run");
    CHECK(answer.input["slug"] == row.slug);
    CHECK(answer.input["confidence"] == "high");
    CHECK(!answer.input["reason"].get<std::string>().empty());
    CHECK(bot::demo::slug_of(bot::demo::job_in(answer.input["prompt"].get<std::string>()).kind) == row.slug);
  }
}

TEST_CASE("the comparison is proposed with medium confidence, and answered in short without the tool") {
  const std::string text = "Compare SQLite and PostgreSQL for a small web shop and write me a report";
  const auto proposal = ask(text);
  CHECK(proposal.tool == "dispatch");
  CHECK(proposal.input["confidence"] == "medium");
  CHECK(proposal.input["slug"] == "sqlite-vs-postgresql");
  for (const auto& tools :
       {std::vector<std::string>{}, std::vector<std::string>{"list_projects", "project_status"}}) {
    const auto answer = ask(text, kNoProjects, tools);
    CHECK(answer.tool.empty());
    CHECK(contains(answer.text, "one writer at a time"));
  }
  CHECK(ask("what's the difference between SQLite and Postgres?").tool.empty());
}

TEST_CASE("an agreement to what was asked proposes it again with high confidence") {
  const auto answer =
      answer_to(request_of({user("Compare SQLite and PostgreSQL for a web shop, write a report"),
                            assistant("Shall I give it to the specialist?"), user("yes please")}));
  CHECK(answer.tool == "dispatch");
  CHECK(answer.input["confidence"] == "high");
  CHECK(answer_to(request_of({user("build a REST API for tasks"), assistant("It is done."), user("ok")}))
            .tool.empty());
}

TEST_CASE("a follow-up resumes the project that the context names") {
  struct Row {
    const char* text;
    const char* slug;
  };
  for (const auto& row : std::vector<Row>{{"add pagination", "task-api-2"},
                                          {"Please paginate the list", "task-api-2"},
                                          {"Can you add paging to the task API?", "task-api-2"},
                                          {"add a search by title", "task-api-2"},
                                          {"make it dark", "new-year-countdown"},
                                          {"Turn the page blue", "new-year-countdown"},
                                          {"dark mode please, change it", "new-year-countdown"}}) {
    const auto answer = ask(row.text, kProjects);
    REQUIRE_MESSAGE(answer.tool == "dispatch", row.text);
    CHECK(answer.input["action"] == "resume");
    CHECK(answer.input["slug"] == row.slug);
    CHECK(answer.input["confidence"] == "high");
    CHECK(bot::demo::job_in(answer.input["prompt"].get<std::string>()) == bot::demo::job_in(row.text));
  }
}

TEST_CASE("a follow-up without its project asks for the list and then says so") {
  CHECK(ask("add pagination").tool == "list_projects");
  const auto none = after_tool("add pagination", "list_projects", "No projects yet.");
  CHECK(none.tool.empty());
  CHECK(contains(none.text, "no task API in this chat"));
  CHECK(after_tool("add pagination", "list_projects", "task-api  today  A REST API").input["slug"] ==
        "task-api");
  CHECK(contains(ask("make it dark", kNoProjects, {"dispatch"}).text, "no countdown page"));
}

TEST_CASE("questions about projects go to the tools and are answered from their results") {
  CHECK(ask("what projects do I have?").tool == "list_projects");
  CHECK(ask("status").tool == "list_projects");
  const auto status = ask("How is task-api going?");
  CHECK(status.tool == "project_status");
  CHECK(status.input["slug"] == "task-api");
  CHECK(ask("how's the countdown going", kProjects).input["slug"] == "new-year-countdown");
  CHECK(ask("search my projects for tasks").input["query"] == "tasks");
  CHECK(contains(after_tool("status", "list_projects", "task-api: running").text, "task-api: running"));
  CHECK(contains(after_tool("how is task-api going", "project_status", "Status: success").text,
                 "Status: success"));
  CHECK(ask("where are the files?", kProjects).tool == "project_status");
  CHECK(contains(ask("tell me what you wrote", kNoProjects, {}).text, "frontdesk list"));
}

TEST_CASE("only a project is cancelled") {
  const auto answer = ask("cancel task-api");
  CHECK(answer.tool == "cancel_dispatch");
  CHECK(answer.input["slug"] == "task-api");
  CHECK(ask("please cancel it", kProjects).tool == "cancel_dispatch");
  CHECK(ask("how do I cancel my subscription?", kProjects).tool.empty());
  CHECK(ask("cancel it").tool.empty());
}

TEST_CASE("a summary is the specialist's own report") {
  const auto answer =
      ask("Tell the person what came of it. Use nothing else.\n\nSPECIALIST REPORT\nI wrote "
          "`app.py`.\n\nNothing was run.\n"
          "END OF REPORT\nFacts:\n- outcome: success\n",
          kProjects, {});
  CHECK(answer.text == "The specialist reports:\n\nI wrote `app.py`.\n\nNothing was run.");
  CHECK(contains(ask("SPECIALIST REPORT\nEND OF REPORT", kProjects, {}).text, "left no report"));
}

TEST_CASE("to anything else the demo says that it is scripted and how to get a real model") {
  for (const std::string text : {"write a poem about the sea", "what is the time complexity of quicksort?",
                                 "build me a rocket simulator", "how would I build a REST API for tasks?",
                                 "add due dates", "review my essay", "nice weather where you live?"}) {
    const auto answer = ask(text, kProjects);
    CHECK(answer.tool.empty());
    if (text != "nice weather where you live?") {
      CHECK_MESSAGE(contains(answer.text, "scripted demo"), text);
      CHECK_MESSAGE(contains(answer.text, "ANTHROPIC_API_KEY"), text);
    }
  }
}

TEST_CASE("every example that the page offers has a script") {
  auto tools = kTools;
  tools.insert(tools.end(), {"set_reminder", "remember", "search_conversation"});
  for (const auto& example : bot::demo::demo_examples()) {
    CHECK(!example.label.empty());
    CHECK_MESSAGE(!contains(ask(example.text, kProjects, tools).text, "no script"), example.text);
  }
}

TEST_CASE("what the README offers a newcomer is among the examples of the page") {
  std::ifstream file(support::source_dir() + "/README.md");
  std::string readme((std::istreambuf_iterator<char>(file)), {});
  const auto begin = readme.find("click an example"), end = readme.find("## Configure it");
  REQUIRE(begin < end);
  readme = readme.substr(begin, end - begin);
  std::replace(readme.begin(), readme.end(), '\n', ' ');
  int offered = 0;
  for (auto at = readme.find(" *"); at != std::string::npos; at = readme.find(" *", at + 1)) {
    auto text = readme.substr(at + 2, readme.find('*', at + 2) - at - 2);
    text.erase(std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
               text.end());
    const auto& examples = bot::demo::demo_examples();
    CHECK_MESSAGE(std::any_of(examples.begin(), examples.end(),
                              [&](const auto& example) { return example.text == text; }),
                  text);
    ++offered;
  }
  CHECK(offered >= 7);
}

TEST_CASE("stopping ends the pace of an answer under way") {
  bot::demo::DemoModel slow({std::chrono::hours(1), "key"}, kClock);
  std::jthread asker([&] {
    const auto request = request_of({user("write a poem")}, "", {"Write", "Read"});
    CHECK(slow.handle(post("/v1/messages", request.dump())).status == 200);
  });
  slow.stop();
}

}  // namespace
