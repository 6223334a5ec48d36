#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bot::web {

/// Builds a zip archive in memory: stored, not compressed, names in UTF-8 (APPNOTE 6.3.3 sections 4.3 and
/// 4.4). For archives and files below 4 GiB and at most 65,535 files. Thread rule: one thread.
class ZipArchive {
 public:
  void add(std::string_view name, std::string_view content);
  /// The whole archive; nothing is added after that.
  std::string finish();
  /// Bytes so far, without the directory at the end.
  std::size_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
  std::string directory_;
  std::uint16_t count_ = 0;
};

}  // namespace bot::web
