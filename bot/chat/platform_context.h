#pragma once

#include <functional>
#include <string>

#include "store/ids.h"

namespace bot::chat {

/// What a platform may need from the program.
struct PlatformContext {
  std::string name;  ///< the chat section's
  /// Sends one event to every open page of that chat.
  std::function<void(const std::string& chat_id, const std::string& json)> publish;
  /// The JSON of a stored message, as the chat page takes it.
  std::function<std::string(store::MessageId)> message_event;
  std::string public_url = {};  ///< where the services reach this program; may be empty
};

}  // namespace bot::chat
