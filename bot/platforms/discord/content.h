#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bot/chat/incoming_message.h"

namespace bot::discord {

/// The member where it is text, without control characters; else an empty one.
std::string text_member(const nlohmann::json& parent, const char* key);
/// What a user is called, on one line: it stands before a person's words in what the model reads.
std::string name_of(const nlohmann::json& user);

/// What there is to read in a message, with what it passes on and what it answers, each with its author
/// (https://docs.discord.com/developers/resources/message). `asking` and `bot` are the ids of whoever asks
/// about it and of this bot. Any input will do.
std::vector<chat::Quotation> quotations_of(const nlohmann::json& message, const std::string& asking,
                                           const std::string& bot);

/// Its files, and those of what it passes on, as Discord tells of them.
std::vector<nlohmann::json> files_of(const nlohmann::json& message);

}  // namespace bot::discord
