#include "base/private_folder.h"

#include <cerrno>
#include <system_error>

#include <sys/stat.h>

#include "base/error.h"

namespace base {

void make_private_folders(const std::filesystem::path& path) {
  std::filesystem::path folder;
  for (const auto& part : path) {
    folder /= part;
    if (part.empty() || ::mkdir(folder.c_str(), 0700) == 0) {
      continue;
    }
    // One above the last may belong to somebody else, or be a link; only that it is there matters.
    const int error = errno;
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored)) {
      errno = error;
      throw_errno("cannot create " + folder.string());
    }
  }
}

}  // namespace base
