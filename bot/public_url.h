#pragma once

#include <string>

#include "bot/chat_platform.h"

namespace bot {

/// Whether this program is reached at its own public address, for `frontdesk doctor`.
Finding check_public_url(const std::string& public_url);

}  // namespace bot
