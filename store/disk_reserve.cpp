#include "store/disk_reserve.h"

#include <cerrno>
#include <system_error>

#include <SQLiteCpp/Exception.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

namespace store {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kBlock = 512;  // of st_blocks, stat(2)
constexpr std::uintmax_t kNoRoom = 1024 * 1024;

}  // namespace

DiskReserve::DiskReserve(const fs::path& database) : path_(database.string() + ".reserve") {}

bool is_want_of_disk(const std::exception& thrown, const fs::path& database) {
  if (const auto* const system = dynamic_cast<const std::system_error*>(&thrown)) {
    return system->code().value() == ENOSPC || system->code().value() == EDQUOT;
  }
  const auto* const sqlite = dynamic_cast<const SQLite::Exception*>(&thrown);
  if (sqlite == nullptr) {
    return false;
  }
  const int kind = sqlite->getErrorCode() & 0xff;
  if (kind == SQLITE_IOERR) {  // also what becomes of the files beside it, which are not written but mapped
    std::error_code ec;
    const auto space = fs::space(database.has_parent_path() ? database.parent_path() : fs::path("."), ec);
    return !ec && space.available < kNoRoom;
  }
  return kind == SQLITE_FULL;
}

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
