#pragma once

#include <cstdint>
#include <string>

namespace support {

// Small picture files, written by the libraries that read them. The left half is red, the right half blue.

std::string png_file(int width, int height);
/// Without any colour: what is behind it shows.
std::string transparent_png(int width, int height);
std::string jpeg_file(int width, int height);
std::string webp_file(int width, int height);
// Animations, whose second picture is another one.
std::string gif_file(int width, int height);
std::string animated_webp(int width, int height);

/// The JPEG file with Exif data: how it is to be turned, and a text where a place would stand.
std::string with_exif(const std::string& jpeg, int orientation, const std::string& place);

/// What a PNG file of that size begins with: its header, and the beginning of its picture.
std::string png_header(std::uint32_t width, std::uint32_t height);

}  // namespace support
