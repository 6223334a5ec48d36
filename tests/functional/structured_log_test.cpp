// What the program's own log says of a message on its way.
#include <csignal>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/rfc3339.h"
#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::propose;

namespace {

struct LogDesk : Desk {
  LogDesk() : Desk(Claude::fake) { model.secretary("surely", {propose("high", "site")}); }
  /// The events about that message, in their order.
  std::vector<nlohmann::json> events_of(const std::string& id) {
    std::vector<nlohmann::json> events;
    for (const auto& line : support::lines_of(program->log())) {
      auto object = nlohmann::json::parse(line, nullptr, false);
      if (object.is_object() && object.value("id", "") == id) {
        events.push_back(std::move(object));
      }
    }
    return events;
  }
  std::string names(const std::vector<nlohmann::json>& events) {
    std::string names;
    for (const auto& event : events) {
      names += event.value("event", "") + " ";
    }
    return names;
  }
};

}  // namespace

TEST_CASE("one id follows a message through every step of the log, as JSON and without its words") {
  LogDesk desk;
  desk.config.set("server", "log", R"("json")");
  desk.start();
  const auto asked = desk.say({"what time is it in Sesame Street?"});
  desk.answer_to(asked);
  const auto ordered = desk.say({"=surely build the castle"});
  desk.dispatch("d-1", "**Done");

  CHECK(desk.stop(SIGTERM) == 0);
  const auto answered = desk.events_of("ops:" + asked);
  CHECK(desk.names(answered) == "received decided delivered ");
  for (const auto& event : answered) {
    CHECK(event.value("message", 0) == 1);
    CHECK(event.value("level", "") == "info");
    CHECK(base::parse_rfc3339(event.value("at", "")));
  }
  CHECK(answered[1].value("decision", 0) == 1);
  CHECK(answered[1].value("action", "") == "answer");
  CHECK(answered[2].value("call", "").starts_with("msg_"));
  const auto run = desk.names(desk.events_of("ops:" + ordered));
  CHECK(run.starts_with("received decided dispatched delivered "));
  CHECK(contains(desk.program->log(), R"("event":"finished")"));
  CHECK_FALSE(contains(desk.program->log(), "Sesame"));
  CHECK_FALSE(contains(desk.program->log(), "castle"));
}

TEST_CASE("a failed turn is named in the log by an id that log show knows") {
  LogDesk desk;
  desk.start();
  desk.model.fail(
      support::ModelRequest::From::secretary,
      support::status(401, R"({"type":"error","error":{"type":"authentication_error","message":"no"}})"));
  const auto asked = desk.say({"what time is it?"});
  desk.answer_to(asked);
  CHECK(desk.stop(SIGTERM) == 0);
  CHECK(contains(desk.program->log(), "ops:" + asked + " (message 1): the secretary's model failed"));
  const auto shown = support::run_frontdesk(
      {"log", "show", "ops:" + asked, "--config", desk.config_file().string()}, desk.folder());
  CHECK(shown.status == 0);
  CHECK(contains(shown.output, "model-error"));
}
