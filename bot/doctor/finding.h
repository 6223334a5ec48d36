#pragma once

#include <string>

#include "bot/chat/capabilities.h"

namespace bot::doctor {

/// A line of `frontdesk doctor`, and of the console's page of health.
struct Finding {
  std::string what;
  chat::CheckResult result;
};

}  // namespace bot::doctor
