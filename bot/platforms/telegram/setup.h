#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bot/chat/capabilities.h"
#include "bot/platforms/telegram/api.h"

namespace bot::telegram {

inline constexpr const char* kApi = "https://api.telegram.org";

/// What is configured of one bot.
struct Installation {
  std::string name;  ///< the chat section's
  /// What Telegram sends along with each call of the webhook. It is told the first; calls that it made with
  /// one before are taken, too.
  std::vector<std::string> secrets;
  bool polls = false;
  bool streams = true;  ///< whether answers are shown while they are written
  std::string api_base_url;
  std::string public_url;  ///< may be empty

  /// Where Telegram is to call.
  std::string webhook_url() const;
};

/// The kinds of updates that the program wants to hear of.
const nlohmann::json& updates_wanted();

/// Whether token, webhook or polling are as they must be; with Repair::yes it first sets or takes away the
/// webhook and registers the commands. Calls Telegram and the program's own public address.
std::vector<chat::CheckResult> check_setup(const Api& api, const Installation& installation,
                                           chat::Repair repair);

}  // namespace bot::telegram
