#include "bot/platforms/web/platform.h"

namespace bot {
namespace {

class WebChat final : public ChatPlatform {
 public:
  explicit WebChat(PlatformContext context) : context_(std::move(context)) {}

  Received receive(const base::HttpRequest&, base::Timestamp) const override {
    throw Refused(404, "The chat page has no webhook; open it in a browser.");
  }

  std::string deliver(const store::OutgoingCall& call, store::Pieces&, base::Timestamp,
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
  const PlatformContext context_;
};

}  // namespace

std::unique_ptr<ChatPlatform> make_web_chat(config::Section section, const PlatformContext& context) {
  section.finish();
  return std::make_unique<WebChat>(context);
}

}  // namespace bot
