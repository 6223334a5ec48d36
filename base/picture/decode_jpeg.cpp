#include <algorithm>
#include <memory>

#include <turbojpeg.h>

#include "base/picture/pixels.h"

namespace base {
namespace {

using Kind = PictureProblem::Kind;

/// The smallest size that the decoder offers and that is not below `longest`.
tjscalingfactor scale_for(int width, int height, int longest) {
  int count = 0;
  const auto* const factors = tjGetScalingFactors(&count);
  tjscalingfactor best{1, 1};
  for (int i = 0; factors != nullptr && i < count; ++i) {
    const auto factor = factors[i];
    const int side = TJSCALED(std::max(width, height), factor);
    if (side >= longest && side < TJSCALED(std::max(width, height), best)) {
      best = factor;
    }
  }
  return best;
}

}  // namespace

Pixels decode_jpeg(std::string_view bytes, const DecodeBounds& bounds) {
  const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
  if (!decoder) {
    throw PictureProblem(Kind::broken, "there is not enough memory for it");
  }
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, subsampling = 0, colours = 0;
  if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &subsampling, &colours) != 0) {
    throw PictureProblem(Kind::broken, "its file is damaged");
  }
  check_size(width, height, bounds.max_pixels);
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) {
    throw PictureProblem(Kind::unknown_format, "its colours are those for printing");
  }
  const auto scale = scale_for(width, height, bounds.longest);
  Pixels pixels{TJSCALED(width, scale), TJSCALED(height, scale), {}};
  pixels.bgra.resize(static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height) * 4);
  // A file may hold any number of passes over all of its pixels.
  const int read = tjDecompress2(decoder.get(), data, bytes.size(), pixels.bgra.data(), pixels.width, 0,
                                 pixels.height, TJPF_BGRA, TJFLAG_LIMITSCANS);
  if (read != 0 && tjGetErrorCode(decoder.get()) != TJERR_WARNING) {
    throw PictureProblem(Kind::broken, "its file is damaged");
  }
  return upright(std::move(pixels), jpeg_orientation(bytes));
}

}  // namespace base
