#include "bot/platforms/mattermost/click.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/http.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/errors.h"
#include "bot/platforms/mattermost/api.h"

namespace bot::mattermost {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxLabel = 75;
constexpr std::size_t kMaxButton = 200;
constexpr std::size_t kMaxName = 256;

/// No id has a line end in it, so no other pair gives the same text.
std::string proof(const std::string& key, const std::string& chat_id, const std::string& button) {
  return base::to_hex(base::hmac_sha256(key, chat_id + "\n" + button));
}

std::string text_of(const json& object, const char* key) {
  return base::json_string(object, key).value_or("");
}

std::string id_of(const json& object, const char* key) {
  auto id = text_of(object, key);
  if (!is_id(id)) {
    throw chat::Refused(400, fmt::format("The call has no usable \"{}\".", key));
  }
  return id;
}

}  // namespace

ClickTarget click_target(const std::string& public_url, const std::string& section,
                         const std::string& token) {
  return {public_url.empty() ? std::string() : base::join_url(public_url, "/webhooks/" + section),
          base::hmac_sha256(token, "frontdesk buttons of " + section)};
}

json actions_of(const std::vector<store::Button>& buttons, const std::string& chat_id,
                const ClickTarget& target) {
  json actions = json::array();
  for (const auto& button : buttons) {
    actions.push_back(
        {{"id", button.id},
         {"name", base::ellipsize(button.label, kMaxLabel)},
         {"type", "button"},
         {"integration",
          {{"url", target.url},
           {"context",
            {{"button", button.id}, {"chat", chat_id}, {"proof", proof(target.key, chat_id, button.id)}}}}}});
  }
  return {{"actions", actions}};
}

bool is_click(const json& call) {
  const auto* context = base::json_member(call, "context");
  return context != nullptr && context->is_object();
}

chat::IncomingMessage read_click(const json& call, const ClickTarget& target) {
  const auto& context = *base::json_member(call, "context");
  chat::IncomingMessage incoming;
  incoming.chat_id = text_of(context, "chat");
  const auto button = text_of(context, "button");
  if (!base::constant_time_equal(text_of(context, "proof"), proof(target.key, incoming.chat_id, button))) {
    throw chat::Refused(401, "The context of the click is not one that this program gave.");
  }
  const auto address = chat::ChatAddress::parse(incoming.chat_id);
  if (button.empty() || button.size() > kMaxButton || address.chat != id_of(call, "channel_id")) {
    throw chat::Refused(400, "The click is on no button of this channel.");
  }
  incoming.button = button;
  incoming.room = address.chat;
  incoming.user_id = id_of(call, "user_id");
  incoming.user_name = base::ellipsize(base::one_line(text_of(call, "user_name")), kMaxName);
  incoming.message_id = id_of(call, "post_id");
  // What a channel is answered with is always in a thread.
  incoming.place =
      address.thread.empty() ? chat::IncomingMessage::Place::direct : chat::IncomingMessage::Place::group;
  incoming.external_id =
      "click:" + base::to_hex(base::sha256(fmt::format("{}:{}:{}:{}", incoming.message_id, incoming.user_id,
                                                       button, text_of(call, "trigger_id"))))
                     .substr(0, 32);
  return incoming;
}

}  // namespace bot::mattermost
