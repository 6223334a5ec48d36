// What the doctor says of Mattermost, and what is to be entered there.
#include <doctest/doctest.h>

#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/mattermost_fixture.h"
#include "tests/support/loopback_server.h"
#include "tests/support/text.h"

namespace {

using Mark = bot::chat::CheckResult::Mark;
using support::contains;
using Fixture = support::MattermostFixture;

TEST_CASE_FIXTURE(Fixture,
                  "the check tells a wrong token, a person's account and an address that leads nowhere") {
  const support::LoopbackServer reachable([](const base::HttpRequest& request) {
    return request.path == "/healthz" ? base::HttpResponse::json(R"({"status":"ok"})")
                                      : base::HttpResponse::error(404, "no");
  });
  const auto check = [&](const Section& section) {
    return support::as<bot::chat::ChecksSetup>(*make(section)).check(bot::chat::Repair::no);
  };
  auto results = check({.public_url = reachable.url()});
  REQUIRE(results.size() == 2);
  CHECK(results[0].mark == Mark::ok);
  CHECK(contains(results[0].detail, "@frontdesk"));
  CHECK(results[1].mark == Mark::ok);
  CHECK(contains(results[1].detail, reachable.url() + "/webhooks/svc"));
  // Mattermost does not call its own network unasked.
  CHECK(contains(results[1].detail, "AllowedUntrustedInternalConnections"));

  mattermost.set_is_bot(false);
  CHECK(check({.public_url = reachable.url()})[0].mark == Mark::warning);
  results = check({.token = "wrong-token-0815", .webhook_token = "", .public_url = ""});
  REQUIRE(results.size() == 3);
  CHECK(results[0].mark == Mark::failure);
  CHECK(contains(results[0].detail, "access token"));
  CHECK_FALSE(contains(results[0].detail, "0815"));
  CHECK(results[1].mark == Mark::warning);
  CHECK(contains(results[1].detail, "buttons"));
  CHECK(results[2].mark == Mark::warning);
  CHECK(contains(results[2].detail, "webhook_token"));
  CHECK(check({.public_url = "http://127.0.0.1:1"})[1].mark == Mark::failure);
}

TEST_CASE("what is to be entered at Mattermost has this installation's address") {
  const auto text = bot::mattermost::platform_type().setup_text("https://bot.example/", "corp");
  CHECK(contains(text, "https://bot.example/webhooks/corp"));
  CHECK(contains(text, "Trigger words: @frontdesk"));
  CHECK(contains(bot::mattermost::platform_type().setup_text("", "corp"), "/webhooks/corp"));
}

}  // namespace
