#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "dispatch/adapters/background_work.h"

namespace {

using nlohmann::json;

struct Fixture {
  dispatch::BackgroundWork work;

  bool take(const json& event) { return work.take(event.dump()); }
  static json task(const std::string& id, const std::string& type = "local_bash",
                   const json& more = json::object()) {
    json made = {{"task_id", id}, {"task_type", type}, {"description", "work " + id}};
    made.update(more);
    return made;
  }
  bool runs(json tasks) {
    return take({{"type", "system"}, {"subtype", "background_tasks_changed"}, {"tasks", std::move(tasks)}});
  }
  void ended(const std::string& id, const std::string& status = "completed") {
    take({{"type", "system"},
          {"subtype", "task_notification"},
          {"task_id", id},
          {"run_id", "run-" + id},
          {"status", status}});
  }
  void result_about(const std::string& run) {
    take({{"type", "result"}, {"origin", {{"kind", "task-notification"}, {"runId", run}}}});
  }
};

TEST_CASE_FIXTURE(Fixture, "each list replaces the one before, but for what keeps nobody waiting") {
  CHECK(work.empty());
  CHECK(runs(json::array({task("a"), task("b", "local_agent")})));
  CHECK(work.descriptions() == std::vector<std::string>{"work a", "work b"});
  CHECK(work.command_is_running());
  CHECK(runs(json::array({task("b", "local_agent"), task("c", "monitor", {{"ambient", true}}),
                          task("d", "remote_agent", {{"off_host", true}})})));
  CHECK(work.descriptions() == std::vector<std::string>{"work b"});
  CHECK_FALSE(work.command_is_running());
  CHECK(runs(json::array()));
  CHECK(work.empty());
}

TEST_CASE_FIXTURE(Fixture, "of what has ended the model is told in a turn of its own") {
  runs(json::array({task("a"), task("b")}));
  ended("a");
  ended("b", "failed");
  runs(json::array());
  CHECK(work.awaits_turn());
  result_about("run-a");
  CHECK(work.awaits_turn());
  result_about("run-b");
  CHECK_FALSE(work.awaits_turn());
}

TEST_CASE_FIXTURE(Fixture, "or within the turn that goes on") {
  runs(json::array({task("a")}));
  ended("a");
  take({{"type", "result"}, {"result", "of the turn before"}});
  CHECK(work.awaits_turn());
  take({{"type", "user"},
        {"message", {{"content", "<task-notification>\n<task-id>a</task-id>\n</task-notification>"}}}});
  CHECK_FALSE(work.awaits_turn());
}

TEST_CASE_FIXTURE(Fixture,
                  "of what it has stopped itself, and of what was in the foreground, it is not told") {
  runs(json::array({task("a")}));
  ended("a", "stopped");
  ended("never in the background");
  CHECK_FALSE(work.awaits_turn());
}

TEST_CASE_FIXTURE(Fixture, "a result that does not name its run is about all of it") {
  runs(json::array({task("a")}));
  ended("a");
  take({{"type", "result"}, {"origin", {{"kind", "task-notification"}}}});
  CHECK_FALSE(work.awaits_turn());
}

TEST_CASE_FIXTURE(Fixture, "words that only look like these events are passed over") {
  CHECK_FALSE(take({{"type", "assistant"}, {"text", "\"background_tasks_changed\" \"task_notification\""}}));
  CHECK_FALSE(work.take("{\"subtype\":\"background_tasks_changed\",\"tasks\":7"));
  CHECK(work.take("{\"subtype\":\"background_tasks_changed\",\"tasks\":7}"));
  CHECK_FALSE(work.take("\"task_notification\""));
  CHECK(work.empty());
}

}  // namespace
