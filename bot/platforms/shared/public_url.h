#pragma once

#include <string>

#include "bot/chat/capabilities.h"

namespace bot::shared {

/// Whether this program is reached at its own public address, for `frontdesk doctor`. A failure where nothing
/// of it is reached, a warning where something else may answer there, or where chat services will not call it
/// because it is no https address.
chat::CheckResult check_public_url(const std::string& public_url);

}  // namespace bot::shared
