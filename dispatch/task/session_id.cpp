#include "dispatch/task/session_id.h"

#include <algorithm>

namespace dispatch {

bool is_session_id(std::string_view id) {
  constexpr std::size_t kLongest = 256;
  return !id.empty() && id.size() <= kLongest && id.front() != '-' &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace dispatch
