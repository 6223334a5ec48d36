#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/picture/picture.h"

namespace base {

/// A decoded picture: four bytes a pixel (blue, green, red, alpha), lines from top to bottom without gaps.
struct Pixels {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> bgra = {};
};

/// How large a picture may be once it is decoded. Known from its header, so checked before any memory is
/// taken.
struct DecodeBounds {
  std::int64_t max_pixels = 0;
  int longest = 0;  ///< a decoder that can may leave out detail down to this for the longer side
};

/// What a header says, checked. Throws PictureProblem.
void check_size(std::int64_t width, std::int64_t height, std::int64_t max_pixels);

// One decoder for each format; of an animation the first picture. Throw PictureProblem. Thread rule: any.
Pixels decode_png(std::string_view bytes, const DecodeBounds& bounds);
Pixels decode_jpeg(std::string_view bytes, const DecodeBounds& bounds);
Pixels decode_webp(std::string_view bytes, const DecodeBounds& bounds);
Pixels decode_gif(std::string_view bytes, const DecodeBounds& bounds);

/// How the picture must be turned to stand upright, 1 to 8 as Exif numbers it; 1 where `exif`, a TIFF file,
/// does not say so.
int exif_orientation(std::string_view exif);
/// The same of the Exif part of a JPEG file.
int jpeg_orientation(std::string_view jpeg);

/// So turned.
Pixels upright(Pixels pixels, int orientation);

/// With its longer side at most so long.
Pixels scaled(Pixels pixels, int longest);

/// As a JPEG file over white, in at most about `max_bytes` bytes, without any metadata.
std::string to_jpeg(Pixels pixels, std::size_t max_bytes);

}  // namespace base
