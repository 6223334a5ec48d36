#pragma once

#include "bot/chat/capabilities.h"

namespace support {

/// That side of a platform; throws std::bad_cast where it has none.
template <typename Interface>
Interface& as(const bot::chat::Platform& platform) {
  // A test owns its platform.
  return dynamic_cast<Interface&>(const_cast<bot::chat::Platform&>(platform));
}

inline bot::chat::Received receive(const bot::chat::Platform& platform, const base::HttpRequest& request,
                                   base::Timestamp now) {
  return as<bot::chat::TakesWebhooks>(platform).receive(request, now);
}

}  // namespace support
