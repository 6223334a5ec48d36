// Pictures that strangers send.
#include <chrono>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/picture/picture_child.h"
#include "base/picture/pixels.h"
#include "tests/support/pictures.h"
#include "tests/support/text.h"

using support::contains;

namespace {

using Kind = base::PictureProblem::Kind;

struct Colour {
  int red, green, blue;
};

/// At a place that is given in hundredths of the sides.
Colour colour_at(const base::Picture& picture, int x, int y) {
  const auto pixels = base::decode_jpeg(picture.jpeg, {100'000'000, base::kLongestSide});
  const auto at =
      (static_cast<std::size_t>(pixels.height * y / 100) * static_cast<std::size_t>(pixels.width) +
       static_cast<std::size_t>(pixels.width * x / 100)) *
      4;
  return {pixels.bgra.at(at + 2), pixels.bgra.at(at + 1), pixels.bgra.at(at)};
}

bool is_red(const Colour& colour) {
  return colour.red > 200 && colour.green < 60 && colour.blue < 60;
}
bool is_blue(const Colour& colour) {
  return colour.red < 60 && colour.green < 60 && colour.blue > 200;
}

std::optional<Kind> problem_of(const std::string& file) {
  try {
    base::shrunk_picture(file);
    return std::nullopt;
  } catch (const base::PictureProblem& problem) {
    return problem.kind;
  }
}

}  // namespace

TEST_CASE("pictures of each format become a JPEG, as large as they are; of an animation the first one") {
  for (const auto& file : {support::png_file(60, 40), support::jpeg_file(60, 40), support::webp_file(60, 40),
                           support::gif_file(60, 40), support::animated_webp(60, 40)}) {
    CAPTURE(file.substr(0, 4));
    CHECK(base::begins_like_picture(file));
    const auto picture = base::shrunk_picture(file);
    CHECK(picture.width == 60);
    CHECK(picture.height == 40);
    CHECK(picture.jpeg.starts_with("\xff\xd8\xff"));
    CHECK(is_red(colour_at(picture, 20, 50)));
    CHECK(is_blue(colour_at(picture, 80, 50)));
  }
}

TEST_CASE("what is larger than a model looks at is scaled down, in proportion") {
  for (const auto& file :
       {support::png_file(3136, 100), support::jpeg_file(6272, 200), support::webp_file(3136, 100)}) {
    const auto picture = base::shrunk_picture(file);
    CHECK(picture.width == 1568);
    CHECK(picture.height == 50);
    CHECK(is_red(colour_at(picture, 20, 50)));
    CHECK(is_blue(colour_at(picture, 80, 50)));
  }
  const auto strip = base::shrunk_picture(support::png_file(4, 20'000));
  CHECK(strip.width == 1);
  CHECK(strip.height == 1568);
}

TEST_CASE("a photograph stands upright, and where it was taken stays here") {
  const auto photo = support::with_exif(support::jpeg_file(64, 32), 6, "N 47.3769 E 8.5417");
  REQUIRE(contains(photo, "N 47.3769"));
  const auto picture = base::shrunk_picture(photo);
  CHECK(picture.width == 32);
  CHECK(picture.height == 64);
  CHECK(is_red(colour_at(picture, 50, 20)));  // the left has come to the top
  CHECK(is_blue(colour_at(picture, 50, 80)));
  CHECK_FALSE(contains(picture.jpeg, "47.3769"));
  CHECK_FALSE(contains(picture.jpeg, "Exif"));
  CHECK(is_blue(
      colour_at(base::shrunk_picture(support::with_exif(support::jpeg_file(64, 32), 3, "")), 20, 50)));
  CHECK(is_blue(
      colour_at(base::shrunk_picture(support::with_exif(support::jpeg_file(64, 32), 8, "")), 50, 20)));
  CHECK(is_red(
      colour_at(base::shrunk_picture(support::with_exif(support::jpeg_file(64, 32), 77, "")), 20, 50)));
}

TEST_CASE("what is transparent stands on white") {
  const auto colour = colour_at(base::shrunk_picture(support::transparent_png(20, 20)), 50, 50);
  CHECK(colour.red > 250);
  CHECK(colour.green > 250);
  CHECK(colour.blue > 250);
}

TEST_CASE("a bomb is known by its header, and nothing of it is decoded") {
  CHECK(problem_of(support::png_header(30'000, 30'000)) == Kind::too_large);
  CHECK(problem_of(support::png_header(100'000, 1)) == Kind::too_large);
  auto gif = support::gif_file(8, 8);
  const auto descriptor = gif.find(',');
  REQUIRE(descriptor != std::string::npos);
  gif.replace(descriptor + 5, 4, "\xff\xff\xff\xff");
  CHECK(problem_of(gif) == Kind::too_large);
}

TEST_CASE("what is damaged is refused, or shown as far as it goes") {
  const auto png = support::png_file(200, 200), jpeg = support::jpeg_file(200, 200);
  CHECK(problem_of(png.substr(0, png.size() / 2)) == Kind::broken);
  CHECK(problem_of(support::png_header(20, 20)) == Kind::broken);
  CHECK(problem_of(jpeg.substr(0, 30)) == Kind::broken);
  CHECK(problem_of(jpeg.substr(0, jpeg.size() - 20)) == std::nullopt);
  const auto webp = support::webp_file(200, 200);
  CHECK(problem_of(webp.substr(0, webp.size() / 2)) == Kind::broken);
  CHECK(problem_of(support::gif_file(9, 9).substr(0, 14)) == Kind::broken);
  CHECK(problem_of("") == Kind::unknown_format);
  CHECK(problem_of("<svg xmlns='http://www.w3.org/2000/svg'/>") == Kind::unknown_format);
}

TEST_CASE("a child decodes what people send, in the sandbox where there is one") {
  const auto file = support::png_file(60, 40);
  const auto here = base::shrunk_picture(file);
  const auto there = base::shrink_in_child(file, base::Sandbox(), {});
  CHECK(there.width == 60);
  CHECK(there.height == 40);
  CHECK(there.jpeg == here.jpeg);
  if (base::Sandbox::check().works) {
    CHECK(base::shrink_in_child(file, base::Sandbox({}, {}), {}).jpeg == here.jpeg);
  }
}

TEST_CASE("a child says what is wrong with a picture") {
  try {
    base::shrink_in_child(support::png_header(30'000, 30'000), base::Sandbox(), {});
    FAIL("it was taken");
  } catch (const base::PictureProblem& problem) {
    CHECK(problem.kind == Kind::too_large);
    CHECK(std::string(problem.what()) == "it has too many pixels");
  }
  CHECK_THROWS_AS(base::shrink_in_child("hello", base::Sandbox(), {}), base::PictureProblem);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(base::shrink_in_child(support::png_file(9, 9), base::Sandbox(), stop.get_token()),
                  base::Stopped);
}
