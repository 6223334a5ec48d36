#pragma once

#include <memory>

#include "bot/chat/platform.h"
#include "bot/chat/platform_context.h"
#include "config/section.h"

namespace bot::discord {

/// Discord by webhook: slash commands, the command "Ask about this message" and buttons come as signed
/// interactions (https://discord.com/developers/docs/interactions/receiving-and-responding), answers go by
/// the REST API. Plain messages and mentions would need the Gateway socket. Keys of the section:
/// `application_id`, `public_key`, `bot_token` (a secret), `api_base_url`, and `guild_id` for commands that
/// are registered in one server only. Throws base::ConfigError.
std::unique_ptr<chat::Platform> make_platform(config::Section section, const chat::PlatformContext& context);

}  // namespace bot::discord
