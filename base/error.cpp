#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace base {

TransientError::TransientError(const std::string& what, std::optional<std::chrono::milliseconds> after)
    : std::runtime_error(what), retry_after(after) {}

Stopped::Stopped() : std::runtime_error("the program is stopping") {}

void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace base
