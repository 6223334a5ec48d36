// What a browser is shown where something does not work, and what a program gets there.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/json_of.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::json_of;

namespace {

constexpr const char* kBrowserAccepts = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

struct Call {
  const char* method;
  const char* path;
  int status;
  const char* sentence;
  base::HttpFields headers = {};
};

}  // namespace

TEST_CASE("an error is a page for a browser and JSON for a program") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  const std::vector<Call> calls = {
      {"GET", "/nowhere", 404, "There is nothing at this address."},
      {"GET", "/assets/none.js", 404, "There is nothing at this address."},
      {"PUT", "/login", 405, "This method is not allowed here."},
      {"POST", "/", 405, "This method is not allowed here."},
      {"PUT", "/admin", 405, "This method is not allowed here."},
      {"GET", "/api/state", 401, "Please sign in again."},
      {"POST", "/login", 403, "The request comes from another site.", {{"Origin", "https://evil.example"}}},
      {"POST", "/login", 403, "The request comes from another site.", {{"Origin", "null"}}},
  };
  for (const auto& call : calls) {
    CAPTURE(std::string(call.path));
    auto headers = call.headers;
    headers.add("Accept", kBrowserAccepts);
    const auto shown = desk.call(call.method, call.path, "", headers);
    CHECK(shown.status == call.status);
    CHECK(shown.content_type.starts_with("text/html"));
    CHECK(contains(shown.body, call.sentence));
    CHECK(contains(shown.body, "<a href=\"/\">"));
    CHECK(shown.headers.get("Allow").has_value() == (call.status == 405));
    CHECK(shown.headers.get("Referrer-Policy").value_or("") == "same-origin");
    for (const char* accept : {"*/*", "application/json"}) {
      auto plain = call.headers;
      plain.add("Accept", accept);
      const auto read = desk.call(call.method, call.path, "", plain);
      CHECK(read.status == call.status);
      CHECK(json_of(read.body).value("error", "") == call.sentence);
    }
  }
  // Whoever sends to a webhook is a program, whatever it claims to accept.
  const auto webhook = desk.call("POST", "/webhooks/ops", "{}", {{"Accept", kBrowserAccepts}});
  CHECK(webhook.status == 401);
  CHECK_FALSE(json_of(webhook.body).value("error", "").empty());
}
