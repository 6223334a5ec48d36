#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace dispatch {

/// A project's folder, held open to read single files that may be links. What is in it was made by somebody
/// who is not trusted, so every step goes from one open folder to the next, and a link is followed as long as
/// it stays in the folder. Thread rule: any thread.
class ProjectFolder {
 public:
  /// One that cannot be opened has no files.
  explicit ProjectFolder(const std::filesystem::path& folder);

  struct File {
    std::string path;            ///< relative to the folder, behind all links
    std::string text;            ///< its bytes; of a file that is larger than allowed the head and the tail
    std::uint64_t left_out = 0;  ///< how many bytes are not in `text`, which then breaks at its middle
  };
  /// Reads a regular file: at most `max_bytes` of it, whatever its size. The path is relative to the folder,
  /// or absolute and in it. Nothing where there is no such file, or it lies or leads outside.
  std::optional<File> read(std::string_view path, std::size_t max_bytes) const;
  /// The first 1,000 names in a folder, sorted; none where there is no such folder.
  std::vector<std::string> names_in(std::string_view path) const;

 private:
  std::filesystem::path folder_;
  base::Fd root_;
};

}  // namespace dispatch
