#include "dispatch/adapters/disk_bounds.h"

#include <algorithm>
#include <limits>
#include <system_error>

#include <sys/stat.h>

#include "base/log.h"
#include "base/wait.h"
#include "dispatch/adapters/disk_usage.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{50};
/// Between two counts of what is there, where the disk shows nothing new; and by how much of the time
/// counting may take, then and where it does.
constexpr std::chrono::seconds kPace{2};
constexpr int kShare = 20;
constexpr int kShareWhenShrinking = 3;
constexpr std::uintmax_t kMiB = 1024 * 1024;
/// What others need to keep working.
constexpr std::uintmax_t kLittleSpace = 64 * kMiB;
constexpr std::uintmax_t kNoticeable = kMiB;
constexpr std::uintmax_t kCountAfter = 16 * kMiB;
/// Beyond the bound, where what is written cannot be found.
constexpr std::uintmax_t kHidden = 256 * kMiB;
constexpr auto kNoEnd = std::numeric_limits<std::uintmax_t>::max();

std::uintmax_t space_of(const fs::path& folder) {
  std::error_code ec;
  const auto space = fs::space(folder, ec);
  return ec ? kNoEnd : space.available;
}

std::uintmax_t fall(std::uintmax_t from, std::uintmax_t to) {
  return from - std::min(from, to);
}

}  // namespace

DiskBounds::DiskBounds(Limits limits, std::function<void()> end)
    : limits_(std::move(limits)), end_(std::move(end)) {
  for (const auto& folder : limits_.folders) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0 && devices_.insert(status.st_dev).second) {
      const auto free = space_of(folder);
      disks_.push_back({folder, free, free});
    }
  }
  before_ = taken(kNoEnd);
  next_count_ = earliest_count_ = Clock::now() + kLook;
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

DiskBounds::~DiskBounds() = default;

std::optional<std::string> DiskBounds::passed() const {
  const std::lock_guard lock(mutex_);
  return passed_;
}

std::uintmax_t DiskBounds::largest_file(const fs::path& folder, std::uintmax_t max_growth) {
  if (max_growth == 0) {
    return 0;
  }
  DiskUsage usage;
  add_folder(folder, kNoEnd, usage);
  // A file that stops right at the limit would not pass it, and a run that waits then would go on.
  constexpr std::uintmax_t kBeyond = 1 << 20;
  return max_growth + usage.largest_file + kBeyond;
}

void DiskBounds::watch(const std::stop_token& stop) {
  do {
    try {
      if (auto problem = look()) {
        base::log_warning("a run in {} is stopped: {}", limits_.folders.front().string(), *problem);
        {
          const std::lock_guard lock(mutex_);
          passed_ = std::move(problem);
        }
        end_();
        return;
      }
    } catch (const std::exception& e) {
      base::log_warning("what a run writes cannot be looked at: {}", e.what());
    }
  } while (base::wait_for(kLook, stop));
}

std::optional<std::string> DiskBounds::look() {
  std::uintmax_t fallen = 0;
  bool is_little = false;
  for (const auto& disk : disks_) {
    const auto free = space_of(disk.folder);
    fallen = std::max(fallen, fall(disk.free_before, free));
    is_little = is_little || free < kLittleSpace;
  }
  // Others use the disk, too: what the run itself has written decides.
  if (limits_.max_growth > 0 && fallen > limits_.max_growth + kHidden &&
      written_by(limits_.supervisor) > limits_.max_growth) {
    return texts::folder_limit(fallen / kMiB, limits_.max_growth / kMiB);
  }
  const bool is_full = is_little && fallen > kNoticeable;
  if (is_full && written_by(limits_.supervisor) > kNoticeable) {
    return full();
  }
  if ((limits_.max_growth == 0 && !is_full) || !is_due()) {
    return std::nullopt;
  }
  const auto started = Clock::now();
  for (auto& disk : disks_) {
    disk.free_at_count = space_of(disk.folder);
  }
  const auto now_there = taken(before_ + std::max(limits_.max_growth, kNoticeable));
  const auto took = Clock::now() - started;
  next_count_ = Clock::now() + std::max<Clock::duration>(kPace, kShare * took);
  earliest_count_ = Clock::now() + kShareWhenShrinking * took;
  const auto growth = fall(now_there, before_);
  if (is_full && growth > kNoticeable) {
    return full();  // not every disk says who wrote how much
  }
  if (limits_.max_growth > 0 && growth > limits_.max_growth) {
    return texts::folder_limit(growth / kMiB, limits_.max_growth / kMiB);
  }
  return std::nullopt;
}

std::string DiskBounds::full() {
  return texts::disk_full(limits_.folders.front().filename().string(), taken(kNoEnd) / kMiB);
}

bool DiskBounds::is_due() const {
  const auto now = Clock::now();
  if (now >= next_count_) {
    return true;
  }
  return now >= earliest_count_ && std::any_of(disks_.begin(), disks_.end(), [&](const auto& disk) {
           return fall(disk.free_at_count, space_of(disk.folder)) > std::min(kCountAfter, limits_.max_growth);
         });
}

std::uintmax_t DiskBounds::taken(std::uintmax_t enough) {
  DiskUsage usage;
  for (const auto& folder : limits_.folders) {
    add_folder(folder, enough, usage);
  }
  add_open_files(limits_.supervisor, devices_, usage);
  return usage.bytes;
}

}  // namespace dispatch
