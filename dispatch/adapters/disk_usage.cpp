#include "dispatch/adapters/disk_usage.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kBlock = 512;  // of st_blocks, stat(2)
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr std::size_t kMostProcesses = 10'000;

void add(const struct stat& status, DiskUsage& usage) {
  if (S_ISREG(status.st_mode) && usage.seen.emplace(status.st_dev, status.st_ino).second) {
    usage.bytes += static_cast<std::uintmax_t>(status.st_blocks) * kBlock;
    usage.largest_file = std::max(usage.largest_file, static_cast<std::uintmax_t>(status.st_size));
  }
}

/// Steps from folder to folder by single names, down and back up, since a path may be longer than any call
/// takes.
class Walk {
 public:
  Walk(std::uintmax_t enough, DiskUsage& usage) : enough_(enough), usage_(usage) {}

  void run(base::Fd folder) {
    at_ = std::move(folder);
    enter();
    while (!open_.empty() && usage_.bytes <= enough_) {
      if (open_.back().below.empty()) {
        leave();
        continue;
      }
      const auto name = std::move(open_.back().below.back());
      open_.back().below.pop_back();
      base::Fd next(::openat(at_.get(), name.c_str(), kFolderFlags));
      if (next.valid()) {
        at_ = std::move(next);
        enter();
      }
    }
  }

 private:
  struct Folder {
    dev_t device;
    ino_t inode;
    std::vector<std::string> below;  ///< folders in it that are still to be seen
  };

  void enter() {
    struct stat status {};
    const int copy = ::openat(at_.get(), ".", kFolderFlags);
    DIR* const entries = copy >= 0 ? ::fdopendir(copy) : nullptr;
    if (::fstat(at_.get(), &status) != 0 || entries == nullptr) {
      if (entries == nullptr && copy >= 0) {
        ::close(copy);
      }
      open_.push_back({status.st_dev, status.st_ino, {}});
      return;
    }
    open_.push_back({status.st_dev, status.st_ino, {}});
    while (const auto* entry = ::readdir(entries)) {
      const std::string_view name = entry->d_name;
      struct stat found {};
      if (name == "." || name == ".." ||
          ::fstatat(at_.get(), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
        continue;
      }
      if (S_ISDIR(found.st_mode) && found.st_dev == status.st_dev) {
        open_.back().below.emplace_back(name);
      } else {
        add(found, usage_);
      }
    }
    ::closedir(entries);
  }

  void leave() {
    open_.pop_back();
    if (open_.empty()) {
      return;
    }
    base::Fd up(::openat(at_.get(), "..", kFolderFlags));
    struct stat status {};
    // One that was moved meanwhile has another folder above it.
    if (!up.valid() || ::fstat(up.get(), &status) != 0 || status.st_dev != open_.back().device ||
        status.st_ino != open_.back().inode) {
      open_.clear();
      return;
    }
    at_ = std::move(up);
  }

  const std::uintmax_t enough_;
  DiskUsage& usage_;
  base::Fd at_;
  std::vector<Folder> open_;
};

std::vector<pid_t> descendants(pid_t ancestor) {
  std::vector<pid_t> found = {ancestor};
  for (std::size_t i = 0; i < found.size() && found.size() < kMostProcesses; ++i) {
    std::error_code ec;
    for (fs::directory_iterator it(fmt::format("/proc/{}/task", found[i]), ec), end; !ec && it != end;
         it.increment(ec)) {
      std::ifstream children(it->path() / "children");
      for (pid_t pid = 0; children >> pid;) {
        found.push_back(pid);
      }
    }
  }
  found.erase(found.begin());
  return found;
}

}  // namespace

void add_folder(const fs::path& folder, std::uintmax_t enough, DiskUsage& usage) {
  if (base::Fd root(::open(folder.c_str(), kFolderFlags)); root.valid()) {
    Walk(enough, usage).run(std::move(root));
  }
}

void add_open_files(pid_t ancestor, const std::set<dev_t>& devices, DiskUsage& usage) {
  for (const auto pid : descendants(ancestor)) {
    std::error_code ec;
    for (fs::directory_iterator it(fmt::format("/proc/{}/fd", pid), ec), end; !ec && it != end;
         it.increment(ec)) {
      struct stat status {};
      if (::stat(it->path().c_str(), &status) == 0 && status.st_nlink == 0 &&
          devices.contains(status.st_dev)) {
        add(status, usage);
      }
    }
  }
}

std::uintmax_t written_by(pid_t ancestor) {
  std::uintmax_t written = 0;
  for (const auto pid : descendants(ancestor)) {
    std::ifstream file(fmt::format("/proc/{}/io", pid));
    std::uintmax_t sent = 0;
    std::uintmax_t cancelled = 0;
    for (std::string key; file >> key;) {
      std::uintmax_t value = 0;
      file >> value;
      sent = key == "write_bytes:" ? value : sent;
      cancelled = key == "cancelled_write_bytes:" ? value : cancelled;
    }
    written += sent - std::min(sent, cancelled);
  }
  return written;
}

}  // namespace dispatch
