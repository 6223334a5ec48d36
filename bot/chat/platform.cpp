#include "bot/chat/platform.h"

namespace bot::chat {

std::string dispatch_name(store::DispatchId id) {
  return "d-" + std::to_string(id.value);
}

}  // namespace bot::chat
