#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bot/chat/incoming_message.h"
#include "bot/platforms/telegram/updates.h"

// What a Message of the Bot API holds. Pure; nothing throws, whatever the message is.

namespace bot::telegram {

/// The member, or null where there is none.
const nlohmann::json& member(const nlohmann::json& object, const char* key);
/// The number as text; empty where it is none.
std::string id_of(const nlohmann::json& object, const char* key = "id");
/// What a user is called, on one line.
std::string name_of(const nlohmann::json& user);

/// Text or caption.
std::string words_of(const nlohmann::json& message);
/// The entities in that; null where there are none.
const nlohmann::json& entities_of(const nlohmann::json& message);
/// The bytes of the text that an entity covers; its offsets count UTF-16 units.
std::string entity_text(const std::string& text, const nlohmann::json& entity);
/// The text with the addresses that its links lead to: "here (https://…)".
std::string readable(const std::string& text, const nlohmann::json& entities);

/// The files in a message, or in what an answer to another chat's message tells of it.
std::vector<chat::Attachment> attachments_of(const nlohmann::json& message);
/// What a message without words says, or nothing where nobody says anything with it (somebody joined, a
/// message was pinned).
std::string wordless(const nlohmann::json& message);
/// Whether it holds something that is said to people and that the Bot API does not hand out.
bool is_unreadable(const nlohmann::json& message);

/// Whether the message's words are not those of its sender: it was forwarded, or another bot wrote it for
/// them.
bool is_brought(const nlohmann::json& message);
/// What the message is a reply to, where the bot has not said it itself; else null.
const nlohmann::json& replied_to(const nlohmann::json& message, const Self& self);
/// What was forwarded, replied to, quoted or written by another bot.
std::vector<chat::Quotation> quotations_of(const nlohmann::json& message, const Self& self);

}  // namespace bot::telegram
