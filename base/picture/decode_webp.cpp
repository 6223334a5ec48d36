#include <algorithm>
#include <memory>

#include <webp/decode.h>
#include <webp/demux.h>

#include "base/picture/pixels.h"

namespace base {
namespace {

using Kind = PictureProblem::Kind;

[[noreturn]] void fail_as_damaged() {
  throw PictureProblem(Kind::broken, "its file is damaged");
}

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

/// The part of the file that holds the first picture.
std::string_view first_frame(const WebPDemuxer* file) {
  WebPIterator frame{};
  if (WebPDemuxGetFrame(file, 1, &frame) == 0) {
    fail_as_damaged();
  }
  const std::string_view bytes(reinterpret_cast<const char*>(frame.fragment.bytes), frame.fragment.size);
  WebPDemuxReleaseIterator(&frame);  // the bytes are those of the file
  return bytes;
}

int orientation_of(const WebPDemuxer* file) {
  WebPChunkIterator chunk{};
  if (WebPDemuxGetChunk(file, "EXIF", 1, &chunk) == 0) {
    return 1;
  }
  std::string_view exif(reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size);
  constexpr std::string_view kMark("Exif\0\0", 6);
  if (exif.starts_with(kMark)) {
    exif.remove_prefix(kMark.size());
  }
  const int orientation = exif_orientation(exif);
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

}  // namespace

Pixels decode_webp(std::string_view bytes, const DecodeBounds& bounds) {
  const WebPData data{bytes_of(bytes), bytes.size()};
  const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> file(WebPDemux(&data), WebPDemuxDelete);
  if (!file) {
    fail_as_damaged();
  }
  const auto frame = first_frame(file.get());
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0 ||
      WebPGetFeatures(bytes_of(frame), frame.size(), &config.input) != VP8_STATUS_OK) {
    fail_as_damaged();
  }
  check_size(config.input.width, config.input.height, bounds.max_pixels);
  Pixels pixels{config.input.width, config.input.height, {}};
  pixels.bgra.resize(static_cast<std::size_t>(pixels.width) * static_cast<std::size_t>(pixels.height) * 4);
  config.output.colorspace = MODE_BGRA;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {pixels.bgra.data(), pixels.width * 4, pixels.bgra.size()};
  const auto status = WebPDecode(bytes_of(frame), frame.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) {
    fail_as_damaged();
  }
  return upright(std::move(pixels), orientation_of(file.get()));
}

}  // namespace base
