#pragma once

#include <string>

#include "bot/chat/capabilities.h"

namespace bot::shared {

/// Whether the service calls http addresses as well, as one in the same network does.
enum class PlainHttp { refused, called };

/// Whether this program is reached at its own public address, for `frontdesk doctor`. A failure where nothing
/// of it is reached, a warning where something else may answer there, or where the chat service will not call
/// it because it is no https address.
chat::CheckResult check_public_url(const std::string& public_url, PlainHttp plain = PlainHttp::refused);

}  // namespace bot::shared
