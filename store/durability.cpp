#include "store/durability.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"

namespace store {
namespace {

namespace fs = std::filesystem;

/// No bus carries a command to a disk and back in less.
constexpr std::chrono::microseconds kFasterThanAnyDisk{5};

bool is_in_memory(const fs::path& folder) {
  struct statfs found {};
  return ::statfs(folder.c_str(), &found) == 0 &&
         (found.f_type == TMPFS_MAGIC || static_cast<unsigned long>(found.f_type) == RAMFS_MAGIC);
}

/// What the mount that holds the folder says against it; proc(5), /proc/pid/mountinfo.
std::string careless_option(const fs::path& folder) {
  struct stat found {};
  if (::stat(folder.c_str(), &found) != 0) {
    return {};
  }
  const auto device = fmt::format("{}:{}", major(found.st_dev), minor(found.st_dev));
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string id, parent, its_device;
    fields >> id >> parent >> its_device;
    if (its_device != device) {
      continue;
    }
    std::replace(line.begin(), line.end(), ',', ' ');
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word == "nobarrier" || word == "barrier=0" || word == "volatile") {
        return word;
      }
    }
  }
  return {};
}

/// The median of some syncs; nothing where the folder cannot be written.
std::optional<std::chrono::nanoseconds> time_of_sync(const fs::path& folder) {
  auto name = (folder / ".sync-probe-XXXXXX").string();
  const base::Fd file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid()) {
    return std::nullopt;
  }
  ::unlink(name.c_str());
  std::array<std::chrono::nanoseconds, 9> times{};
  std::string block(4096, 'x');
  for (auto& time : times) {
    ++block[0];
    const auto begin = std::chrono::steady_clock::now();
    if (::pwrite(file.get(), block.data(), block.size(), 0) < 0 || ::fdatasync(file.get()) != 0) {
      return std::nullopt;
    }
    time = std::chrono::steady_clock::now() - begin;
  }
  std::sort(times.begin(), times.end());
  return times.at(times.size() / 2);
}

}  // namespace

std::optional<std::string> why_not_durable(const fs::path& folder) {
  if (is_in_memory(folder)) {
    return "is in memory: all of it is gone with the power";
  }
  if (const auto option = careless_option(folder); !option.empty()) {
    return fmt::format("is mounted with \"{}\": what was acknowledged can be gone with the power", option);
  }
  if (const auto time = time_of_sync(folder); time && *time < kFasterThanAnyDisk) {
    return fmt::format(
        "takes {} ns for a sync, which no disk can: somebody only says that it is kept, and what was acknowledged "
        "can be gone with the power",
        time->count());
  }
  return std::nullopt;
}

}  // namespace store
