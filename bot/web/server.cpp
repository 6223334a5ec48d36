#include "bot/web/server.h"

#include "base/form.h"
#include "base/log.h"
#include "bot/messages/receiver.h"
#include "bot/texts/page.h"
#include "bot/web/asset_responses.h"
#include "bot/web/error_page.h"
#include "bot/web/gauges.h"
#include "bot/web/metrics_access.h"
#include "bot/web/page_address.h"

namespace bot::web {
namespace {

using base::HttpRequest;
using base::HttpResponse;

constexpr std::string_view kWebhooks = "/webhooks/";
constexpr std::string_view kApi = "/api/";
constexpr std::string_view kConsoleApi = "v1/";  // below kApi
constexpr std::string_view kAssets = "/assets/";

/// Senders give a call up after a few seconds, and then both sides have worked for nothing.
constexpr std::chrono::seconds kStoredWithin{2};

constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

HttpResponse html(std::string_view name, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.body = page_html(name);
  response.content_type = "text/html; charset=utf-8";
  return response;
}

HttpResponse redirect(const std::string& to) {
  HttpResponse response;
  response.status = 303;
  response.content_type = "text/plain";
  response.headers.add("Location", to);
  return response;
}

/// For every page and every answer of its API.
void harden(HttpResponse& response) {
  response.headers.add("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.add("X-Content-Type-Options", "nosniff");
  // Not "no-referrer": with that a browser sends "Origin: null" along with our own forms.
  response.headers.add("Referrer-Policy", "same-origin");
  if (!response.headers.get("Cache-Control")) {  // assets have their own
    response.headers.add("Cache-Control", "no-store");
  }
}

HttpResponse wrong_method() {
  return HttpResponse::error(405, texts::kWrongMethod);
}

}  // namespace

Server::Server(runtime::Services& services, messages::Intake& intake, Session& session, console::Api& console,
               ChatApi& chat, store::Database db, std::function<std::size_t()> open_streams)
    : services_(services),
      intake_(intake),
      session_(session),
      console_(console),
      chat_(chat),
      db_(std::move(db)),
      open_streams_(std::move(open_streams)) {}

HttpResponse Server::handle(const HttpRequest& request) {
  const bool get = request.method == "GET" || request.method == "HEAD";
  if (request.path.starts_with(kWebhooks)) {
    const auto name = request.path.substr(kWebhooks.size());
    return webhook(request, name.substr(0, name.find('/')));
  }
  if (request.path == "/healthz") {
    return get ? HttpResponse::json(R"({"status":"ok"})") : wrong_method();
  }
  if (request.path == "/readyz") {
    return get ? readiness() : wrong_method();
  }
  if (request.path == "/metrics") {
    const auto refused = refuse_metrics(request, services_.settings.server.metrics_token);
    return refused ? *refused : get ? metrics() : wrong_method();
  }
  const auto foreign = session_.foreign(request);
  auto response = foreign                          ? HttpResponse::error(403, *foreign)
                  : request.path.starts_with(kApi) ? api(request)
                  : request.path == "/login"       ? login(request)
                  : request.path == "/"            ? (get ? page(request) : wrong_method())
                  : request.path.starts_with(kAssets)
                      ? (get ? asset_response(request, request.path.substr(kAssets.size())) : wrong_method())
                      : HttpResponse::error(404, texts::kNotFound);
  if (response.status >= 400 && response.content_type == "application/json" && wants_page(request)) {
    response = error_page(response);
  }
  harden(response);
  return response;
}

HttpResponse Server::not_taken(const std::string& section, int status, const char* sentence) {
  services_.metrics.webhook_refused(section, status);
  auto response = HttpResponse::error(status, sentence);
  response.headers.add("Retry-After", "5");
  return response;
}

HttpResponse Server::webhook(const HttpRequest& request, const std::string& name) {
  auto* const platform = services_.platform(name);
  if (platform == nullptr) {
    return HttpResponse::error(404, texts::kNoSuchChat);
  }
  const auto* const hooks = chat::capability<chat::TakesWebhooks>(platform);
  if (hooks == nullptr) {
    services_.metrics.webhook_refused(name, 404);
    return HttpResponse::error(404, texts::kNoWebhook);
  }
  // It waited for a worker, and all of them for the database.
  if (request.received_at != std::chrono::steady_clock::time_point() &&
      std::chrono::steady_clock::now() - request.received_at > kStoredWithin) {
    return not_taken(name, 503, texts::kMessageNotStored);
  }
  try {
    const auto received = hooks->receive(request, services_.clock.now());
    messages::SectionReceiver receiver(intake_, name, *platform);
    for (const auto& incoming : received.incoming) {
      receiver.take(incoming);
    }
    return received.response;
  } catch (const chat::Refused& e) {
    services_.metrics.webhook_refused(name, e.status);
    auto response = HttpResponse::error(e.status, e.what());
    response.headers = e.headers;
    return response;
  } catch (const messages::BacklogFull& e) {
    base::log_error("{}: {}, the sender is to try again later", name, e.what());
    return not_taken(name, 429, texts::kTooMuchWaiting);
  } catch (const std::exception& e) {
    base::log_error("{}: a message could not be stored, the sender is to try again: {}", name, e.what());
    return not_taken(name, 503, texts::kMessageNotStored);
  }
}

HttpResponse Server::page(const HttpRequest& request) {
  if (const auto token = request.query.get("token"); token && !session_.has_password()) {
    const auto login = session_.log_in(*token, session_.client_of(request));
    if (login.too_many) {
      return HttpResponse::error(429, texts::kTooManyTokens);
    }
    if (login.cookie) {
      auto response = redirect("/");
      response.headers.add("Set-Cookie", *login.cookie);
      return response;
    }
  }
  if (session_.is_logged_in(request)) {
    return html("index.html");
  }
  return html(session_.has_password() ? "login.html" : "token.html", 401);
}

HttpResponse Server::login(const HttpRequest& request) {
  if (request.method != "POST") {
    return wrong_method();
  }
  const auto login = session_.log_in(base::form_field(request.body, "password"), session_.client_of(request));
  if (login.too_many) {
    return HttpResponse::error(429, texts::kTooManyPasswords);
  }
  if (!login.cookie) {
    return redirect("/#wrong");  // the page says so, by its :target
  }
  auto response = redirect("/");
  response.headers.add("Set-Cookie", *login.cookie);
  return response;
}

HttpResponse Server::api(const HttpRequest& request) {
  if (!session_.is_logged_in(request)) {
    return HttpResponse::error(401, session_.has_password() ? texts::kLogInAgain : texts::kOpenAddressAgain);
  }
  const auto path = std::string_view(request.path).substr(kApi.size());
  if (path.starts_with(kConsoleApi)) {
    const console::Caller caller{"admin", console::Role::admin};
    return console_.handle(request, path.substr(kConsoleApi.size() - 1), caller);
  }
  return chat_.handle(request, path, kLocalUser);
}

HttpResponse Server::readiness() {
  if (!ready_ || services_.stopping) {
    return HttpResponse::error(503, texts::kNotReady);
  }
  try {
    db_.with([this](store::Database& db) { db.probe_write(services_.clock.now()); });
  } catch (const std::exception& e) {
    base::log_error("readyz: {}", e.what());
    return HttpResponse::error(503, texts::kDatabaseUnwritable);
  }
  return HttpResponse::json(R"({"status":"ready"})");
}

HttpResponse Server::metrics() {
  auto gauges = db_.with([&](store::Database& db) { return web::gauges(services_, db); });
  gauges.event_streams = open_streams_();
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = services_.metrics.text(gauges);
  return response;
}

}  // namespace bot::web
