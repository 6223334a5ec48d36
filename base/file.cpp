#include "base/file.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/id.h"

namespace base {
namespace {

/// An "open file description" lock (fcntl(2)): it belongs to the open file, as that of flock(2), so that a
/// child which inherits the descriptor keeps it held; and unlike that one it can be asked about without
/// taking it.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

void write_all(int fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_errno("cannot write " + path.string());
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  if (auto text = read_file_if_exists(path)) {
    return *std::move(text);
  }
  errno = ENOENT;
  throw_errno("cannot read " + path.string());
}

std::optional<std::string> read_file_if_exists(const std::filesystem::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return std::nullopt;
    }
    throw_errno("cannot read " + path.string());
  }
  std::string text;
  char buffer[16384];
  while (true) {
    const auto n = ::read(fd.get(), buffer, sizeof buffer);
    if (n == 0) {
      return text;
    }
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_errno("cannot read " + path.string());
    }
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text, Durability durability) {
  const auto temporary = path.string() + ".tmp-" + random_hex(4);
  {
    const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd.valid()) {
      throw_errno("cannot create " + temporary);
    }
    try {
      write_all(fd.get(), text, temporary);
      if (durability == Durability::synced && ::fsync(fd.get()) != 0) {
        throw_errno("cannot write " + temporary);
      }
    } catch (...) {
      ::unlink(temporary.c_str());
      throw;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    errno = error;
    throw_errno("cannot replace " + path.string());
  }
}

std::filesystem::path home_directory() {
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return home;
  }
  if (const auto* user = getpwuid(getuid()); user != nullptr && user->pw_dir != nullptr) {
    return user->pw_dir;
  }
  return "/";
}

std::filesystem::path expand_home(const std::string& path) {
  if (path == "~") {
    return home_directory();
  }
  if (path.starts_with("~/")) {
    return home_directory() / path.substr(2);
  }
  return path;
}

std::string abbreviate_home(const std::filesystem::path& path) {
  const auto home = home_directory().string();
  const auto text = path.string();
  return home.size() > 1 && text.starts_with(home + "/") ? "~" + text.substr(home.size()) : text;
}

std::optional<FileLock> FileLock::try_acquire(const std::filesystem::path& path, std::string_view holder) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!fd.valid()) {
    throw_errno("cannot open the lock " + path.string());
  }
  struct flock lock = whole_file();
  if (::fcntl(fd.get(), F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES) {
      return std::nullopt;
    }
    throw_errno("cannot lock " + path.string());
  }
  if (::ftruncate(fd.get(), 0) != 0) {
    throw_errno("cannot write " + path.string());
  }
  write_all(fd.get(), std::string(holder) + "\n", path);
  return FileLock(std::move(fd));
}

bool FileLock::is_held(const std::filesystem::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid()) {
    return errno != ENOENT && errno != ENOTDIR;  // what may not be looked at is somebody else's
  }
  struct flock lock = whole_file();
  return ::fcntl(fd.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

std::string FileLock::holder(const std::filesystem::path& path) {
  // It may be in a folder where others write, who could put anything in its place.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  char buffer[256];
  const auto size = fd.valid() ? ::read(fd.get(), buffer, sizeof buffer) : -1;
  const std::string_view text(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace base
