#include <png.h>

#include "base/picture/pixels.h"

namespace base {
namespace {

/// Frees what libpng holds, whatever happens.
struct PngImage {
  png_image image{};
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

}  // namespace

Pixels decode_png(std::string_view bytes, const DecodeBounds& bounds) {
  PngImage png;
  if (png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size()) == 0) {
    throw PictureProblem(PictureProblem::Kind::broken, "its file is damaged");
  }
  check_size(png.image.width, png.image.height, bounds.max_pixels);
  png.image.format = PNG_FORMAT_BGRA;
  Pixels pixels{static_cast<int>(png.image.width), static_cast<int>(png.image.height), {}};
  pixels.bgra.resize(PNG_IMAGE_SIZE(png.image));
  if (png_image_finish_read(&png.image, nullptr, pixels.bgra.data(), 0, nullptr) == 0) {
    throw PictureProblem(PictureProblem::Kind::broken, "its file is damaged");
  }
  return pixels;
}

}  // namespace base
