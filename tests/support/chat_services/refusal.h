#pragma once

#include <string>

#include <doctest/doctest.h>

#include "bot/chat/platform.h"
#include "tests/support/chat_services/capabilities.h"

namespace support {

/// The status with which the call is refused, in a sentence; 0 if it is taken.
inline int refused(const bot::chat::Platform& platform, const base::HttpRequest& request,
                   base::Timestamp now) {
  try {
    receive(platform, request, now);
    return 0;
  } catch (const bot::chat::Refused& e) {
    CHECK(std::string(e.what()).ends_with("."));
    return e.status;
  }
}

}  // namespace support
