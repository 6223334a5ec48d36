#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace base {

/// The whole file; throws std::system_error that names the path.
std::string read_file(const std::filesystem::path& path);

/// The whole file, or nothing if it does not exist; other failures throw.
std::optional<std::string> read_file_if_exists(const std::filesystem::path& path);

/// Whether a file must survive a power cut, which costs an fsync, or may be lost with the last seconds.
enum class Durability { synced, relaxed };

/// Replaces the file in one step (temporary file, rename), so that a reader sees the old or the new text.
void write_file_atomically(const std::filesystem::path& path, std::string_view text,
                           Durability durability = Durability::synced);

/// "~/x" with the home folder of the user, any other path unchanged.
std::filesystem::path expand_home(const std::string& path);

/// The folder or file as a person would type it: "~" for the home folder.
std::string abbreviate_home(const std::filesystem::path& path);

/// The folder named by HOME, else the one in the user database.
std::filesystem::path home_directory();

/// An exclusive lock on a file, held by the kernel and so gone with its holders. The file keeps one line that
/// names the holder. A child that inherits the descriptor keeps the lock held.
class FileLock {
 public:
  /// The lock, or nothing while somebody else holds it. Throws std::system_error if the file cannot be
  /// opened.
  static std::optional<FileLock> try_acquire(const std::filesystem::path& path, std::string_view holder);

  /// Whether somebody holds it now. Never takes it, so that looking stops nobody.
  static bool is_held(const std::filesystem::path& path);

  /// The line that names the holder; empty where there is none.
  static std::string holder(const std::filesystem::path& path);

  int fd() const { return fd_.get(); }

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace base
