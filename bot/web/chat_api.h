#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/guarded.h"
#include "base/http.h"
#include "bot/chat/capabilities.h"
#include "bot/messages/intake.h"
#include "bot/runtime/services.h"
#include "store/database.h"

namespace bot::web {

/// What the chat page asks for and sends, below /api/, and what it is told by events.
/// Thread rule: each function is called from many threads at once.
class ChatApi final : public chat::Page {
 public:
  /// `section` is the chat section of the page.
  ChatApi(runtime::Services& services, messages::Intake& intake, std::string section, store::Database db);

  /// `path` begins behind "/api/"; `user`, a person of the section, sent the request and reaches nothing but
  /// their own chats.
  base::HttpResponse handle(const base::HttpRequest& request, std::string_view path, const std::string& user);

  /// How every page that is open on a topic is told; before that, nobody is.
  using Publish = std::function<void(const std::string& topic, std::string_view data)>;
  void set_publish(Publish publish) { publish_ = std::move(publish); }

  void publish(const std::string& chat_id, const std::string& json) override;
  std::string message_event(store::MessageId id) override;
  void read_file(const std::string& handle, std::uint64_t max_bytes,
                 const std::function<void(std::string_view)>& sink) override;

 private:
  base::HttpResponse get(const base::HttpRequest& request, std::string_view path, const std::string& user);
  base::HttpResponse post(const base::HttpRequest& request, std::string_view path, const std::string& user);
  base::HttpResponse change_chat(const base::HttpRequest& request, const std::string& chat,
                                 const std::string& user);
  base::HttpResponse state(const std::string& chat, const std::string& user);
  base::HttpResponse history(const base::HttpRequest& request, const std::string& user);
  base::HttpResponse post_message(const base::HttpRequest& request, const std::string& user);
  base::HttpResponse post_action(const base::HttpRequest& request, const std::string& user);
  base::HttpResponse post_feedback(const base::HttpRequest& request, const std::string& user);
  base::HttpResponse post_timezone(const base::HttpRequest& request, const std::string& user);
  base::HttpResponse take(const chat::IncomingMessage& incoming, const std::string& user);
  /// The list of chats is ordered by use and names a chat by its first message.
  void tell_chats(const std::string& stored_chat);

  runtime::Services& services_;
  messages::Intake& intake_;
  const std::string section_;
  base::Guarded<store::Database> db_;
  Publish publish_;
};

}  // namespace bot::web
