#include "base/held_folder.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/id.h"

namespace base {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
/// Without O_NONBLOCK a named pipe would be waited for.
constexpr int kFileFlags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

bool is_regular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/// Up to `max_bytes` of it; nothing where it cannot be read.
std::optional<std::string> head_of(int fd, std::size_t max_bytes) {
  std::string text;
  char buffer[64 * 1024];
  while (text.size() < max_bytes) {
    const auto n = ::read(fd, buffer, std::min(sizeof buffer, max_bytes - text.size()));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return std::nullopt;
    }
    if (n == 0) {
      break;
    }
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

std::optional<std::string> whole(const Fd& fd, std::size_t max_bytes) {
  auto text = fd.valid() ? head_of(fd.get(), max_bytes + 1) : std::nullopt;
  return text && text->size() > max_bytes ? std::nullopt : std::move(text);
}

void write_all(int fd, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno != EINTR) {
      throw_errno("cannot write " + name);
    }
    text.remove_prefix(n < 0 ? 0 : static_cast<std::size_t>(n));
  }
}

}  // namespace

std::optional<HeldFolder> HeldFolder::open(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), kFolderFlags));
  if (!fd.valid()) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) {
      return std::nullopt;
    }
    throw_errno("cannot open " + path.string());
  }
  return HeldFolder(std::move(fd));
}

HeldFolder HeldFolder::make(const std::string& name) const {
  if (::mkdirat(fd_.get(), name.c_str(), 0700) != 0 && errno != EEXIST) {
    throw_errno("cannot create " + name);
  }
  Fd fd(::openat(fd_.get(), name.c_str(), kFolderFlags));
  if (!fd.valid()) {
    throw_errno("cannot open " + name);
  }
  return HeldFolder(std::move(fd));
}

std::optional<HeldFolder> HeldFolder::folder(const std::string& name) const {
  Fd fd(::openat(fd_.get(), name.c_str(), kFolderFlags));
  return fd.valid() ? std::optional(HeldFolder(std::move(fd))) : std::nullopt;
}

Fd HeldFolder::open_file(const std::string& name) const {
  Fd fd(::openat(fd_.get(), name.c_str(), O_RDONLY | kFileFlags));
  return fd.valid() && is_regular(fd.get()) ? std::move(fd) : Fd();
}

std::optional<std::string> HeldFolder::read(const std::string& name, std::size_t max_bytes) const {
  return whole(open_file(name), max_bytes);
}

std::optional<std::string> HeldFolder::read_head(const std::string& name, std::size_t max_bytes) const {
  const auto fd = open_file(name);
  return fd.valid() ? head_of(fd.get(), max_bytes) : std::nullopt;
}

void HeldFolder::write(const std::string& name, std::string_view text, Durability durability,
                       mode_t mode) const {
  const auto temporary = name + ".tmp-" + random_hex(4);
  const Fd fd(
      ::openat(fd_.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!fd.valid()) {
    throw_errno("cannot create " + temporary);
  }
  try {
    write_all(fd.get(), text, temporary);
    if (durability == Durability::synced && ::fsync(fd.get()) != 0) {
      throw_errno("cannot write " + temporary);
    }
    if (::renameat(fd_.get(), temporary.c_str(), fd_.get(), name.c_str()) != 0) {
      throw_errno("cannot replace " + name);
    }
  } catch (const std::system_error&) {
    ::unlinkat(fd_.get(), temporary.c_str(), 0);
    throw;
  }
}

bool HeldFolder::has(const std::string& name) const {
  struct stat status {};
  return ::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

bool HeldFolder::has_file(const std::string& name) const {
  return changed(name).has_value();
}

std::optional<timespec> HeldFolder::changed(const std::string& name) const {
  struct stat status {};
  const bool there = ::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  return there && S_ISREG(status.st_mode) ? std::optional(status.st_mtim) : std::nullopt;
}

void HeldFolder::remove(const std::string& name) const {
  ::unlinkat(fd_.get(), name.c_str(), 0);
}

void HeldFolder::rename(const std::string& name, const std::string& to) const {
  if (::renameat(fd_.get(), name.c_str(), fd_.get(), to.c_str()) != 0) {
    throw_errno("cannot rename " + name);
  }
}

Fd HeldFolder::open_to_add(const std::string& name) const {
  Fd fd(::openat(fd_.get(), name.c_str(), O_WRONLY | O_APPEND | O_CREAT | kFileFlags, 0600));
  return fd.valid() && is_regular(fd.get()) ? std::move(fd) : Fd();
}

std::vector<std::string> HeldFolder::names(std::size_t most) const {
  const int copy = ::openat(fd_.get(), ".", kFolderFlags);
  DIR* const entries = copy >= 0 ? ::fdopendir(copy) : nullptr;
  if (entries == nullptr) {
    if (copy >= 0) {
      ::close(copy);
    }
    return {};
  }
  std::vector<std::string> names;
  while (const auto* entry = names.size() < most ? ::readdir(entries) : nullptr) {
    if (entry->d_name != std::string_view(".") && entry->d_name != std::string_view("..")) {
      names.emplace_back(entry->d_name);
    }
  }
  ::closedir(entries);
  return names;
}

std::filesystem::path HeldFolder::path_of(const std::string& name) const {
  // The "." lets the folder of the path be opened without following a link.
  return fmt::format("/proc/self/fd/{}/./{}", fd_.get(), name);
}

std::optional<std::string> read_regular_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | kFileFlags));
  return fd.valid() && is_regular(fd.get()) ? whole(fd, max_bytes) : std::nullopt;
}

}  // namespace base
