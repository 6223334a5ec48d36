#pragma once

#include <string>
#include <vector>

#include "bot/chat/capabilities.h"
#include "bot/platforms/discord/api.h"

namespace bot::discord {

/// What Discord has to know of an installation.
struct Installation {
  std::string name;        ///< the chat section's
  std::string public_url;  ///< may be empty
  std::string public_key;  ///< hexadecimal, lower case
  std::string guild_id;    ///< empty: commands are registered everywhere
};

/// Asks Discord whether everything is set up; with Repair::yes it first sets the endpoint and registers the
/// commands. Calls Discord and the program's own public address.
std::vector<chat::CheckResult> check_setup(Api& api, const Installation& installation, chat::Repair repair);

}  // namespace bot::discord
