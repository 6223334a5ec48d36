#pragma once

#include "bot/chat/platform_type.h"

namespace bot::discord {

/// Discord by webhook: slash commands, the command "Ask about this message" and buttons come as signed
/// interactions (https://discord.com/developers/docs/interactions/receiving-and-responding), answers go by
/// the REST API. Plain messages and mentions would need the Gateway socket. Keys of the section:
/// `application_id`, `public_key`, `bot_token` (a secret), `api_base_url`, and `guild_id` for commands that
/// are registered in one server only.
chat::PlatformType platform_type();

}  // namespace bot::discord
