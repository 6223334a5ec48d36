#pragma once

#include <nlohmann/json_fwd.hpp>

namespace bot::discord {

/// The commands of the bot as Discord registers them
/// (https://discord.com/developers/docs/interactions/application-commands): those of /help, /ask, and "Ask
/// about this message".
nlohmann::json commands_json();

/// Whether what Discord says is registered shows people the same. Any JSON will do.
bool same_commands(const nlohmann::json& registered);

}  // namespace bot::discord
