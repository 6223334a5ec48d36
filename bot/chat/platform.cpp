#include "bot/chat/platform.h"

#include "base/error.h"

namespace bot::chat {

std::string dispatch_name(store::DispatchId id) {
  return "d-" + std::to_string(id.value);
}

void Platform::fetch(const std::string&, std::uint64_t, const std::function<void(std::string_view)>&,
                     std::stop_token) {
  throw base::PermanentError("this platform has no files");
}

std::vector<CheckResult> Platform::check(Repair) {
  return {};
}

}  // namespace bot::chat
