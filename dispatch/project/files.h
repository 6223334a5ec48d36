#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace dispatch {

// Single files of a project folder. What is in the folder was made by somebody who is not trusted, so nothing
// here follows a symbolic link, and every step goes from one open folder to the next: what is exchanged in
// between cannot lead outside.

/// A file name made from what a person or a service calls the file: the base name, at most 120 bytes of
/// UTF-8 with the extension kept, without control and direction characters, not beginning with "." or "-";
/// "file" where nothing is left.
std::string safe_file_name(std::string_view name);

/// "report-2.txt" for the second of that name; the name itself for the first.
std::string with_number(const std::string& name, int number);

/// Whether a path may be read for a chat: relative, UTF-8, and no part of it hidden, "." or "..".
bool is_shown_path(std::string_view path);

/// Reads a file of the project: a regular file of at most `max_bytes`. Throws base::PermanentError with a
/// sentence where it is none, larger, gone, or the path is not one that is_shown_path() allows.
std::string read_project_file(const std::filesystem::path& folder, const std::string& path,
                              std::uint64_t max_bytes);

/// Its size in bytes. Throws as read_project_file(), but for the size.
std::uint64_t project_file_size(const std::filesystem::path& folder, const std::string& path);

/// A file on its way into a folder of the project. It has no name there before keep(), and is gone without.
/// The caller holds the project's lock. Thread rule: one thread.
class ArrivingFile {
 public:
  struct Limits {
    std::uint64_t max_bytes = 0;
    std::uint64_t keep_free = 0;  ///< bytes of the disk that must stay free
  };
  /// Makes the folder `<project>/<subfolder>` where needed. Throws base::PermanentError with a sentence where
  /// that is no folder or cannot be written.
  ArrivingFile(const std::filesystem::path& project, const std::string& subfolder, const Limits& limits);
  ~ArrivingFile();
  ArrivingFile(const ArrivingFile&) = delete;
  ArrivingFile& operator=(const ArrivingFile&) = delete;

  /// Adds bytes. Throws base::PermanentError with a sentence past a limit, or where they cannot be written.
  void write(std::string_view bytes);
  std::uint64_t size() const { return size_; }

  /// Gives it the name safe_file_name(name), with a number added where another file has it, and returns the
  /// path relative to the project. A file that is there already with the same bytes is taken instead, so that
  /// a repeat after a crash leaves one file. Never replaces anything. Throws base::PermanentError.
  std::string keep(std::string_view name);

 private:
  [[noreturn]] void fail(const char* what) const;
  bool holds_the_same(const std::string& name) const;
  void check_space();

  const std::string subfolder_;
  const Limits limits_;
  base::Fd folder_;
  std::string temporary_;
  base::Fd file_;
  std::uint64_t size_ = 0;
  std::uint64_t next_look_ = 0;  ///< at the disk, in bytes written
};

}  // namespace dispatch
