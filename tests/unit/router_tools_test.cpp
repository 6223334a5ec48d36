#include <map>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "router/secretary_tools.h"
#include "tests/support/store_fixture.h"

namespace {

using nlohmann::json;

struct Fixture : support::StoreFixture {
  std::vector<store::DispatchId> cancelled;
  std::optional<std::string> refusal;
  router::SecretaryTools tools{
      db, clock, {conversation, person.id, "UTC", [this](const store::DispatchRecord& dispatch) {
                    if (!refusal) {
                      cancelled.push_back(dispatch.id);
                    }
                    return refusal;
                  }}};
  store::DispatchLog log{db};
  store::Conversation other = store::Conversations(db).open("web", "c-2", clock.now());

  llm::ToolResult call(const std::string& name, const json& arguments) {
    return tools.call({"call-1", name, arguments.dump()}, {});
  }
  static bool holds(const llm::ToolResult& result, const std::string& words) {
    return result.text.find(words) != std::string::npos;
  }
};

TEST_CASE("the tools are those of the contract, and their schemas are JSON objects") {
  std::map<std::string, json> schemas;
  for (const auto& spec : router::SecretaryTools::project_specs(true, {})) {
    CAPTURE(std::string(spec.name));
    CHECK_FALSE(spec.description.empty());
    schemas[spec.name] = json::parse(spec.schema);
    CHECK(schemas[spec.name].at("type") == "object");
    CHECK(schemas[spec.name].at("properties").is_object());
  }
  REQUIRE(schemas.size() == 5);
  const auto& dispatch = schemas.at("dispatch");
  CHECK(dispatch.at("properties").at("action").at("enum") == json({"run", "resume", "review"}));
  CHECK(dispatch.at("properties").at("confidence").at("enum") == json({"low", "medium", "high"}));
  for (const char* key : {"action", "slug", "description", "prompt", "confidence", "reason"}) {
    CHECK(dispatch.at("properties").contains(key));
  }
  const auto required = dispatch.at("required").get<std::vector<std::string>>();
  CHECK(required == std::vector<std::string>{"action", "slug", "prompt", "confidence", "reason"});
  CHECK(schemas.at("project_status").at("required") == json({"slug"}));
  CHECK(schemas.at("cancel_dispatch").at("required") == json({"slug"}));
  CHECK(schemas.at("search_projects").at("required") == json({"query"}));
  CHECK(schemas.at("list_projects").at("properties").empty());
}

TEST_CASE("without dispatch the other four tools stay, in the same words") {
  const auto with = router::SecretaryTools::project_specs(true, {});
  const auto without = router::SecretaryTools::project_specs(false, {});
  REQUIRE(without.size() == 4);
  for (std::size_t i = 0; i < without.size(); ++i) {
    CHECK(without[i].name == with[i + 1].name);
    CHECK(without[i].schema == with[i + 1].schema);
  }
}

TEST_CASE_FIXTURE(Fixture, "the list shows this chat's projects alone") {
  CHECK(holds(call("list_projects", json::object()), "no projects yet"));
  CHECK(tools.list(10).empty());
  project("todo-app", "A list of tasks");
  store::Projects(db).create("their-app", other.id, "secret", clock.now());
  const auto result = call("list_projects", json::object());
  CHECK_FALSE(result.is_error);
  CHECK(result.call_id == "call-1");
  CHECK(holds(result, "todo-app: A list of tasks (no run yet, 2026-11-22 16:05)"));
  CHECK_FALSE(holds(result, "their-app"));
}

TEST_CASE_FIXTURE(Fixture, "the status tells of the last run in the specialist's words") {
  const auto todo = project("todo-app");
  const auto id = dispatch(todo);
  CHECK(holds(call("project_status", {{"slug", "todo-app"}}), "queued"));
  log.begin(id, "s", false, "r", clock.now());
  clock.advance(std::chrono::seconds(75));
  CHECK(holds(call("project_status", {{"slug", "todo-app"}}), "Running for 1 m 15 s"));
  log.finish(id, store::DispatchOutcome::success, "All tests pass.", "{}", 0.5, clock.now());
  const auto result = call("project_status", {{"slug", "todo-app"}});
  CHECK(holds(result, "success"));
  CHECK(holds(result, "All tests pass."));
  CHECK(holds(result, "$0.50"));
}

TEST_CASE_FIXTURE(Fixture, "a very long result is shortened in a status") {
  const auto id = dispatch(project("todo-app"));
  log.finish(id, store::DispatchOutcome::success, std::string(100'000, 'z'), "{}", 0, clock.now());
  CHECK(call("project_status", {{"slug", "todo-app"}}).text.size() < 3'000);
}

TEST_CASE_FIXTURE(Fixture, "another chat's project is as unknown as one that does not exist") {
  store::Projects(db).create("their-app", other.id, "secret", clock.now());
  project("todo-app");
  for (const char* tool : {"project_status", "cancel_dispatch"}) {
    for (const char* slug : {"their-app", "no-such-app"}) {
      CAPTURE(std::string(tool));
      CAPTURE(std::string(slug));
      const auto result = call(tool, {{"slug", slug}});
      CHECK(result.is_error);
      CHECK(holds(result, "This chat has no project"));
      CHECK(holds(result, "todo-app"));
      CHECK_FALSE(holds(result, "secret"));
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a search finds this chat's projects alone") {
  project("todo-app", "Flask tasks");
  store::Projects(db).create("their-app", other.id, "Flask", clock.now());
  const auto found = call("search_projects", {{"query", "flask"}});
  CHECK(holds(found, "todo-app"));
  CHECK_FALSE(holds(found, "their-app"));
  CHECK(holds(call("search_projects", {{"query", "django"}}), "No project"));
}

TEST_CASE_FIXTURE(Fixture, "a cancellation is passed on") {
  const auto todo = project("todo-app");
  CHECK(holds(call("cancel_dispatch", {{"slug", "todo-app"}}), "Nothing is running"));
  CHECK(cancelled.empty());
  const auto id = dispatch(todo);
  const auto result = call("cancel_dispatch", {{"slug", "todo-app"}});
  CHECK_FALSE(result.is_error);
  CHECK(cancelled == std::vector{id});
}

TEST_CASE_FIXTURE(Fixture, "the model is told why a cancellation is refused") {
  dispatch(project("todo-app"));
  refusal = "Only Ada can stop this.";
  const auto result = call("cancel_dispatch", {{"slug", "todo-app"}});
  CHECK(result.is_error);
  CHECK(holds(result, "Only Ada can stop this."));
  CHECK(cancelled.empty());
}

TEST_CASE_FIXTURE(Fixture, "another chat's work cannot be cancelled") {
  auto theirs = store::Projects(db).create("their-app", other.id, "", clock.now());
  const auto id = dispatch(theirs);
  CHECK(call("cancel_dispatch", {{"slug", "their-app"}}).is_error);
  CHECK(cancelled.empty());
  CHECK_FALSE(log.cancel_requested(id));
}

TEST_CASE_FIXTURE(Fixture, "a call that makes no sense is answered with an error for the model") {
  project("todo-app");
  CHECK(call("project_status", json::object()).is_error);
  CHECK(call("project_status", {{"slug", 5}}).is_error);
  CHECK(call("project_status", json::array()).is_error);
  CHECK(call("cancel_dispatch", json::object()).is_error);
  CHECK(call("search_projects", json::object()).is_error);
  CHECK(call("search_projects", {{"query", json::array()}}).is_error);
  CHECK(call("delete_everything", json::object()).is_error);
  CHECK(call("dispatch", {{"slug", "todo-app"}}).is_error);
  CHECK(tools.call({"call-1", "project_status", "no JSON"}, {}).is_error);
}

/// A source of one tool, which changes its name after a call.
struct Weather : router::ToolSource {
  bool was_called = false;
  int* carried_out;
  explicit Weather(int* count) : carried_out(count) {}
  std::vector<llm::ToolSpec> specs() override {
    return {{was_called ? "weather_again" : "weather", "What the sky does.",
             R"({"type": "object", "properties": {}})"}};
  }
  std::optional<Result> call(const llm::ToolCall& call, std::stop_token) override {
    if (call.name != "weather") {
      return std::nullopt;
    }
    was_called = true;
    return Result{{call.id, "It rains."}, true};
  }
  std::string context() override { return "There is a sky.\n"; }
  void carry_out() override { ++*carried_out; }
};

TEST_CASE_FIXTURE(support::StoreFixture, "the tools of a source stand beside those about projects") {
  int carried_out = 0;
  router::SecretaryTools::Sources sources;
  sources.push_back(std::make_unique<Weather>(&carried_out));
  router::SecretaryTools tools{db, clock, {conversation, person.id, "UTC", {}}, std::move(sources)};
  CHECK(tools.specs(false, {}).back().name == "weather");
  CHECK(tools.context() == "This chat has no projects yet.\nThere is a sky.\n");
  CHECK(tools.call({"call-1", "list_projects", "{}"}, {}).text == "This chat has no projects yet.");
  CHECK_FALSE(tools.brought_foreign_text());
  CHECK(tools.call({"call-2", "weather", "{}"}, {}).text == "It rains.");
  CHECK(tools.brought_foreign_text());
  CHECK(tools.specs(false, {}).back().name == "weather_again");
  CHECK(carried_out == 0);
  tools.carry_out();
  CHECK(carried_out == 1);
}

}  // namespace
