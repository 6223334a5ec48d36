#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "bot/chat/incoming_message.h"

namespace bot::telegram {

/// Who the bot is on Telegram.
struct Self {
  std::string key;       ///< what stands before the colon of its token: update_ids are its own
  std::string id;        ///< its user id; the same with the real service
  std::string username;  ///< without "@"; empty until the service has told it
};

/// What an Update means to us, or nothing where it is not for the bot: a private message, in groups a
/// mention, a reply to the bot or a command, an edit, a click (Bot API 9, "Update"). Pure; never throws,
/// whatever the update holds.
std::optional<chat::IncomingMessage> read_update(const nlohmann::json& update, const Self& self);

/// The parameters of the answerCallbackQuery that tells why nothing came of a click which
/// read_update() does not take: Telegram no longer says where the message is. Nothing for any other
/// update.
std::optional<nlohmann::json> answer_to_lost_click(const nlohmann::json& update, const Self& self);

/// The update_id, or nothing where there is none.
std::optional<std::int64_t> update_id_of(const nlohmann::json& update);

/// "-100123/45" taken apart: the chat and, where there is one, the topic in it.
struct Chat {
  std::int64_t chat = 0;
  std::optional<std::int64_t> topic;
};
Chat chat_of(const std::string& chat_id);

}  // namespace bot::telegram
