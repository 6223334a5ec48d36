#include "base/picture/picture.h"

#include <algorithm>
#include <utility>

#include "base/picture/pixels.h"

namespace base {
namespace {

using Kind = PictureProblem::Kind;
using Decode = Pixels (*)(std::string_view, const DecodeBounds&);

/// Of what has to be decoded as a whole; a JPEG is decoded smaller.
constexpr std::int64_t kMostPixels = 36'000'000;
constexpr std::int64_t kMostJpegPixels = 200'000'000;
constexpr std::int64_t kLongestEdge = 65'535;
constexpr std::size_t kMostJpegBytes = 1'000'000;

struct Format {
  Decode decode;
  std::int64_t max_pixels;
};

constexpr std::string_view kPng("\x89PNG\r\n\x1a\n", 8);

/// By what the file begins with: what it is called, and what a service says of it, is somebody's word.
Format format_of(std::string_view bytes) {
  if (bytes.starts_with(kPng)) {
    return {decode_png, kMostPixels};
  }
  if (bytes.starts_with("\xff\xd8\xff")) {
    return {decode_jpeg, kMostJpegPixels};
  }
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) {
    return {decode_webp, kMostPixels};
  }
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) {
    return {decode_gif, kMostPixels};
  }
  return {nullptr, 0};
}

}  // namespace

void check_size(std::int64_t width, std::int64_t height, std::int64_t max_pixels) {
  if (width <= 0 || height <= 0) {
    throw PictureProblem(Kind::broken, "a side of it has no length");
  }
  if (width > kLongestEdge || height > kLongestEdge || width * height > max_pixels) {
    throw PictureProblem(Kind::too_large, "it has too many pixels");
  }
}

bool begins_like_picture(std::string_view bytes) {
  return format_of(bytes).decode != nullptr;
}

Picture shrunk_picture(std::string_view bytes) {
  const auto format = format_of(bytes);
  if (format.decode == nullptr) {
    throw PictureProblem(Kind::unknown_format, "it is no PNG, JPEG, WebP or GIF file");
  }
  auto pixels = scaled(format.decode(bytes, {format.max_pixels, kLongestSide}), kLongestSide);
  Picture picture{pixels.width, pixels.height, {}};
  picture.jpeg = to_jpeg(std::move(pixels), kMostJpegBytes);
  return picture;
}

}  // namespace base
