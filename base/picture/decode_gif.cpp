#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <gif_lib.h>

#include "base/picture/pixels.h"

namespace base {
namespace {

using Kind = PictureProblem::Kind;

[[noreturn]] void fail_as_damaged() {
  throw PictureProblem(Kind::broken, "its file is damaged");
}

int read_more(GifFileType* gif, GifByteType* to, int length) {
  auto& rest = *static_cast<std::string_view*>(gif->UserData);
  const auto count = std::min(rest.size(), static_cast<std::size_t>(std::max(length, 0)));
  std::memcpy(to, rest.data(), count);
  rest.remove_prefix(count);
  return static_cast<int>(count);
}

void close_gif(GifFileType* gif) {
  DGifCloseFile(gif, nullptr);
}

/// The colour that stands for no colour, as the block before the picture says; -1 where none does.
int read_extension(GifFileType* gif) {
  int code = 0, transparent = NO_TRANSPARENT_COLOR;
  GifByteType* block = nullptr;
  if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) {
    fail_as_damaged();
  }
  while (block != nullptr) {
    GraphicsControlBlock control{};
    if (code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4 &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      transparent = control.TransparentColor;
    }
    if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) {
      fail_as_damaged();
    }
  }
  return transparent;
}

/// The numbers of the lines in the order in which the file has them.
std::vector<int> lines_of(const GifImageDesc& image) {
  std::vector<int> lines;
  const auto add = [&](int first, int step) {
    for (int line = first; line < image.Height; line += step) {
      lines.push_back(line);
    }
  };
  if (image.Interlace) {
    add(0, 8);
    add(4, 8);
    add(2, 4);
    add(1, 2);
  } else {
    add(0, 1);
  }
  return lines;
}

/// What is missing at the end stays transparent.
Pixels read_picture(GifFileType* gif, int transparent, std::int64_t max_pixels) {
  if (DGifGetImageDesc(gif) == GIF_ERROR) {
    fail_as_damaged();
  }
  const auto& image = gif->Image;
  check_size(image.Width, image.Height, max_pixels);
  const auto* const colours = image.ColorMap != nullptr ? image.ColorMap : gif->SColorMap;
  if (colours == nullptr) {
    fail_as_damaged();
  }
  Pixels pixels{image.Width, image.Height, {}};
  const auto row = static_cast<std::size_t>(pixels.width) * 4;
  pixels.bgra.resize(row * static_cast<std::size_t>(pixels.height));
  std::vector<GifPixelType> line(static_cast<std::size_t>(pixels.width));
  for (const int number : lines_of(image)) {
    if (DGifGetLine(gif, line.data(), pixels.width) == GIF_ERROR) {
      break;
    }
    auto* to = pixels.bgra.data() + row * static_cast<std::size_t>(number);
    for (const auto index : line) {
      if (index < colours->ColorCount && index != transparent) {
        const auto& colour = colours->Colors[index];
        const std::array<std::uint8_t, 4> bgra{colour.Blue, colour.Green, colour.Red, 255};
        std::copy(bgra.begin(), bgra.end(), to);
      }
      to += 4;
    }
  }
  return pixels;
}

}  // namespace

Pixels decode_gif(std::string_view bytes, const DecodeBounds& bounds) {
  const std::unique_ptr<GifFileType, void (*)(GifFileType*)> gif(DGifOpen(&bytes, read_more, nullptr),
                                                                 close_gif);
  if (!gif) {
    fail_as_damaged();
  }
  for (int transparent = NO_TRANSPARENT_COLOR;;) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(gif.get(), &type) == GIF_ERROR) {
      fail_as_damaged();
    }
    if (type == EXTENSION_RECORD_TYPE) {
      const int found = read_extension(gif.get());
      transparent = found != NO_TRANSPARENT_COLOR ? found : transparent;
    } else if (type == IMAGE_DESC_RECORD_TYPE) {
      return read_picture(gif.get(), transparent, bounds.max_pixels);
    } else {
      fail_as_damaged();
    }
  }
}

}  // namespace base
