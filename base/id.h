#pragma once

#include <cstddef>
#include <string>

namespace base {

/// Bytes from the kernel's random source.
std::string random_bytes(std::size_t count);

/// Twice `bytes` lower-case hexadecimal digits.
std::string random_hex(std::size_t bytes);

/// 32 lower-case hexadecimal digits: the milliseconds since 1970 in the first twelve, as UUID version 7 has
/// them (RFC 9562), then ten random bytes. Keys that are made one after the other stand side by side in an
/// index; nobody guesses one.
std::string time_ordered_hex();

/// A random UUID, version 4 (RFC 9562), lower case.
std::string random_uuid();

}  // namespace base
