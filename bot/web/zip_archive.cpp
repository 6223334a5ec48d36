#include "bot/web/zip_archive.h"

#include <zlib.h>

namespace bot::web {
namespace {

constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kNamesAreUtf8 = 1U << 11;
constexpr std::uint16_t kStored = 0;
/// 1 January 1980, the earliest there is: when a file was written is not told.
constexpr std::uint32_t kTime = 0x00210000;

void put16(std::string& out, std::uint16_t value) {
  out.push_back(static_cast<char>(value & 0xff));
  out.push_back(static_cast<char>(value >> 8));
}

void put32(std::string& out, std::uint32_t value) {
  put16(out, static_cast<std::uint16_t>(value & 0xffff));
  put16(out, static_cast<std::uint16_t>(value >> 16));
}

/// What the local header and the entry of the directory share.
void put_entry(std::string& out, std::string_view name, std::string_view content, std::uint32_t crc) {
  put16(out, kVersion);
  put16(out, kNamesAreUtf8);
  put16(out, kStored);
  put32(out, kTime);
  put32(out, crc);
  put32(out, static_cast<std::uint32_t>(content.size()));
  put32(out, static_cast<std::uint32_t>(content.size()));
  put16(out, static_cast<std::uint16_t>(name.size()));
  put16(out, 0);  // no extra field
}

}  // namespace

void ZipArchive::add(std::string_view name, std::string_view content) {
  const auto crc = static_cast<std::uint32_t>(::crc32_z(
      ::crc32_z(0, nullptr, 0), reinterpret_cast<const unsigned char*>(content.data()), content.size()));
  const auto at = static_cast<std::uint32_t>(bytes_.size());
  put32(bytes_, 0x04034b50);
  put_entry(bytes_, name, content, crc);
  bytes_ += name;
  bytes_ += content;
  put32(directory_, 0x02014b50);
  put16(directory_, kVersion);
  put_entry(directory_, name, content, crc);
  put16(directory_, 0);  // no comment
  put16(directory_, 0);  // on the first disk
  put16(directory_, 0);  // attributes
  put32(directory_, 0);
  put32(directory_, at);
  directory_ += name;
  ++count_;
}

std::string ZipArchive::finish() {
  const auto at = static_cast<std::uint32_t>(bytes_.size());
  bytes_ += directory_;
  put32(bytes_, 0x06054b50);
  put16(bytes_, 0);
  put16(bytes_, 0);
  put16(bytes_, count_);
  put16(bytes_, count_);
  put32(bytes_, static_cast<std::uint32_t>(directory_.size()));
  put32(bytes_, at);
  put16(bytes_, 0);
  return std::move(bytes_);
}

}  // namespace bot::web
