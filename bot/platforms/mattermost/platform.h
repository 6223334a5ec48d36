#pragma once

#include "bot/chat/platform_type.h"

namespace bot::mattermost {

/// Mattermost through a bot account: posts are read and written by the REST API; an outgoing webhook tells at
/// once of a post, and the buttons' clicks come to the same address. Keys: url (the server's), token (the bot
/// account's access token, a secret), webhook_token (the tokens of the outgoing webhooks, one or several with
/// white space between, a secret), trigger_words (those of the outgoing webhooks, default "@frontdesk").
chat::PlatformType platform_type();

}  // namespace bot::mattermost
