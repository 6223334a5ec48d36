#pragma once

#include <memory>

#include "bot/chat/platform.h"
#include "bot/chat/platform_context.h"
#include "config/section.h"

namespace bot::slack {

/// Slack through its Events API, slash command, buttons and Web API. Keys: bot_token and signing_secret
/// (secrets), api_base_url (the folder of the methods, default "https://slack.com/api"; see
/// ApiAddress). Throws base::ConfigError.
std::unique_ptr<chat::Platform> make_platform(config::Section section, const chat::PlatformContext& context);

}  // namespace bot::slack
