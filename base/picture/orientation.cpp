#include <cstddef>
#include <optional>
#include <utility>

#include "base/picture/pixels.h"

namespace base {
namespace {

/// Whole numbers of a file in either order of bytes; nothing beyond its end.
class Numbers {
 public:
  Numbers(std::string_view bytes, bool least_first) : bytes_(bytes), least_first_(least_first) {}

  std::optional<std::size_t> at(std::size_t offset, std::size_t length) const {
    if (offset > bytes_.size() || bytes_.size() - offset < length) {
      return std::nullopt;
    }
    std::size_t number = 0;
    for (std::size_t i = 0; i < length; ++i) {
      const auto byte = static_cast<unsigned char>(bytes_[offset + (least_first_ ? length - 1 - i : i)]);
      number = number << 8 | byte;
    }
    return number;
  }

 private:
  const std::string_view bytes_;
  const bool least_first_;
};

}  // namespace

int exif_orientation(std::string_view exif) {
  constexpr std::size_t kTag = 0x0112, kShort = 3, kEntry = 12;
  constexpr int kUpright = 1, kLast = 8;
  if (!exif.starts_with("II") && !exif.starts_with("MM")) {
    return kUpright;
  }
  const Numbers numbers(exif, exif.front() == 'I');
  const auto table = numbers.at(4, 4);
  const auto count = table ? numbers.at(*table, 2) : std::nullopt;
  for (std::size_t i = 0; count && i < *count; ++i) {
    const auto entry = *table + 2 + i * kEntry;
    const auto tag = numbers.at(entry, 2);
    if (!tag) {
      break;
    }
    const auto value = numbers.at(entry + 8, 2);
    if (*tag == kTag && numbers.at(entry + 2, 2) == kShort && value && *value >= kUpright &&
        *value <= kLast) {
      return static_cast<int>(*value);
    }
  }
  return kUpright;
}

int jpeg_orientation(std::string_view jpeg) {
  constexpr std::string_view kMark("Exif\0\0", 6);
  constexpr std::size_t kExif = 0xE1, kStartOfScan = 0xDA;
  const Numbers numbers(jpeg, false);
  for (std::size_t at = 2;;) {
    const auto head = numbers.at(at, 2);
    const auto length = numbers.at(at + 2, 2);
    if (!head || !length || *head >> 8 != 0xFF || (*head & 0xFF) == kStartOfScan || *length < 2) {
      return 1;
    }
    const auto segment = jpeg.substr(at + 4, *length - 2);
    if ((*head & 0xFF) == kExif && segment.starts_with(kMark)) {
      return exif_orientation(segment.substr(kMark.size()));
    }
    at += 2 + *length;
  }
}

Pixels upright(Pixels pixels, int orientation) {
  if (orientation <= 1) {
    return pixels;
  }
  const bool lies = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Pixels turned{lies ? pixels.height : pixels.width, lies ? pixels.width : pixels.height, {}};
  turned.bgra.resize(pixels.bgra.size());
  auto* to = turned.bgra.data();
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x, to += 4) {
      const int column = lies ? y : x, line = lies ? x : y;
      const auto from_x = static_cast<std::size_t>(from_right ? pixels.width - 1 - column : column);
      const auto from_y = static_cast<std::size_t>(from_bottom ? pixels.height - 1 - line : line);
      const auto* const from =
          pixels.bgra.data() + (from_y * static_cast<std::size_t>(pixels.width) + from_x) * 4;
      std::copy(from, from + 4, to);
    }
  }
  return turned;
}

}  // namespace base
