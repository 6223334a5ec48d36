#include "store/disk_reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

namespace store {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kBlock = 512;  // of st_blocks, stat(2)

}  // namespace

DiskReserve::DiskReserve(const fs::path& database) : path_(database.string() + ".reserve") {}

bool DiskReserve::hold() const {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0 &&
      static_cast<std::uintmax_t>(status.st_blocks) * kBlock >= kBytes) {
    return true;
  }
  std::error_code ec;
  const auto space = fs::space(path_.has_parent_path() ? path_.parent_path() : fs::path("."), ec);
  if (ec || space.available < 2 * kBytes) {
    return false;
  }
  const base::Fd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid() || ::posix_fallocate(file.get(), 0, static_cast<off_t>(kBytes)) != 0) {
    give_up();
    return false;
  }
  return true;
}

bool DiskReserve::give_up() const {
  return ::unlink(path_.c_str()) == 0;
}

}  // namespace store
