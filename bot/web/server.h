#pragma once

#include <memory>
#include <set>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/guarded.h"
#include "base/http.h"
#include "bot/chat/capabilities.h"
#include "bot/console/api.h"
#include "bot/messages/intake.h"
#include "bot/runtime/services.h"
#include "bot/web/session.h"
#include "store/database.h"

namespace bot::web {

/// Answers every HTTP request: webhooks, the chat page and its API, the console, health and metrics.
/// Thread rule: handle() is called from many threads at once.
class Server final : public chat::Page {
 public:
  /// `page_section` is the chat section of the page.
  Server(runtime::Services& services, messages::Intake& intake, Session& session, console::Api& console,
         std::string page_section, store::Database db, std::function<std::size_t()> open_streams);

  base::HttpResponse handle(const base::HttpRequest& request);

  /// From now on readyz says yes.
  void set_ready() { ready_ = true; }

  /// How every page that is open on a topic is told; before that, nobody is.
  using Publish = std::function<void(const std::string& topic, std::string_view data)>;
  void set_publish(Publish publish) { publish_ = std::move(publish); }

  void publish(const std::string& chat_id, const std::string& json) override;
  std::string message_event(store::MessageId id) override;

 private:
  static std::string topic(const std::string& chat_id) { return "chat:" + chat_id; }
  base::HttpResponse webhook(const base::HttpRequest& request, const std::string& name);
  /// The message was not taken, and the sender should try again.
  base::HttpResponse not_taken(const std::string& section, int status, const char* sentence);
  base::HttpResponse page(const base::HttpRequest& request);
  base::HttpResponse api(const base::HttpRequest& request);
  base::HttpResponse login(const base::HttpRequest& request);
  base::HttpResponse state(const std::string& chat);
  /// The answer that is being written in that chat; null where there is none.
  nlohmann::json stream(const std::string& chat);
  base::HttpResponse post_message(const base::HttpRequest& request);
  base::HttpResponse post_action(const base::HttpRequest& request);
  base::HttpResponse take(const chat::IncomingMessage& incoming);
  base::HttpResponse readiness();
  base::HttpResponse metrics();

  runtime::Services& services_;
  messages::Intake& intake_;
  Session& session_;
  console::Api& console_;
  const std::string page_section_;
  base::Guarded<store::Database> db_;
  const std::function<std::size_t()> open_streams_;
  Publish publish_;
  std::atomic<bool> ready_ = false;
};

}  // namespace bot::web
