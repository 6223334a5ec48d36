// A question comes in by the signed webhook, and the secretary answers it.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/chat_services/webhook_signature.h"
#include "tests/support/program/desk.h"

using support::Desk;
using support::ModelRequest;

TEST_CASE("a question is answered with one signed call that names the message") {
  Desk desk;
  desk.model.secretary("capital", {support::say("It is **Bern**.")});
  desk.start();
  const auto id = desk.say({"What is the capital of Switzerland?"});
  desk.answer_to(id);

  const auto calls = desk.callbacks.calls();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].is_signed);
  CHECK_FALSE(calls[0].id.empty());
  CHECK(*calls[0].body == nlohmann::json({{"type", "message"},
                                          {"chat_id", "c-1"},
                                          {"text", "It is **Bern**."},
                                          {"reply_to", id},
                                          {"actions", nlohmann::json::array()}}));
  CHECK(desk.model.requests(ModelRequest::From::specialist).empty());
  CHECK(desk.query("SELECT action || ' ' || substr(reason, 1, 13) || ' ' || layer FROM decisions") ==
        "answer the secretary global");
}

TEST_CASE("a repeated message_id is answered 200 and does nothing") {
  Desk desk;
  desk.start();
  const auto id = desk.say({"first", "c-1", "u-1", "same"});
  desk.answer_to(id);
  CHECK(desk.post(Desk::message_body({"first", "c-1", "u-1", "same"})).status == 200);
  CHECK(desk.post(Desk::message_body({"another text", "c-2", "u-2", "same"})).status == 200);
  // A later message of the same chat is answered after whatever the repeats could have caused.
  desk.answer_to(desk.say({"second"}));
  desk.answer_to(desk.say({"third", "c-2"}));
  CHECK(desk.callbacks.calls().size() == 3);
  CHECK(desk.query("SELECT count(*) FROM messages WHERE author = 'user'") == "3");
}

TEST_CASE("the secretary sees the conversation, but not that of another chat, and /new forgets it") {
  Desk desk;
  desk.start();
  desk.answer_to(desk.say({"my cat is called Minka"}));
  desk.answer_to(desk.say({"and my dog Rex"}));
  desk.answer_to(desk.say({"who is Minka?", "c-2"}));
  auto requests = desk.model.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[1].raw.find("Minka") != std::string::npos);
  CHECK(requests[1].body->at("messages").size() == 3);
  CHECK(requests[2].body->at("messages").size() == 1);
  desk.answer_to(desk.say({"/new"}));
  desk.answer_to(desk.say({"what is my cat called?"}));
  requests = desk.model.requests();
  REQUIRE(requests.size() == 4);
  CHECK(requests[3].raw.find("Minka") == std::string::npos);
}

TEST_CASE("a text of 100 kB is answered") {
  Desk desk;
  desk.model.secretary("needle", {support::say("Found it.")});
  desk.start();
  // It is longer than what a secretary is shown of a conversation, so she sees its two ends.
  const auto id = desk.say({"a needle " + std::string(100'000, 'x') + " and a thread at the end"});
  CHECK(desk.answer_to(id).text == "Found it.");
  CHECK(desk.model.saw("a thread at the end"));
  CHECK(desk.query("SELECT length(text) > 100000 FROM messages WHERE author = 'user'") == "1");
}

TEST_CASE("messages of one chat are answered in their order") {
  Desk desk;
  desk.start();
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) {
    ids.push_back(desk.say({"number " + std::to_string(i), "c-1", "u-" + std::to_string(i)}));
  }
  desk.answer_to(ids.back());
  std::vector<std::string> answered;
  for (const auto& call : desk.callbacks.calls()) {
    answered.push_back(call.text("reply_to"));
  }
  CHECK(answered == ids);
}

TEST_CASE(
    "a message that came while an earlier one was answered is answered alone, with that answer in view") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {support::hold(support::propose("high", "site"))});
  desk.start();
  desk.say({"build it"});
  REQUIRE(desk.model.wait_for(ModelRequest::From::secretary, 1));
  const auto thanks = desk.say({"thanks"});
  desk.model.release();
  CHECK(desk.answer_to(thanks).text == "Answer to: thanks");
  CHECK(desk.model.requests(ModelRequest::From::secretary).back().raw.find("On it: *site*") !=
        std::string::npos);
  desk.dispatch("d-1", "**Done");
  CHECK(desk.query("SELECT count(*) FROM dispatches") == "1");
}
