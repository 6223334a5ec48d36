#include "dispatch/project/project_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <deque>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dispatch {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 16;
constexpr std::size_t kMostParts = 128;
constexpr std::size_t kMostNames = 1'000;
/// Without O_NONBLOCK a named pipe would be waited for.
constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

/// A walk from the project's folder to a file in it.
class Walk {
 public:
  Walk(const fs::path& folder, int root) : folder_(folder), root_(root) {}

  /// The file, open for reading; one that is not valid where the path leads to none.
  base::Fd open(std::string_view path);
  /// The same of a folder.
  base::Fd open_folder(std::string_view path);
  /// The names of the folders behind all links, and the file's.
  std::string path() const;

 private:
  bool put_before_rest(std::string_view path);
  bool follow(int folder, const std::string& name);

  const fs::path& folder_;
  const int root_;
  std::deque<std::string> rest_;
  std::vector<std::string> names_;
  std::vector<base::Fd> folders_;  ///< those of names_, open
  int links_ = 0;
};

bool Walk::put_before_rest(std::string_view path) {
  if (path.empty() || path.size() >= PATH_MAX || path.find('\0') != std::string_view::npos) {
    return false;
  }
  fs::path relative(path);
  if (relative.is_absolute()) {
    relative = relative.lexically_normal().lexically_relative(folder_);
    if (relative.empty() || *relative.begin() == "..") {
      return false;
    }
    names_.clear();
    folders_.clear();
  }
  rest_.insert(rest_.begin(), relative.begin(), relative.end());
  return rest_.size() <= kMostParts;
}

bool Walk::follow(int folder, const std::string& name) {
  std::array<char, PATH_MAX> target{};
  const auto size =
      ++links_ > kMostLinks ? -1 : ::readlinkat(folder, name.c_str(), target.data(), target.size());
  return size > 0 && put_before_rest({target.data(), static_cast<std::size_t>(size)});
}

base::Fd Walk::open(std::string_view path) {
  if (!put_before_rest(path)) {
    return {};
  }
  while (!rest_.empty()) {
    const auto name = rest_.front();
    rest_.pop_front();
    if (name.empty() || name == ".") {
      continue;
    }
    if (name == "..") {
      if (names_.empty()) {
        return {};
      }
      names_.pop_back();
      folders_.pop_back();
      continue;
    }
    const int folder = folders_.empty() ? root_ : folders_.back().get();
    base::Fd next(::openat(folder, name.c_str(), kFlags));
    if (!next.valid()) {
      if (errno != ELOOP || !follow(folder, name)) {
        return {};
      }
      continue;
    }
    struct stat status {};
    if (::fstat(next.get(), &status) != 0) {
      return {};
    }
    names_.push_back(name);
    if (S_ISREG(status.st_mode) && rest_.empty()) {
      return next;
    }
    if (!S_ISDIR(status.st_mode)) {
      return {};
    }
    folders_.push_back(std::move(next));
  }
  return {};
}

base::Fd Walk::open_folder(std::string_view path) {
  const bool is_file = open(path).valid();
  return is_file || !rest_.empty() || folders_.empty() ? base::Fd() : std::move(folders_.back());
}

std::string Walk::path() const {
  std::string path;
  for (const auto& name : names_) {
    path += (path.empty() ? "" : "/") + name;
  }
  return path;
}

/// Adds up to `size` bytes from `offset` on to `text`; false where they cannot be read.
bool append(int file, std::uint64_t offset, std::size_t size, std::string& text) {
  const auto before = text.size();
  text.resize(before + size);
  std::size_t done = 0;
  while (done < size) {
    const auto n = ::pread(file, text.data() + before + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return false;
    }
    if (n == 0) {
      break;
    }
    done += static_cast<std::size_t>(n);
  }
  text.resize(before + done);
  return true;
}

}  // namespace

ProjectFolder::ProjectFolder(const fs::path& folder)
    : folder_(folder), root_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {}

std::optional<ProjectFolder::File> ProjectFolder::read(std::string_view path, std::size_t max_bytes) const {
  Walk walk(folder_, root_.get());
  const auto file = root_.valid() ? walk.open(path) : base::Fd();
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) {
    return std::nullopt;
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  File read{walk.path(), {}, 0};
  const bool whole = size <= max_bytes;
  const auto head = whole ? static_cast<std::size_t>(size) : max_bytes / 2;
  bool done = append(file.get(), 0, head, read.text);
  if (!whole) {
    done = done && append(file.get(), size - max_bytes / 2, max_bytes / 2, read.text);
    read.left_out = size - 2 * (max_bytes / 2);
  }
  return done ? std::optional(std::move(read)) : std::nullopt;
}

std::vector<std::string> ProjectFolder::names_in(std::string_view path) const {
  Walk walk(folder_, root_.get());
  auto folder = root_.valid() ? walk.open_folder(path) : base::Fd();
  DIR* const entries = folder.valid() ? ::fdopendir(folder.get()) : nullptr;
  if (entries == nullptr) {
    return {};
  }
  folder.release();  // goes with `entries`
  std::vector<std::string> names;
  while (const auto* entry = names.size() < kMostNames ? ::readdir(entries) : nullptr) {
    if (entry->d_name != std::string_view(".") && entry->d_name != std::string_view("..")) {
      names.emplace_back(entry->d_name);
    }
  }
  ::closedir(entries);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace dispatch
