#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/fd.h"
#include "base/file.h"

namespace base {

/// A folder that is held open, for files that somebody who is not trusted can exchange: whatever becomes of
/// its path, and of links in it, what is read and written by a name is in this folder. A name has no "/".
/// Thread rule: any thread.
class HeldFolder {
 public:
  /// Nothing where there is no such folder or its last part is a link. Other failures throw
  /// std::system_error.
  static std::optional<HeldFolder> open(const std::filesystem::path& path);
  /// A folder in it, made where needed (mode 0700). Throws std::system_error, also where that is a link.
  HeldFolder make(const std::string& name) const;
  /// A folder in it; nothing where there is none or that is a link.
  std::optional<HeldFolder> folder(const std::string& name) const;

  /// The whole file: regular, no link, of at most `max_bytes`. Nothing where it is none of these or cannot be
  /// read. Waits for nobody, as opening a named pipe does.
  std::optional<std::string> read(const std::string& name, std::size_t max_bytes) const;
  /// The same of a file of any size, up to `max_bytes`.
  std::optional<std::string> read_head(const std::string& name, std::size_t max_bytes) const;
  /// Replaces the file in one step. Throws std::system_error.
  void write(const std::string& name, std::string_view text, Durability durability = Durability::synced,
             mode_t mode = 0600) const;
  /// Whether anything has that name.
  bool has(const std::string& name) const;
  /// Whether it is a regular file.
  bool has_file(const std::string& name) const;
  /// When the regular file was last changed.
  std::optional<timespec> changed(const std::string& name) const;
  void remove(const std::string& name) const;
  void rename(const std::string& name, const std::string& to) const;
  /// Opens a file for adding to it, made where needed; not valid where that is no regular file.
  Fd open_to_add(const std::string& name) const;
  /// Up to `most` names, in no order.
  std::vector<std::string> names(std::size_t most) const;

  /// A path to what is in it now by that name, good in this process for as long as the object lives, wherever
  /// the folder went. Not for a name that may be a link, unless what it is given to refuses links.
  std::filesystem::path path_of(const std::string& name) const;

 private:
  explicit HeldFolder(Fd fd) : fd_(std::move(fd)) {}
  Fd open_file(const std::string& name) const;

  Fd fd_;
};

/// The file at a path that is not trusted: as HeldFolder::read(), but in a folder that is trusted.
std::optional<std::string> read_regular_file(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace base
