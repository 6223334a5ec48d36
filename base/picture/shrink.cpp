#include <algorithm>
#include <cstring>
#include <memory>

#include <turbojpeg.h>
#include <webp/encode.h>

#include "base/picture/pixels.h"

namespace base {
namespace {

using Kind = PictureProblem::Kind;

[[noreturn]] void fail_for_memory() {
  throw PictureProblem(Kind::too_large, "there is not enough memory for it");
}

/// What is transparent stands on paper.
void put_on_white(Pixels& pixels) {
  constexpr unsigned kOpaque = 255;
  for (std::size_t i = 0; i + 3 < pixels.bgra.size(); i += 4) {
    const unsigned alpha = pixels.bgra[i + 3];
    for (std::size_t channel = 0; alpha < kOpaque && channel < 3; ++channel) {
      auto& value = pixels.bgra[i + channel];
      value = static_cast<std::uint8_t>((value * alpha + kOpaque * (kOpaque - alpha)) / kOpaque);
    }
  }
}

std::string compressed(const Pixels& pixels, int quality) {
  const std::unique_ptr<void, int (*)(tjhandle)> encoder(tjInitCompress(), tjDestroy);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  // Without subsampling: coloured letters of a screenshot would blur.
  const bool done = encoder && tjCompress2(encoder.get(), pixels.bgra.data(), pixels.width, 0, pixels.height,
                                           TJPF_BGRX, &data, &size, TJSAMP_444, quality, 0) == 0;
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owned(data, tjFree);
  if (!done) {
    fail_for_memory();
  }
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

Pixels scaled(Pixels pixels, int longest) {
  const int side = std::max(pixels.width, pixels.height);
  if (side <= longest) {
    return pixels;
  }
  const auto shorter = [&](int length) {
    return std::max(1, static_cast<int>(static_cast<std::int64_t>(length) * longest / side));
  };
  WebPPicture picture;
  if (WebPPictureInit(&picture) == 0) {
    fail_for_memory();
  }
  const std::unique_ptr<WebPPicture, void (*)(WebPPicture*)> owned(&picture, WebPPictureFree);
  picture.use_argb = 1;
  picture.width = pixels.width;
  picture.height = pixels.height;
  if (WebPPictureImportBGRA(&picture, pixels.bgra.data(), pixels.width * 4) == 0) {
    fail_for_memory();
  }
  pixels.bgra = {};
  if (WebPPictureRescale(&picture, shorter(picture.width), shorter(picture.height)) == 0) {
    fail_for_memory();
  }
  Pixels small{picture.width, picture.height, {}};
  const auto row = static_cast<std::size_t>(small.width) * 4;
  small.bgra.resize(row * static_cast<std::size_t>(small.height));
  for (int y = 0; y < small.height; ++y) {
    // A word of alpha, red, green, blue is these four bytes backwards in memory.
    std::memcpy(small.bgra.data() + row * static_cast<std::size_t>(y),
                picture.argb + static_cast<std::ptrdiff_t>(y) * picture.argb_stride, row);
  }
  return small;
}

std::string to_jpeg(Pixels pixels, std::size_t max_bytes) {
  constexpr int kBest = 88, kWorst = 40, kStep = 16;
  put_on_white(pixels);
  auto jpeg = compressed(pixels, kBest);
  for (int quality = kBest - kStep; jpeg.size() > max_bytes && quality >= kWorst; quality -= kStep) {
    jpeg = compressed(pixels, quality);
  }
  return jpeg;
}

}  // namespace base
