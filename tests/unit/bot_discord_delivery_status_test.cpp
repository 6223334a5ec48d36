// What becomes of calls whose answers are lost.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tests/support/chat_services/discord_fixture.h"
#include "tests/support/loopback_server.h"

namespace {

using nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;
using store::ButtonKind;
using support::DiscordService;
using support::LoopbackServer;
using Fixture = support::DiscordFixture;
using Texts = std::vector<std::string>;

TEST_CASE_FIXTURE(Fixture, "Discord: a clock that is wrong by hours shows nothing twice") {
  std::string asked;
  bool answers = false;
  int wrong = 5;
  SUBCASE("a message of its own, ahead") {}
  SUBCASE("a message of its own, behind") {
    wrong = -5;
  }
  SUBCASE("an answer to a click, ahead") {
    answers = true;
  }
  SUBCASE("an answer to a click, behind") {
    answers = true;
    wrong = -5;
  }
  // A click is taken by the right time alone.
  if (answers) {
    post("Shall I?", {}, {{ButtonKind::yes, 5, "Yes"}});
    deliver();
    asked = received(service.click(service.shown().at(0), "Yes"));
  }
  clock.set(clock.now() + std::chrono::hours(wrong));
  lose_answers(1);
  post("hello", asked);
  CHECK_THROWS_AS(deliver(), base::TransientError);
  service.forget_nonces();
  clock.advance(minutes(5));
  const auto id = deliver();
  CHECK(texts().back() == "hello");
  CHECK(service.shown().size() == (answers ? 2U : 1U));
  if (answers) {
    CHECK(id == service.shown().back().id);
  }
}

TEST_CASE_FIXTURE(Fixture, "Discord: a message that lies too far back to be found is not sent again") {
  lose_answers(1);
  post("hello");
  CHECK_THROWS_AS(deliver(), base::TransientError);
  service.forget_nonces();
  service.fill("500", 600);
  clock.advance(minutes(5));
  CHECK(deliver().empty());
  CHECK(pieces.doubtful_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "Discord: a message is found behind some hundred others") {
  lose_answers(1);
  post("hello");
  CHECK_THROWS_AS(deliver(), base::TransientError);
  service.forget_nonces();
  service.fill("500", 250);
  clock.advance(minutes(5));
  CHECK(deliver() == service.shown().at(0).id);
  CHECK(texts() == Texts{"hello"});
}

TEST_CASE_FIXTURE(Fixture, "Discord: without the right to read, the nonce alone prevents a second message") {
  service.hide_history("500");
  lose_answers(1);
  post("hello", received(service.click({"1", "500", "Shall I?", {}, {}, {{"Yes", "b1"}}}, "Yes")));
  CHECK_THROWS_AS(deliver(), base::TransientError);
  clock.advance(seconds(90));
  CHECK_FALSE(deliver().empty());
  CHECK(texts() == Texts{"hello"});
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: what may have gone by the interaction is not sent again by the interaction") {
  command("a note, so that the first answer is another");
  service.close_channel("500");
  const auto asked = command();
  say_and_deliver("note", asked);
  lose_answer_by_interaction();
  post("hello", asked);
  CHECK_THROWS_AS(deliver(), base::TransientError);
  platform = make(DiscordService::kBotToken, "");
  CHECK_THROWS_AS(deliver(), base::TransientError);
  CHECK(deliver().empty());
  CHECK(texts() == Texts{"note", "hello"});
  CHECK(pieces.doubtful_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "Discord: a message that arrived although nobody was told is shown once") {
  SUBCASE("by the nonce, at once") {
    lose_answers(2);
    post("hello");
    CHECK_THROWS_AS(deliver(), base::TransientError);
    CHECK_THROWS_AS(deliver(), base::TransientError);
    deliver();
    CHECK(calls("GET", "/messages").empty());
  }
  SUBCASE("by a look into the channel, once nonces are forgotten") {
    lose_answers(1);
    post("hello", {}, {{ButtonKind::yes, 5, "Yes"}});
    CHECK_THROWS_AS(deliver(), base::TransientError);
    service.forget_nonces();
    clock.advance(minutes(5));
    deliver();
    CHECK(calls("GET", "/messages").size() == 1);
    CHECK(calls("POST", "/messages").size() == 1);
  }
  SUBCASE("as the answer to a command") {
    lose_answers(2);
    post("hello", command());
    CHECK_THROWS_AS(deliver(), base::TransientError);
    clock.advance(minutes(3));
    CHECK_THROWS_AS(deliver(), base::TransientError);
    deliver();
    CHECK(calls("POST", "/messages").empty());
  }
  SUBCASE("as the answer to a command that is over since") {
    const auto asked = command();
    clock.advance(minutes(13));
    lose_answers(1);
    post("hello", asked);
    CHECK_THROWS_AS(deliver(), base::TransientError);
    service.end_interactions();
    clock.advance(minutes(13));
    deliver();
    CHECK(calls("POST", "/messages").empty());
  }
  SUBCASE("as a further message of an interaction") {
    const auto asked = command();
    say_and_deliver("note", asked);
    lose_answers(1);
    post("hello", asked);
    CHECK_THROWS_AS(deliver(), base::TransientError);
    clock.advance(seconds(5));
    deliver();
    CHECK(calls("POST", "/messages").size() == 2);  // with the same nonce
    CHECK(texts() == Texts{"note", "hello"});
    return;
  }
  CHECK(texts() == Texts{"hello"});
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: a command that still shows the thinking when it is over was not answered") {
  const auto asked = command();
  clock.advance(minutes(13));
  break_call();
  post("hello", asked);
  CHECK_THROWS_AS(deliver(), base::TransientError);
  service.end_interactions();
  clock.advance(minutes(13));
  deliver();
  CHECK(texts() == Texts{"hello"});
  CHECK(calls("POST", "/messages").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "Discord: a message that did not arrive is sent again, also much later") {
  say_and_deliver("a channel with a history");
  break_call();
  post("hello");
  CHECK_THROWS_AS(deliver(), base::TransientError);
  say_and_deliver_elsewhere();
  clock.advance(minutes(30));
  deliver();
  CHECK(texts() == Texts{"a channel with a history", "hello", "hello"});
  CHECK(service.shown().back().chat == "500");
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: an earlier message with the same words is not taken for the one in doubt") {
  say_and_deliver("Done.");
  break_call();
  post("Done.", {}, {{ButtonKind::give, 5, "More"}});
  CHECK_THROWS_AS(deliver(), base::TransientError);
  service.forget_nonces();
  clock.advance(minutes(5));
  deliver();
  CHECK(texts() == Texts{"Done.", "Done."});
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: where nonces are shown, the same words of another message do not count") {
  service.tell_nonces();
  say_and_deliver("Done.");
  break_call();
  post("Done.");
  CHECK_THROWS_AS(deliver(), base::TransientError);
  service.forget_nonces();
  clock.advance(minutes(5));
  deliver();
  CHECK(texts() == Texts{"Done.", "Done."});
}

TEST_CASE_FIXTURE(Fixture, "Discord: what nobody can look up is never sent a second time") {
  lose_answers(1);
  SUBCASE("the channel is closed") {
    post("hello");
    CHECK_THROWS_AS(deliver(), base::TransientError);
    service.close_channel("500");
    clock.advance(minutes(5));
    CHECK(deliver().empty());
  }
  SUBCASE("the history is hidden") {
    service.hide_history("500");
    post("hello");
    CHECK_THROWS_AS(deliver(), base::TransientError);
    clock.advance(minutes(5));
    CHECK(deliver().empty());
  }
  SUBCASE("a further message of an interaction, at once") {
    service.close_channel("500");
    const auto asked = command();
    post("note", asked);
    CHECK_THROWS_AS(deliver(), base::TransientError);
    deliver();
    // The bot's own call is refused first, so the lost answer must be that of the second.
    lose_answer_by_interaction();
    post("hello", asked);
    CHECK_THROWS_AS(deliver(), base::TransientError);
    CHECK(deliver().empty());
    CHECK(texts() == Texts{"note", "hello"});
    CHECK(pieces.doubtful_count() == 1);
    return;
  }
  CHECK(texts() == Texts{"hello"});
  CHECK(pieces.doubtful_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "Discord: an answer that names no message leaves it in doubt") {
  for (const char* body : {"", "null", "[]", "{}", "not JSON", R"({"id":7})", R"({"id":"x/../y"})"}) {
    CAPTURE(body);
    LoopbackServer constant{base::HttpResponse::json(body)};
    platform = make_at(constant.url(), DiscordService::kBotToken, "", "");
    const auto id = post("hello");
    CHECK_THROWS_AS(deliver(), base::TransientError);
    REQUIRE(pieces.of(id).size() == 1);
    CHECK(pieces.of(id)[0].external_id.empty());
    platform = make(DiscordService::kBotToken, "");
    deliver();
  }
}

}  // namespace
