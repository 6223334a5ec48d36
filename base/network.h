#pragma once

#include <string>
#include <string_view>

namespace base {

/// An address as it is compared and counted: an IPv4 address that is written as an IPv6 one (::ffff:1.2.3.4)
/// becomes the IPv4 address, brackets, a zone and a port behind it are left out. What is no address stays.
std::string plain_address(std::string_view address);

/// Whether it is an IPv4 or IPv6 address, written in any of those ways.
bool is_address(std::string_view text);

/// Whom an address belongs to as far as can be told: an IPv4 address for itself, an IPv6 address with all of
/// its /64, of which one machine has 2^64.
std::string network_of(std::string_view address);

/// 127.0.0.0/8, ::1.
bool is_loopback(std::string_view address);

}  // namespace base
