#include "bot/platforms/web/platform.h"

namespace bot::web_chat {
namespace {

class WebChat final : public chat::Platform {
 public:
  explicit WebChat(chat::PlatformContext context) : context_(std::move(context)) {}

  Received receive(const base::HttpRequest&, base::Timestamp) const override {
    throw chat::Refused(404, "The chat page has no webhook; open it in a browser.");
  }

  std::string deliver(const store::OutgoingCall& call, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    context_.publish(call.chat_id, context_.message_event(call.message));
    return std::to_string(call.message.value);
  }

  void show_presence(const std::string& chat_id, Presence presence) override {
    context_.publish(chat_id, presence == Presence::thinking ? R"({"type":"thinking","on":true})"
                                                             : R"({"type":"thinking","on":false})");
  }

  bool is_local() const override { return true; }

 private:
  const chat::PlatformContext context_;
};

}  // namespace

std::unique_ptr<chat::Platform> make_platform(config::Section section, const chat::PlatformContext& context) {
  section.finish();
  return std::make_unique<WebChat>(context);
}

}  // namespace bot::web_chat
