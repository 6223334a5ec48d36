#include "bot/platforms/slack/reactions.h"

#include <string>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/platforms/slack/events.h"

namespace bot::slack {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestName = 200;

}  // namespace

std::optional<chat::IncomingMessage> read_reaction(const json& event, const std::string& bot_user) {
  const auto& item = base::json_object(event, "item");
  const auto name = base::json_text(event, "reaction");
  const auto user = base::json_text(event, "user");
  const auto channel = base::json_text(item, "channel");
  const auto ts = base::json_text(item, "ts");
  if (base::json_text(item, "type") != "message" || name.empty() || name.size() > kLongestName ||
      bot_user.empty() || user == bot_user || base::json_text(event, "item_user") != bot_user ||
      !is_id(user) || !is_id(channel) || !is_id(ts)) {
    return std::nullopt;
  }
  chat::IncomingMessage incoming;
  incoming.kind = chat::IncomingMessage::Kind::reaction;
  incoming.chat_id = incoming.room = channel;
  incoming.user_id = user;
  incoming.message_id = ts;
  incoming.place = is_direct_channel(incoming.chat_id) ? chat::IncomingMessage::Place::direct
                                                       : chat::IncomingMessage::Place::group;
  // Behind colons stands the tone of the skin.
  incoming.reaction = chat::Reaction{.emoji = base::one_line(name.substr(0, name.find("::"))),
                                     .change = base::json_text(event, "type") == "reaction_added"
                                                   ? chat::Reaction::Change::added
                                                   : chat::Reaction::Change::removed};
  return incoming;
}

}  // namespace bot::slack
