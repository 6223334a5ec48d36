#pragma once

#include <string>

#include "base/clock.h"

namespace bot::chat {

/// What a platform may need from the program.
struct PlatformContext {
  std::string name;        ///< the chat section's
  std::string public_url;  ///< where the services reach this program; may be empty
  const base::Clock& clock;
};

}  // namespace bot::chat
