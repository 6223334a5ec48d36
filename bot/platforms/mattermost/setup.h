#pragma once

#include <string>
#include <vector>

#include "bot/chat/capabilities.h"
#include "bot/platforms/mattermost/api.h"

namespace bot::mattermost {

/// What is to be entered at Mattermost for that section, in several lines.
std::string setup_text(const std::string& public_url, const std::string& section);

/// Whether the token is that of a bot account, and whether Mattermost reaches this program.
struct Installation {
  std::string name;        ///< the chat section's
  std::string public_url;  ///< may be empty
  bool has_webhook = false;
};
std::vector<chat::CheckResult> check_setup(const Api& api, const Installation& installation);

}  // namespace bot::mattermost
