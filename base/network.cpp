#include "base/network.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace base {
namespace {

constexpr unsigned char kMapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string text_of(int family, const void* address) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(family, address, text, sizeof text);
  return text;
}

/// Without brackets, zone and port.
std::string bare(std::string_view address) {
  if (address.starts_with('[')) {
    address.remove_prefix(1);
    address = address.substr(0, address.find(']'));
  } else if (std::count(address.begin(), address.end(), ':') == 1) {
    address = address.substr(0, address.find(':'));
  }
  return std::string(address.substr(0, address.find('%')));
}

std::optional<in6_addr> as_ipv6(const std::string& address) {
  in6_addr parsed{};
  return ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1 ? std::optional(parsed) : std::nullopt;
}

}  // namespace

std::string plain_address(std::string_view address) {
  const auto text = bare(address);
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) {
    return text_of(AF_INET, &four);
  }
  const auto six = as_ipv6(text);
  if (!six) {
    return std::string(address);
  }
  return std::memcmp(six->s6_addr, kMapped, sizeof kMapped) == 0 ? text_of(AF_INET, six->s6_addr + 12)
                                                                 : text_of(AF_INET6, &*six);
}

bool is_address(std::string_view text) {
  const auto address = bare(text);
  in_addr four{};
  return ::inet_pton(AF_INET, address.c_str(), &four) == 1 || as_ipv6(address).has_value();
}

std::string network_of(std::string_view address) {
  const auto plain = plain_address(address);
  auto six = as_ipv6(plain);
  if (!six) {
    return plain;
  }
  std::fill(six->s6_addr + 8, six->s6_addr + 16, static_cast<unsigned char>(0));
  return text_of(AF_INET6, &*six) + "/64";
}

bool is_loopback(std::string_view address) {
  const auto plain = plain_address(address);
  return plain == "::1" || (plain.starts_with("127.") && !as_ipv6(plain) &&
                            plain.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace base
