#include "bot/web/server.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/form.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/demo/model.h"
#include "bot/messages/receiver.h"
#include "bot/texts/page.h"
#include "bot/web/assets.h"
#include "bot/web/error_page.h"
#include "bot/web/gauges.h"
#include "bot/web/metrics_access.h"
#include "bot/web/page_data.h"
#include "store/job_queue.h"

namespace bot::web {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using nlohmann::json;

constexpr std::string_view kWebhooks = "/webhooks/";
constexpr std::string_view kApi = "/api/";
constexpr std::string_view kConsoleApi = "v1/";  // below kApi
constexpr std::string_view kAssets = "/assets/";
constexpr std::size_t kMaxText = 512 * 1024;
constexpr std::size_t kMaxId = 128;
constexpr const char* kUserId = "local";

/// Senders give a call up after a few seconds, and then both sides have worked for nothing.
constexpr std::chrono::seconds kStoredWithin{2};

constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

HttpResponse asset(std::string_view name, int status = 200) {
  const auto bytes = embedded_asset(name);
  if (!bytes) {
    return HttpResponse::error(404, texts::kNotFound);
  }
  HttpResponse response;
  response.status = status;
  response.body = std::string(*bytes);
  response.content_type = name.ends_with(".css")   ? "text/css; charset=utf-8"
                          : name.ends_with(".js")  ? "text/javascript; charset=utf-8"
                          : name.ends_with(".svg") ? "image/svg+xml"
                                                   : "text/html; charset=utf-8";
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
  response.headers.add("Cache-Control", "no-store");
}

bool is_chat_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxId &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string_view::npos;
}

std::string chat_of(const HttpRequest& request) {
  return request.query.get("chat").value_or("main");
}

HttpResponse wrong_method() {
  return HttpResponse::error(405, texts::kWrongMethod);
}

}  // namespace

Server::Server(runtime::Services& services, messages::Intake& intake, Session& session, console::Api& console,
               std::string page_section, store::Database db, std::function<std::size_t()> open_streams)
    : services_(services),
      intake_(intake),
      session_(session),
      console_(console),
      page_section_(std::move(page_section)),
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
                      ? (get ? asset(request.path.substr(kAssets.size())) : wrong_method())
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
    return asset("index.html");
  }
  return asset(session_.has_password() ? "login.html" : "token.html", 401);
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
  const auto path = request.path.substr(kApi.size());
  if (path.starts_with(kConsoleApi)) {
    const console::Caller caller{"admin", console::Role::admin};
    return console_.handle(request, std::string_view(path).substr(kConsoleApi.size() - 1), caller);
  }
  if (request.method == "POST") {
    if (!request.headers.get("Content-Type").value_or("").starts_with("application/json")) {
      return HttpResponse::error(415, texts::kNotJson);
    }
    return path == "messages"                    ? post_message(request)
           : path == "actions"                   ? post_action(request)
           : path == "state" || path == "events" ? wrong_method()
                                                 : HttpResponse::error(404, texts::kNotFound);
  }
  if (request.method != "GET") {
    return wrong_method();
  }
  const auto chat = chat_of(request);
  if (!is_chat_id(chat)) {
    return HttpResponse::error(400, texts::kNoChatName);
  }
  if (path == "state") {
    return state(chat);
  }
  if (path == "messages") {
    std::int64_t before = 0;
    const auto text = request.query.get("before").value_or("");
    std::from_chars(text.data(), text.data() + text.size(), before);
    return db_.with([&](store::Database& db) {
      return HttpResponse::json(base::dump_json(PageData(db).history(
          page_section_, chat, before > 0 ? std::optional(store::MessageId{before}) : std::nullopt)));
    });
  }
  if (path == "events") {
    HttpResponse response;
    response.event_stream = base::EventStream{topic(chat)};
    return response;
  }
  return path == "actions" ? wrong_method() : HttpResponse::error(404, texts::kNotFound);
}

