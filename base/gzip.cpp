#include "base/gzip.h"

#include <stdexcept>

#include <zlib.h>

namespace base {
namespace {

/// zlib's windowBits for the gzip format with the largest window.
constexpr int kGzip = 15 + 16;

/// zlib reads through a pointer that is not const.
Bytef* input(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

}  // namespace

std::string gzip(std::string_view bytes, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib does not start");
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const auto end = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (end != Z_STREAM_END) {
    throw std::runtime_error("zlib does not end");
  }
  return out;
}

std::string gunzip(std::string_view packed, std::size_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) {
    return {};
  }
  std::string out;
  char buffer[64 * 1024];
  stream.next_in = input(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  for (int end = Z_OK; end == Z_OK && out.size() < limit;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    end = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer, sizeof buffer - stream.avail_out);
  }
  inflateEnd(&stream);
  return out;
}

}  // namespace base
