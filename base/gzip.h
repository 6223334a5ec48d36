#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

// The gzip format (RFC 1952). Thread rule: any thread.

/// `level` is zlib's: 1 quick, 9 small, -1 its default. Throws std::runtime_error where zlib fails.
std::string gzip(std::string_view bytes, int level = -1);

/// As far as it can be unpacked, and not much beyond `limit` bytes: a small file may unpack to a large one.
std::string gunzip(std::string_view packed, std::size_t limit);

}  // namespace base
