#pragma once

#include <string>

#include "bot/chat/capabilities.h"

namespace bot::cli {

/// A line of `frontdesk doctor`.
struct Finding {
  std::string what;
  chat::CheckResult result;
};

}  // namespace bot::cli
