// /webhooks/<section>: what reaches the platform, and what the caller gets.
#include <doctest/doctest.h>

#include "bot/platforms/shared/webhook_call.h"
#include "bot/web/server.h"
#include "tests/support/services_fixture.h"

namespace {

using base::HttpResponse;

class Quiet : public bot::chat::Platform {
 public:
  std::string deliver(const store::OutgoingCall&, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    return {};
  }
};

bot::chat::IncomingMessage message(const std::string& id, const std::string& text) {
  return {id, "c-1", "u-1", "Ada", text, std::nullopt};
}

/// Takes a post of JSON or a form, and the GET by which WhatsApp verifies an address
/// (https://developers.facebook.com/docs/graph-api/webhooks/getting-started).
class Verified final : public Quiet, public bot::chat::TakesWebhooks {
 public:
  bot::chat::Received receive(const base::HttpRequest& request, base::Timestamp) const override {
    if (request.method == "GET") {
      if (request.query.get("hub.verify_token") != "right") {
        throw bot::chat::Refused(403, "The token is wrong.");
      }
      HttpResponse challenge;
      challenge.content_type = "text/plain";
      challenge.body = request.query.get("hub.challenge").value_or("");
      return {{}, challenge};
    }
    bot::shared::require_post(request);
    return {{message("m-1", request.body)}, HttpResponse::json("{}")};
  }
};

/// Takes transactions as a Matrix application service does: PUT of an address below the webhook
/// (https://spec.matrix.org/latest/application-service-api/#put_matrixappv1transactionstxnid).
class Transactions final : public Quiet, public bot::chat::TakesWebhooks {
 public:
  bot::chat::Received receive(const base::HttpRequest& request, base::Timestamp) const override {
    constexpr std::string_view kPath = "/_matrix/app/v1/transactions/";
    const auto path = bot::shared::path_below_webhook(request);
    if (request.method != "PUT" || !path.starts_with(kPath)) {
      throw bot::chat::Refused(405, "Transactions are put.", {{"Allow", "PUT"}});
    }
    return {{message(std::string(path.substr(kPath.size())), request.body)}, HttpResponse::json("{}")};
  }
};

struct Fixture : support::ServicesFixture {
  bot::messages::Intake intake{services, commits};
  bot::web::Session session{settings.server, 8787, {}, store::Database(db.path()), clock};
  bot::console::Api console{services, store::Database(db.path())};
  bot::web::ChatApi chat{services, intake, "web", store::Database(db.path())};
  bot::web::SessionStreams streams{session, [](const std::string&, std::string_view) {}};
  bot::web::Server server{services,
                          intake,
                          session,
                          console,
                          chat,
                          streams,
                          store::Database(db.path()),
                          [] { return std::size_t{0}; }};
  store::Conversations conversations{db};

  Fixture() {
    platforms["hook"] = std::make_unique<Verified>();
    platforms["matrix"] = std::make_unique<Transactions>();
    platforms["deaf"] = std::make_unique<Quiet>();
    for (const auto& [name, platform] : platforms) {
      allow(name, bot::runtime::Access::Mode::open);
    }
  }
  HttpResponse call(const std::string& method, const std::string& path, const std::string& body = "{}",
                    const std::string& type = "application/json") {
    base::HttpRequest request;
    request.method = method;
    request.path = "/webhooks/" + path;
    request.body = body;
    if (!type.empty()) {
      request.headers.add("Content-Type", type);
    }
    return server.handle(request);
  }
  std::string stored(const std::string& section, const std::string& id) {
    const auto message = conversations.stored_as(section, id);
    return message.value == 0 ? "" : conversations.message(message).text;
  }
};

TEST_CASE_FIXTURE(Fixture, "a service may verify an address by GET") {
  base::HttpRequest request;
  request.method = "GET";
  request.path = "/webhooks/hook";
  request.query = {{"hub.verify_token", "right"}, {"hub.challenge", "1158201444"}};
  const auto response = server.handle(request);
  CHECK(response.status == 200);
  CHECK(response.body == "1158201444");
  request.query = {};
  CHECK(server.handle(request).status == 403);
}

TEST_CASE_FIXTURE(Fixture, "a service may put, and add to the address that it was given") {
  CHECK(call("PUT", "matrix/_matrix/app/v1/transactions/35", "hello").status == 200);
  CHECK(stored("matrix", "35") == "hello");
  CHECK(call("POST", "matrix").status == 405);
  CHECK(call("PUT", "nobody/_matrix/app/v1/transactions/35").status == 404);
}

TEST_CASE_FIXTURE(Fixture, "the usual platform takes a post of JSON or a form, and nothing else") {
  for (const char* method : {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    CAPTURE(method);
    base::HttpRequest request;
    request.method = method;
    request.path = "/webhooks/ops";
    try {
      bot::shared::require_post(request);
      FAIL("taken");
    } catch (const bot::chat::Refused& e) {
      CHECK(e.status == 405);
      CHECK(e.headers.get("Allow") == "POST");
    }
  }
  const auto put = call("PUT", "hook");
  CHECK(put.status == 405);
  CHECK(put.headers.get("allow") == "POST");
  CHECK(put.body.find("\"error\"") != std::string::npos);
  for (const char* type : {"text/plain", "multipart/form-data; boundary=x", "application/xml", "x"}) {
    CAPTURE(type);
    CHECK(call("POST", "hook", "{}", type).status == 415);
  }
  CHECK(call("POST", "hook/below").status == 404);
  CHECK(stored("hook", "m-1").empty());
  for (const char* type : {"", "application/json; charset=utf-8", "APPLICATION/JSON",
                           "application/cloudevents+json", "application/x-www-form-urlencoded"}) {
    CAPTURE(type);
    CHECK(call("POST", "hook", "said", type).status == 200);
  }
  CHECK(stored("hook", "m-1") == "said");
}

TEST_CASE_FIXTURE(Fixture, "a chat that nobody calls, and one that is not there, have no webhook") {
  CHECK(call("POST", "deaf").status == 404);
  CHECK(call("POST", "nobody").status == 404);
  CHECK(call("POST", "").status == 404);
  CHECK(metrics.text({}).find("frontdesk_webhooks_refused_total{section=\"nobody\"") == std::string::npos);
}

}  // namespace
