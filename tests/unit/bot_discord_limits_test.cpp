// How the program keeps to Discord's limits.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/discord_fixture.h"
#include "tests/support/loopback_server.h"

namespace {

using bot::chat::NotSent;
using bot::chat::RateLimited;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using support::DiscordService;
using support::LoopbackServer;
using Fixture = support::DiscordFixture;

using Texts = std::vector<std::string>;

TEST_CASE_FIXTURE(Fixture, "Discord: 429 is obeyed, for the channel or for everything") {
  DiscordService::Behaviour limit;
  limit.status = 429;
  limit.retry_after = "64.57";
  bool global = false;
  SUBCASE("for the channel") {}
  SUBCASE("for everything") {
    global = true;
    service.limit_globally();
  }
  service.behave(limit);
  post("hello");
  try {
    deliver();
    FAIL("delivered");
  } catch (const NotSent& e) {
    CHECK(e.retry_after == milliseconds(64'570));
  }
  CHECK(support::as<bot::chat::HasRateLimit>(*platform).ready_at("500", clock.now()) >=
        clock.now() + milliseconds(64'570));
  clock.advance(seconds(1));  // more than the call took on a busy machine
  CHECK((support::as<bot::chat::HasRateLimit>(*platform).ready_at("999", clock.now()) > clock.now()) ==
        global);
  CHECK_THROWS_AS(deliver(), RateLimited);
  CHECK(service.calls().size() == 1);
  clock.advance(seconds(66));
  deliver();
  CHECK(texts() == Texts{"hello"});
}

TEST_CASE_FIXTURE(Fixture, "Discord: how long and for what a pause is, is read from body and headers") {
  struct Row {
    int status;
    const char* body;
    base::HttpFields headers;
    milliseconds here;       ///< the pause of the channel
    milliseconds elsewhere;  ///< of every other
  };
  const char* const kSent = R"({"id":"77"})";
  const Row rows[] = {
      {200, kSent, {}, {}, {}},
      {200, kSent, {{"X-RateLimit-Remaining", "1"}, {"X-RateLimit-Reset-After", "9"}}, {}, {}},
      {200,
       kSent,
       {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset-After", "9.25"}},
       milliseconds(9'250),
       {}},
      {200, kSent, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset-After", "nan"}}, {}, {}},
      {200, kSent, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset-After", "-3"}}, {}, {}},
      {200, kSent, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset-After", "1e300"}}, minutes(60), {}},
      {429, R"({"retry_after":0.5,"global":false})", {}, milliseconds(500), {}},
      {429, R"({"retry_after":7,"global":true})", {}, seconds(7), seconds(7)},
      {429, R"({"retry_after":7})", {{"X-RateLimit-Scope", "global"}}, seconds(7), seconds(7)},
      {429, R"({"retry_after":7})", {{"X-RateLimit-Scope", "shared"}}, seconds(7), {}},
      {429, R"({"retry_after":7})", {{"X-RateLimit-Global", "true"}}, seconds(7), seconds(7)},
      {429, R"({"retry_after":1e99})", {}, minutes(60), {}},
      {429, R"({"retry_after":-1})", {}, seconds(5), {}},
      {429, R"({"retry_after":"soon"})", {{"Retry-After", "3"}}, seconds(3), seconds(3)},
      {429, "<html>error 1015</html>", {{"Retry-After", "900"}}, minutes(15), minutes(15)},
      {429, "", {}, seconds(5), seconds(5)}};
  for (const auto& row : rows) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    LoopbackServer constant({row.status, row.body, "application/json", row.headers, {}});
    platform = make_at(constant.url(), DiscordService::kBotToken, "", "");
    post("hello");
    if (row.status == 200) {
      deliver();
    } else {
      CHECK_THROWS_AS(deliver(), NotSent);
    }
    const auto pause = [&](const char* channel) {
      return support::as<bot::chat::HasRateLimit>(*platform).ready_at(channel, clock.now()) - clock.now();
    };
    CHECK(pause("500") >= row.here);
    CHECK(pause("500") < row.here + seconds(3));
    CHECK(pause("999") >= row.elsewhere);
    CHECK(pause("999") < row.elsewhere + seconds(3));
    if (row.status != 200) {
      platform = make(DiscordService::kBotToken, "");
      deliver();
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "Discord: refused calls end long before Discord bans the machine") {
  LoopbackServer constant{base::HttpResponse::error(403, "no")};
  platform = make_at(constant.url(), DiscordService::kBotToken, "", "");
  store::OutgoingCall call;
  call.key = call.target_key = "msg_refused";
  call.message = say("x");
  call.post.text = "hello";
  int made = 0;
  const auto refused = [&] {
    call.chat_id = std::to_string(1'000 + made);
    clock.advance(milliseconds(200));  // more than a call takes on a busy machine
    try {
      platform->deliver(call, pieces, clock.now(), {});
    } catch (const base::PermanentError&) {
      return true;
    } catch (const RateLimited& e) {
      CHECK(e.until - clock.now() > minutes(5));
    }
    return false;
  };
  while (made < 9'000 && refused()) {
    ++made;
  }
  CHECK(made == 1'000);
}

TEST_CASE_FIXTURE(Fixture,
                  "Discord: a channel takes five messages at once, then one a second; edits are slower") {
  std::vector<store::MessageId> ids;
  for (int i = 0; i < 6; ++i) {
    ids.push_back(post("message " + std::to_string(i)));
  }
  for (int i = 0; i < 5; ++i) {
    deliver();
    clock.advance(milliseconds(100));  // more than a call takes on a busy machine
  }
  CHECK_THROWS_AS(deliver(), RateLimited);
  CHECK(service.shown().size() == 5);
  CHECK(support::as<bot::chat::HasRateLimit>(*platform).ready_at("501", clock.now()) <= clock.now());
  clock.advance(seconds(2));
  deliver();
  clock.advance(seconds(30));
  outbox.edit(ids[0], "10 %", {}, clock.now());
  deliver();
  outbox.edit(ids[0], "20 %", {}, clock.now());
  CHECK_THROWS_AS(deliver(), RateLimited);
  clock.advance(seconds(2));
  deliver();
  CHECK(service.shown().at(0).text == "20 %");
}

TEST_CASE_FIXTURE(Fixture, "Discord: a token that is refused holds everything back, longer each time") {
  platform = make("another-token", "");
  post("hello");
  for (const int expected : {1, 2, 4, 8, 10, 10}) {
    CAPTURE(expected);
    try {
      deliver();
      FAIL("delivered");
    } catch (const NotSent& e) {
      CHECK(e.retry_after == minutes(expected));
      CHECK(std::string(e.what()).find("another-token") == std::string::npos);
    }
    CHECK(support::as<bot::chat::HasRateLimit>(*platform).ready_at("999", clock.now()) >=
          clock.now() + minutes(expected));
    clock.advance(minutes(expected) + seconds(5));
  }
}

}  // namespace
