#pragma once

#include <cstddef>
#include <string>

namespace base {

/// Bytes from the kernel's random source.
std::string random_bytes(std::size_t count);

/// Twice `bytes` lower-case hexadecimal digits.
std::string random_hex(std::size_t bytes);

/// A random UUID, version 4 (RFC 9562), lower case.
std::string random_uuid();

}  // namespace base
