// Other models that stand behind the secretary's.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/models/model_dialects.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::OpenAiDialect;
using support::ScriptedModel;
using support::UnansweredAddress;

namespace {

void add_fallbacks(Desk& desk, const std::vector<std::string>& urls) {
  std::string list;
  for (const auto& url : urls) {
    list += "{provider = \"openai\", model = \"qwen3\", base_url = " + support::toml_text(url) +
            ", usd_per_million_input = 0, usd_per_million_output = 100000}, ";
  }
  desk.config.set("secretary", "fallback", "[" + list + "]");
}

}  // namespace

TEST_CASE(
    "while the secretary's model is down a fallback answers, at its own price, and the record says so") {
  Desk desk;
  const ScriptedModel other({support::event_stream(OpenAiDialect::stream("I stand in.")),
                             support::event_stream(OpenAiDialect::stream("I still do."))});
  desk.config.set("secretary", "base_url", support::toml_text(support::refusing_url()));
  add_fallbacks(desk, {other.url()});
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"what is up?"})).text, "I stand in."));
  CHECK(contains(desk.answer_to(desk.say({"and now?"})).text, "I still do."));
  CHECK(desk.query("SELECT count(*) FROM decisions WHERE cause = 'rule:model-error'") == "0");
  CHECK(desk.query("SELECT DISTINCT provider || ' ' || model FROM ledger") == "openai qwen3");
  CHECK(desk.query("SELECT usd > 0.01 FROM ledger") == "1");
  const auto shown =
      support::run_frontdesk({"log", "show", "1", "--config", desk.config_file().string()}, desk.folder());
  CHECK(contains(shown.output, "qwen3"));
  // The dead one was asked for the first message only.
  const auto log = desk.program->log();
  CHECK(contains(log, "is down and asked last for 30 s"));
  CHECK(log.find("is down", log.find("is down") + 1) == std::string::npos);
}

TEST_CASE("a fallback answers for a page that says that the provider is closed, and doctor says what came") {
  Desk desk;
  const ScriptedModel other({support::event_stream(OpenAiDialect::stream("I stand in."))});
  desk.model.fail(support::ModelRequest::From::secretary, support::web_page());
  add_fallbacks(desk, {other.url()});
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"what is up?"})).text, "I stand in."));
  CHECK(contains(desk.program->log(), "a web page came instead of an answer"));
  const auto doctor =
      support::run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  CHECK(contains(doctor.output, "a web page came instead of an answer"));
}

TEST_CASE("a fallback answers after one time-out of a provider that hangs") {
  Desk desk;
  const ScriptedModel other({support::event_stream(OpenAiDialect::stream("I stand in."))});
  const UnansweredAddress silent;
  desk.config.set("secretary", "base_url", support::toml_text(silent.url()));
  add_fallbacks(desk, {other.url()});
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"what is up?"})).text, "I stand in."));
  CHECK(contains(desk.program->log(), "is down and asked last for 30 s"));
  CHECK(!contains(desk.program->log(), "trying again"));
}

TEST_CASE("a key that the secretary's model refuses hides behind no fallback") {
  Desk desk;
  const ScriptedModel other({support::event_stream(OpenAiDialect::stream("I stand in."))});
  desk.model.fail(
      support::ModelRequest::From::secretary,
      support::status(401, R"({"type":"error","error":{"type":"authentication_error","message":"no"}})"));
  add_fallbacks(desk, {other.url()});
  desk.start();
  CHECK(contains(desk.answer_to(desk.say({"what is up?"})).text, "did not accept its API key"));
  CHECK(other.requests().empty());
}

TEST_CASE("doctor says which model takes no tools") {
  Desk desk;
  const ScriptedModel other(
      {support::status(400, OpenAiDialect::error("api_error", "gemma:2b does not support tools")),
       support::event_stream(OpenAiDialect::stream("OK"))});
  add_fallbacks(desk, {other.url()});
  desk.write_config();
  const auto doctor =
      support::run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  CHECK(contains(doctor.output, "qwen3 answers at " + other.url() + ", but takes no tools"));
}

TEST_CASE("doctor checks each fallback, and a key that is wrong is named with its place in the list") {
  Desk desk;
  const ScriptedModel other({support::event_stream(OpenAiDialect::stream("OK"))});
  add_fallbacks(desk, {other.url(), support::refusing_url()});
  desk.write_config();
  const auto doctor =
      support::run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  CHECK(doctor.status == 1);
  CHECK(contains(doctor.output, "secretary.fallback[0]"));
  CHECK(contains(doctor.output, "qwen3 answers at " + other.url()));
  CHECK(contains(doctor.output, "secretary.fallback[1]"));
  CHECK(contains(doctor.output, "no connection"));
}