HttpResponse Server::state(const std::string& chat) {
  json examples = json::array();
  if (services_.settings.secretary.demo) {
    for (const auto& example : demo::demo_examples()) {
      examples.push_back({{"label", example.label}, {"text", example.text}});
    }
  }
  return db_.with([&](store::Database& db) {
    PageData data(db);
    auto state = data.history(page_section_, chat, std::nullopt);
    state["demo"] = services_.settings.secretary.demo;
    state["version"] = FRONTDESK_VERSION;
    state["model"] = services_.settings.secretary.model;
    state["chat"] = chat;
    state["examples"] = examples;
    state["chats"] = data.chats(page_section_);
    state["stream"] = stream(chat);
    const auto conversation = store::Conversations(db).find(page_section_, chat);
    state["thinking"] =
        conversation && store::JobQueue(db).has_open(runtime::kTurnJob, conversation->id.value);
    return HttpResponse::json(base::dump_json(state));
  });
}

json Server::stream(const std::string& chat) {
  auto* const drafts = chat::capability<chat::ShowsDrafts>(services_.platform(page_section_));
  return drafts == nullptr ? json() : base::parse_json(drafts->draft(chat)).value_or(json());
}

HttpResponse Server::post_message(const HttpRequest& request) {
  const auto body = base::parse_json(request.body);
  if (!body) {
    return HttpResponse::error(400, texts::kMalformedJson);
  }
  chat::IncomingMessage incoming;
  incoming.external_id = base::json_string(*body, "id").value_or("");
  incoming.chat_id = base::json_string(*body, "chat").value_or("main");
  incoming.user_id = kUserId;
  incoming.text = base::strip_controls(base::json_string(*body, "text").value_or(""));
  if (incoming.external_id.empty() || incoming.external_id.size() > kMaxId || !is_chat_id(incoming.chat_id)) {
    return HttpResponse::error(400, texts::kMessageIncomplete);
  }
  if (base::trim(incoming.text).empty()) {
    return HttpResponse::error(400, texts::kMessageEmpty);
  }
  if (incoming.text.size() > kMaxText) {
    return HttpResponse::error(413, texts::kMessageTooLong);
  }
  return take(incoming);
}

HttpResponse Server::post_action(const HttpRequest& request) {
  const auto body = base::parse_json(request.body);
  chat::IncomingMessage incoming;
  if (body) {
    incoming.external_id = base::json_string(*body, "id").value_or("");
    incoming.chat_id = base::json_string(*body, "chat").value_or("main");
    incoming.button = base::json_string(*body, "action").value_or("");
  }
  incoming.user_id = kUserId;
  if (incoming.external_id.empty() || incoming.external_id.size() > kMaxId || !is_chat_id(incoming.chat_id) ||
      !incoming.button || incoming.button->empty()) {
    return HttpResponse::error(400, texts::kActionIncomplete);
  }
  return take(incoming);
}

HttpResponse Server::take(const chat::IncomingMessage& incoming) {
  try {
    const auto taken = intake_.take(page_section_, incoming);
    if (!taken.repeated && !taken.refused && !incoming.button) {
      publish(incoming.chat_id, message_event(taken.message));
      // The list of chats is ordered by use and names a chat by its first message.
      publish(incoming.chat_id, db_.with([&](store::Database& db) {
        return base::dump_json({{"type", "chats"}, {"chats", PageData(db).chats(page_section_)}});
      }));
    }
    return HttpResponse::json(base::dump_json({{"id", taken.message.value}}));
  } catch (const messages::BacklogFull&) {
    return HttpResponse::error(429, texts::kTooMuchWaiting);
  } catch (const std::exception& e) {
    base::log_error("{}: a message could not be stored, the page offers to send it again: {}", page_section_,
                    e.what());
    return HttpResponse::error(503, texts::kMessageNotStored);
  }
}

void Server::publish(const std::string& chat_id, const std::string& json) {
  if (publish_) {
    publish_(topic(chat_id), json);
  }
}

std::string Server::message_event(store::MessageId id) {
  return db_.with([&](store::Database& db) {
    const auto message = PageData(db).message(store::Conversations(db).message(id));
    return base::dump_json({{"type", "message"}, {"message", message}});
  });
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
