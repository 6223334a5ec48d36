#include "base/picture/picture.h"
#include "base/picture/pixels.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

void picture(std::string_view input) {
  const int turned = base::exif_orientation(input);
  require(turned >= 1 && turned <= 8, "a picture can be turned in eight ways");
  try {
    const auto picture = base::shrunk_picture(input);
    require(base::begins_like_picture(input), "it was known to be one");
    require(picture.width >= 1 && picture.width <= base::kLongestSide && picture.height >= 1 &&
                picture.height <= base::kLongestSide,
            "no side is too long");
    const auto again = base::decode_jpeg(picture.jpeg, {100'000'000, base::kLongestSide});
    require(again.width == picture.width && again.height == picture.height,
            "what comes out is a picture of that size");
  } catch (const base::PictureProblem&) {
    // Which is told.
  }
}

}  // namespace fuzz
