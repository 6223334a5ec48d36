#include "bot/web/server.h"

#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/form.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/reporting/gauges.h"
#include "bot/texts/page.h"
#include "bot/web/asset_responses.h"
#include "bot/web/error_page.h"
#include "bot/web/metrics_access.h"
#include "bot/web/pages.h"

namespace bot::web {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using console::wrong_method;

constexpr std::string_view kWebhooks = "/webhooks/";
constexpr std::string_view kApi = "/api/";
constexpr std::string_view kConsoleApi = "v1/";  // below kApi
constexpr std::string_view kLogOut = "v1/logout";
constexpr std::string_view kAssets = "/assets/";
constexpr std::string_view kConsole = "/admin";
constexpr std::string_view kBelowConsole = "/admin/";  // the console's views have addresses of their own

/// Senders give a call up after a few seconds, and then both sides have worked for nothing.
constexpr std::chrono::seconds kStoredWithin{2};

constexpr const char* kReads = "GET, HEAD";

/// Says how long to wait, too.
HttpResponse too_many(const char* sentence) {
  auto response = HttpResponse::error(429, sentence);
  response.headers.add("Retry-After", "60");
  return response;
}

bool is_change(const HttpRequest& request) {
  return request.method != "GET" && request.method != "HEAD";
}

bool wants_json(const HttpRequest& request) {
  const auto accept = request.headers.get("Accept").value_or("");
  return accept.find("application/json") != std::string::npos && !wants_page(request);
}

}  // namespace

base::HttpServer::Options http_options(const runtime::ServerSettings& server,
                                       std::function<void(int, std::string_view)> on_refusal) {
  return {.host = server.host,
          .port = server.port,
          .trusted_proxies = server.behind_proxy ? server.trusted_proxies : std::vector<std::string>(),
          .prompt_paths = {"/healthz"},
          .on_refusal = std::move(on_refusal)};
}

Server::Server(runtime::Services& services, messages::Intake& intake, Session& session, console::Api& console,
               ChatApi& chat, SessionStreams& streams, store::Database db,
               std::function<std::size_t()> open_streams)
    : services_(services),
      intake_(intake),
      session_(session),
      console_(console),
      chat_(chat),
      streams_(streams),
      db_(std::move(db)),
      open_streams_(std::move(open_streams)) {}

HttpResponse Server::handle(const HttpRequest& request) {
  const bool get = request.method == "GET" || request.method == "HEAD";
  if (request.path.starts_with(kWebhooks)) {
    const auto name = request.path.substr(kWebhooks.size());
    return webhook(request, name.substr(0, name.find('/')));
  }
  if (request.path == "/healthz") {
    return get ? HttpResponse::json(R"({"status":"ok"})") : wrong_method(kReads);
  }
  if (request.path == "/readyz") {
    return get ? readiness() : wrong_method(kReads);
  }
  if (request.path == "/metrics") {
    const auto refused = refuse_metrics(request, services_.settings.server.metrics_token);
    return refused ? *refused : get ? metrics() : wrong_method(kReads);
  }
  const auto foreign = session_.foreign(request);
  auto response = foreign ? HttpResponse::error(403, *foreign) : own(request);
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

void Server::note_refusal(int status, std::string_view target) {
  const std::string path(target.substr(0, target.find('?')));
  if (path.starts_with(kWebhooks) && services_.platform(path.substr(kWebhooks.size())) != nullptr) {
    services_.metrics.webhook_refused(path.substr(kWebhooks.size()), status);
  }
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
    auto received = hooks->receive(request, services_.clock.now());
    messages::SectionReceiver receiver(intake_, name, *platform);
    if (received.incoming.size() == 1) {
      if (auto response = base::LaterResponse::take()) {
        take_later(receiver, name, std::move(received), *std::move(response));
        return {};
      }
    }
    for (const auto& incoming : received.incoming) {
      receiver.take(incoming);
    }
    return received.response;
  } catch (const chat::Refused& e) {
    services_.metrics.webhook_refused(name, e.status);
    auto response = HttpResponse::error(e.status, e.what());
    response.headers = e.headers;
    return response;
  } catch (...) {
    return not_stored(name, std::current_exception());
  }
}

/// The worker has done its part: whoever commits what it wrote sends the response.
void Server::take_later(messages::SectionReceiver& receiver, const std::string& name, chat::Received received,
                        base::LaterResponse response) {
  auto incoming = std::move(received.incoming.front());
  const auto later = std::make_shared<base::LaterResponse>(std::move(response));
  receiver.take_later(std::move(incoming), [this, name, later, response = std::move(received.response)](
                                               const std::exception_ptr& error) {
    later->send(error ? not_stored(name, error) : response);
  });
}

HttpResponse Server::not_stored(const std::string& name, const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const messages::TooManyWaiting& e) {
    return not_taken(name, 429, e.what());
  } catch (const messages::BacklogFull& e) {
    base::log_error("{}: {}, the sender is to try again later", name, e.what());
    return not_taken(name, 429, texts::kTooMuchWaiting);
  } catch (const std::exception& e) {
    base::log_error("{}: a message could not be stored, the sender is to try again: {}", name, e.what());
    return not_taken(name, 503, texts::kMessageNotStored);
  }
}

