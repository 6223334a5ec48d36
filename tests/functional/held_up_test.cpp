// One of each that does not answer: a chat service, the model, a specialist. None holds up the others.
#include <chrono>

#include <doctest/doctest.h>

#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/http_loop.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::ModelRequest;

TEST_CASE("a dead service, a model call that hangs and a specialist that hangs hold nobody else up") {
  Desk desk(Desk::Claude::real);
  // Connections are made, and nothing is ever read or answered.
  support::HttpLoop dead;
  const int port = dead.listen([](std::string_view, std::string_view) { return std::string(); });
  desk.config.set("chat.dead", "platform", "\"webhook\"")
      .set("chat.dead", "secret", "\"file:ops.secret\"")
      .set("chat.dead", "callback_url", "\"http://127.0.0.1:" + std::to_string(port) + "/\"");
  desk.model.secretary("hang here", {support::hold()});
  desk.model.secretary("build", {support::propose("high", "site")});
  desk.model.specialist("build", {support::hold(support::say("Built."))});
  desk.start();

  // More answers than there are threads that deliver to one service.
  for (int i = 0; i < 8; ++i) {
    const auto id = "dead-" + std::to_string(i);
    const auto body = Desk::message_body({.text = "hello", .chat = id, .user = id, .id = id});
    CHECK(desk.call("POST", "/webhooks/dead", body, support::sign(Desk::kSecret, id, body)).status == 200);
  }
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 8));
  desk.say({.text = "hang here", .chat = "c-hangs", .user = "u-hangs"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 9));
  desk.say({.text = "build it", .chat = "c-builds", .user = "u-builds"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::specialist, 1));

  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) {
    const auto chat = "c-" + std::to_string(i);
    const auto said = desk.say({.text = "what about " + chat, .chat = chat, .user = "u-" + chat});
    CHECK(contains(desk.answer_to(said).text, "Answer to: what about " + chat));
    const auto command = desk.say({.text = "/status", .chat = chat, .user = "u-" + chat});
    CHECK_FALSE(desk.answer_to(command).text.empty());
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  CHECK(desk.query("SELECT count(*) FROM outbox WHERE state = 'delivered' AND conversation_id IN "
                   "(SELECT id FROM conversations WHERE section = 'dead')") == "0");

  desk.model.release();
  CHECK(contains(desk.dispatch("d-1", "**Done").text, "Built."));
}
