#include "tests/support/pictures.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <vector>

#include <gif_lib.h>
#include <png.h>
#include <webp/encode.h>
#include <zlib.h>

#include "base/picture/pixels.h"

namespace support {
namespace {

constexpr std::uint8_t kFull = 255;

base::Pixels halves(int width, int height) {
  base::Pixels pixels{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool left = x < width / 2;
      for (const auto value :
           {left ? std::uint8_t{0} : kFull, std::uint8_t{0}, left ? kFull : std::uint8_t{0}, kFull}) {
        pixels.bgra.push_back(value);
      }
    }
  }
  return pixels;
}

std::string png_of(const base::Pixels& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(pixels.width);
  image.height = static_cast<png_uint_32>(pixels.height);
  image.format = PNG_FORMAT_BGRA;
  png_alloc_size_t size = 0;
  png_image_write_to_memory(&image, nullptr, &size, 0, pixels.bgra.data(), 0, nullptr);
  std::string file(size, '\0');
  if (png_image_write_to_memory(&image, file.data(), &size, 0, pixels.bgra.data(), 0, nullptr) == 0) {
    throw std::runtime_error(image.message);
  }
  file.resize(size);
  return file;
}

std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(value >> shift & 0xFF);
  }
  return bytes;
}

/// Of a WebP file: least byte first.
std::string little(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text += static_cast<char>(value >> (8 * i) & 0xFF);
  }
  return text;
}

std::string chunk(const std::string& name, const std::string& content) {
  return name + little(static_cast<std::uint32_t>(content.size()), 4) + content +
         (content.size() % 2 == 0 ? "" : std::string(1, '\0'));
}

std::string webp_of(const base::Pixels& pixels) {
  std::uint8_t* data = nullptr;
  const auto size =
      WebPEncodeLosslessBGRA(pixels.bgra.data(), pixels.width, pixels.height, pixels.width * 4, &data);
  std::string file(reinterpret_cast<const char*>(data), size);
  WebPFree(data);
  return file;
}

std::size_t pixels_of(int width, int height) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

int write_gif(GifFileType* gif, const GifByteType* bytes, int count) {
  static_cast<std::string*>(gif->UserData)
      ->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  return count;
}

}  // namespace

std::string png_file(int width, int height) {
  return png_of(halves(width, height));
}

std::string transparent_png(int width, int height) {
  return png_of({width, height, std::vector<std::uint8_t>(pixels_of(width, height) * 4)});
}

std::string jpeg_file(int width, int height) {
  return base::to_jpeg(halves(width, height), 10'000'000);
}

std::string webp_file(int width, int height) {
  return webp_of(halves(width, height));
}

std::string animated_webp(int width, int height) {
  constexpr std::size_t kRiffHead = 12;
  const auto size =
      little(static_cast<std::uint32_t>(width - 1), 3) + little(static_cast<std::uint32_t>(height - 1), 3);
  std::string chunks =
      chunk("VP8X", std::string("\x02\0\0\0", 4) + size) + chunk("ANIM", std::string(6, '\0'));
  const auto first = webp_file(width, height).substr(kRiffHead);
  const auto second = webp_of({width, height, std::vector<std::uint8_t>(pixels_of(width, height) * 4, kFull)})
                          .substr(kRiffHead);
  for (const auto& picture : {first, second}) {
    chunks += chunk("ANMF", std::string(6, '\0') + size + little(100, 3) + std::string(1, '\0') + picture);
  }
  return "RIFF" + little(static_cast<std::uint32_t>(chunks.size() + 4), 4) + "WEBP" + chunks;
}

std::string gif_file(int width, int height) {
  std::string file;
  int error = 0;
  auto* const gif = EGifOpen(&file, write_gif, &error);
  GifColorType colours[4] = {{255, 0, 0}, {0, 0, 255}, {0, 255, 0}, {0, 0, 0}};
  auto* const map = GifMakeMapObject(4, colours);
  EGifPutScreenDesc(gif, width, height, 8, 0, map);
  for (int picture = 0; picture < 2; ++picture) {
    EGifPutImageDesc(gif, 0, 0, width, height, false, nullptr);
    for (int y = 0; y < height; ++y) {
      std::vector<GifPixelType> line;
      for (int x = 0; x < width; ++x) {
        line.push_back(picture == 1 ? 2 : x < width / 2 ? 0 : 1);
      }
      EGifPutLine(gif, line.data(), width);
    }
  }
  GifFreeMapObject(map);
  EGifCloseFile(gif, &error);
  return file;
}

std::string with_exif(const std::string& jpeg, int orientation, const std::string& place) {
  const std::string entry =
      std::string("\x01\x12\0\x03\0\0\0\x01\0", 9) + static_cast<char>(orientation) + std::string(2, '\0');
  const std::string exif = std::string("Exif\0\0MM\0*\0\0\0\x08\0\x01", 16) + entry + number(0) + place;
  const auto length = exif.size() + 2;
  return jpeg.substr(0, 2) + "\xff\xe1" + static_cast<char>(length >> 8) + static_cast<char>(length & 0xFF) +
         exif + jpeg.substr(2);
}

std::string png_header(std::uint32_t width, std::uint32_t height) {
  const auto chunk = "IHDR" + number(width) + number(height) + std::string("\x08\x06\0\0\0", 5);
  const auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(chunk.data()), static_cast<uInt>(chunk.size()));
  return std::string("\x89PNG\r\n\x1a\n", 8) + number(13) + chunk + number(static_cast<std::uint32_t>(sum)) +
         number(1'000) + "IDAT\x78\x9c";
}

}  // namespace support