/// What only our own pages ask for.
HttpResponse Server::own(const HttpRequest& request) {
  const bool get = request.method == "GET" || request.method == "HEAD";
  if (request.path.starts_with(kApi)) {
    return api(request);
  }
  if (request.path == "/login") {
    // Whoever reads the page after a wrong password once more is asked anew.
    return request.method == "POST" ? login(request) : get ? redirect("/") : wrong_method("GET, HEAD, POST");
  }
  if (request.path == "/" || request.path == kConsole || request.path.starts_with(kBelowConsole)) {
    return get ? page(request) : wrong_method(kReads);
  }
  if (request.path.starts_with(kAssets)) {
    return get ? asset_response(request, request.path.substr(kAssets.size())) : wrong_method(kReads);
  }
  return HttpResponse::error(404, texts::kNotFound);
}

HttpResponse Server::page(const HttpRequest& request) {
  const bool chat = request.path == "/";
  const auto visitor = session_.visitor(request);
  // Whoever has a session needs no token: an old address in a bookmark is no guess. What another site has put
  // into its page is not looked at, so that it can use up nobody's guesses.
  if (const auto token = request.query.get("token");
      token && !session_.has_password() && !is_embedded(request)) {
    if (visitor) {
      return redirect(target_of(wanted_of(request), true));
    }
    const auto login = session_.log_in({.secret = *token, .client = session_.client_of(request)});
    if (login.too_many) {
      return too_many(texts::kTooManyTokens);
    }
    if (login.cookie) {
      auto response = redirect(target_of(wanted_of(request), true));
      response.headers.add("Set-Cookie", *login.cookie);
      return response;
    }
  }
  if (!visitor) {
    const auto wanted = wanted_of(request);
    return came_by_link(request) ? ask_again_page(wanted) : sign_in_page(session_, wanted);
  }
  if (chat && !visitor->caller.chat) {
    return no_chat_page();
  }
  auto shown = signed_in_page(chat ? "index.html" : "admin.html", *visitor);
  if (!chat && !is_section_of_console(request.path)) {
    shown.status = 404;  // which the page says, too
  }
  return shown;
}

HttpResponse Server::login(const HttpRequest& request) {
  const auto type = request.headers.get("Content-Type").value_or("");
  const auto field = [&](const char* name) { return base::field_of_form(type, request.body, name); };
  const auto secret = field("password");
  if (!secret) {
    return HttpResponse::error(415, texts::kNotForm);
  }
  const auto wanted = field("to").value_or("");
  const auto login = session_.log_in(
      {.name = field("name").value_or(""), .secret = *secret, .client = session_.client_of(request)});
  const bool is_program = wants_json(request);
  if (login.too_many) {
    return too_many(texts::kTooManyPasswords);
  }
  if (!login.cookie) {
    return wants_page(request) ? wrong_password_page(session_, target_of(wanted, true))
                               : HttpResponse::error(401, texts::kWrongPassword);
  }
  auto response =
      is_program
          ? HttpResponse::json(base::dump_json(
                {{"name", login.user.name}, {"role", to_string(login.user.role)}, {"chat", login.user.chat}}))
          : redirect(target_of(wanted, login.user.chat));
  response.headers.add("Set-Cookie", *login.cookie);
  return response;
}

HttpResponse Server::api(const HttpRequest& request) {
  const auto visitor = session_.visitor(request);
  if (!visitor) {
    return HttpResponse::error(401, session_.has_password() ? texts::kLogInAgain : texts::kOpenAddressAgain);
  }
  auto response = answered(request, *visitor);
  if (response.event_stream) {
    auto& topic = response.event_stream->topic;
    topic = streams_.open(topic, visitor->caller);
  }
  return response;
}

HttpResponse Server::answered(const HttpRequest& request, const Visitor& visitor) {
  const auto path = std::string_view(request.path).substr(kApi.size());
  if (path.starts_with(kConsoleApi)) {
    if (is_change(request) &&
        !base::constant_time_equal(request.headers.get("X-CSRF-Token").value_or(""), visitor.caller.csrf)) {
      return HttpResponse::error(403, texts::kNoCsrfToken);
    }
    const auto type = base::ascii_lower(request.headers.get("Content-Type").value_or(""));
    if (!request.body.empty() && !type.starts_with("application/json")) {
      return HttpResponse::error(415, texts::kNotJson);
    }
    auto response = console_.handle(request, path.substr(kConsoleApi.size() - 1), visitor.caller);
    if (path == kLogOut && response.ok()) {
      response.headers.add("Set-Cookie", session_.no_cookie());
    }
    return response;
  }
  if (!visitor.caller.chat) {
    return HttpResponse::error(403, texts::kMayNotChat);
  }
  // A page that is still open from before somebody else signed in does not speak in their name.
  const auto token = request.headers.get("X-CSRF-Token");
  if (is_change(request) && token && !base::constant_time_equal(*token, visitor.caller.csrf)) {
    return HttpResponse::error(401, texts::kLogInAgain);
  }
  try {
    return chat_.handle(request, path, visitor.person);
  } catch (const console::Refusal& refusal) {
    return HttpResponse::error(refusal.status, refusal.sentence);
  }
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
  auto gauges = db_.with([&](store::Database& db) { return reporting::gauges(services_, db); });
  gauges.event_streams = open_streams_();
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = services_.metrics.text(gauges);
  return response;
}

}  // namespace bot::web
