#include "base/id.h"

#include <cerrno>
#include <chrono>

#include <sys/random.h>

#include "base/crypto.h"
#include "base/error.h"

namespace base {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const auto n = ::getrandom(bytes.data() + done, count - done, 0);
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_errno("the kernel gave no random bytes");
    }
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

std::string random_hex(std::size_t bytes) {
  return to_hex(random_bytes(bytes));
}

std::string time_ordered_hex() {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  std::string bytes;
  for (int shift = 40; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(now >> shift);
  }
  return to_hex(bytes + random_bytes(10));
}

std::string random_uuid() {
  auto bytes = random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  const auto hex = to_hex(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

}  // namespace base
