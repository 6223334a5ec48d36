#pragma once

#include <string>
#include <vector>

#include "bot/chat/capabilities.h"
#include "bot/platforms/slack/web_api.h"

namespace bot::slack {

/// The app manifest for https://api.slack.com/apps?new_app=1 ("From a manifest", JSON), in several lines: the
/// scopes, the events, the command /frontdesk and the addresses below `public_url` for that chat section.
/// Format: https://docs.slack.dev/reference/app-manifest.
std::string manifest(const std::string& public_url, const std::string& section);

/// Whether the token, the app's scopes and the public address are as they must be. Where they are not, and
/// with Repair::yes, it says what to do with the manifest.
std::vector<chat::CheckResult> check_setup(const WebApi& api, const std::string& public_url,
                                           const std::string& section, chat::Repair repair);

}  // namespace bot::slack
