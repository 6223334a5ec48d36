#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bot::chat {

enum class IdOf { person, group };

// What the ids of people and groups look like in the configuration, by chat service. Each function returns
// what is wrong, to be put behind "<the id> ", or nothing. Names that people choose themselves are never ids:
// whoever takes such a name would take its rights.

/// Any text but an empty one.
std::optional<std::string> any_id_problem(std::string_view id, IdOf of);
/// Integers; those of groups and channels are negative (https://core.telegram.org/bots/api#chat).
std::optional<std::string> telegram_id_problem(std::string_view id, IdOf of);
/// U… or W… for people, C… or G… for channels, then capitals and digits
/// (https://api.slack.com/types/conversation).
std::optional<std::string> slack_id_problem(std::string_view id, IdOf of);
/// Digits (https://discord.com/developers/docs/reference#snowflakes).
std::optional<std::string> discord_id_problem(std::string_view id, IdOf of);

}  // namespace bot::chat
