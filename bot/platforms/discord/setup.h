#pragma once

#include <string>
#include <vector>

#include "bot/chat/platform.h"
#include "bot/platforms/discord/api.h"

namespace bot {

/// What Discord has to know of an installation.
struct DiscordInstallation {
  std::string name;        ///< the chat section's
  std::string public_url;  ///< may be empty
  std::string public_key;  ///< hexadecimal, lower case
  std::string guild_id;    ///< empty: commands are registered everywhere
};

/// Asks Discord whether everything is set up; with Repair::yes it first sets the endpoint and registers the
/// commands. Calls Discord and the program's own public address.
std::vector<Finding> check_discord(DiscordApi& api, const DiscordInstallation& installation,
                                   ChatPlatform::Repair repair);

}  // namespace bot
