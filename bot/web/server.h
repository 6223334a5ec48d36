#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "base/guarded.h"
#include "base/http.h"
#include "base/http_later.h"
#include "bot/chat/capabilities.h"
#include "bot/console/api.h"
#include "bot/messages/intake.h"
#include "bot/messages/receiver.h"
#include "bot/runtime/services.h"
#include "bot/web/chat_api.h"
#include "bot/web/session.h"
#include "bot/web/session_streams.h"
#include "store/database.h"

namespace bot::web {

/// How its requests are read.
base::HttpServer::Options http_options(const runtime::ServerSettings& server,
                                       std::function<void(int, std::string_view)> on_refusal);

/// Answers every HTTP request: webhooks, the chat page and its API, the console, health and metrics.
/// Thread rule: handle() is called from many threads at once.
class Server final {
 public:
  Server(runtime::Services& services, messages::Intake& intake, Session& session, console::Api& console,
         ChatApi& chat, SessionStreams& streams, store::Database db,
         std::function<std::size_t()> open_streams);

  base::HttpResponse handle(const base::HttpRequest& request);

  /// Counts what the HTTP server refused by itself.
  void note_refusal(int status, std::string_view target);

  /// From now on readyz says yes.
  void set_ready() { ready_ = true; }

 private:
  base::HttpResponse webhook(const base::HttpRequest& request, const std::string& name);
  void take_later(messages::SectionReceiver& receiver, const std::string& name, chat::Received received,
                  base::LaterResponse response);
  base::HttpResponse not_stored(const std::string& name, const std::exception_ptr& why);
  /// The message was not taken, and the sender should try again.
  base::HttpResponse not_taken(const std::string& section, int status, const char* sentence);
  base::HttpResponse own(const base::HttpRequest& request);
  base::HttpResponse page(const base::HttpRequest& request);
  base::HttpResponse api(const base::HttpRequest& request);
  base::HttpResponse answered(const base::HttpRequest& request, const Visitor& visitor);
  base::HttpResponse login(const base::HttpRequest& request);
  base::HttpResponse readiness();
  base::HttpResponse metrics();

  runtime::Services& services_;
  messages::Intake& intake_;
  Session& session_;
  console::Api& console_;
  ChatApi& chat_;
  SessionStreams& streams_;
  base::Guarded<store::Database> db_;
  const std::function<std::size_t()> open_streams_;
  std::atomic<bool> ready_ = false;
};

}  // namespace bot::web
