// What the chat and the log say when the secretary's model cannot be used.
#include <algorithm>

#include <doctest/doctest.h>

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
  desk.model.fail(ModelRequest::From::secretary,
                  support::status(200, "<html>welcome to the hotel wifi</html>"));
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
