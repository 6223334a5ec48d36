#include "dispatch/adapters/disk_bounds.h"

#include <algorithm>

#include <sys/stat.h>

#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPace{2};
constexpr int kShare = 20;
/// What the bot's own database needs to keep working.
constexpr std::uintmax_t kLittleSpace = 64ULL * 1024 * 1024;
constexpr std::uintmax_t kNoticeableGrowth = 1024 * 1024;
constexpr std::uintmax_t kMiB = 1024 * 1024;
constexpr std::uintmax_t kBlock = 512;  // of st_blocks, stat(2)

}  // namespace

DiskBounds::DiskBounds(fs::path folder, std::uintmax_t max_growth)
    : folder_(std::move(folder)),
      max_growth_(max_growth),
      before_(size()),
      next_look_(Clock::now() + kPace) {}

std::uintmax_t DiskBounds::size() const {
  std::uintmax_t bytes = 0;
  std::error_code ec;
  for (fs::recursive_directory_iterator it(folder_, fs::directory_options::skip_permission_denied, ec), end;
       !ec && it != end; it.increment(ec)) {
    struct stat status {};
    // Blocks, so that a sparse file counts for what it takes.
    if (::lstat(it->path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      bytes += static_cast<std::uintmax_t>(status.st_blocks) * kBlock;
    }
  }
  return bytes;
}

std::optional<std::string> DiskBounds::passed() {
  const auto started = Clock::now();
  if (started < next_look_) {
    return std::nullopt;
  }
  const auto now_there = size();
  const auto growth = now_there - std::min(before_, now_there);
  next_look_ = Clock::now() + std::max<Clock::duration>(kPace, kShare * (Clock::now() - started));
  if (max_growth_ > 0 && growth > max_growth_) {
    return texts::folder_limit(growth / kMiB, max_growth_ / kMiB);
  }
  std::error_code ec;
  if (const auto space = fs::space(folder_, ec);
      !ec && space.available < kLittleSpace && growth > kNoticeableGrowth) {
    return texts::kDiskFull;
  }
  return std::nullopt;
}

}  // namespace dispatch
