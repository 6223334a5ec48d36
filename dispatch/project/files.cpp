#include "dispatch/project/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/id.h"
#include "base/utf8.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 120;
constexpr std::size_t kLongestExtension = 20;
constexpr int kMostNumbers = 1'000;
constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kLookAtDiskEvery = 4 * kMiB;
constexpr std::string_view kTemporary = ".arriving-";
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// U+200B to U+200F, U+202A to U+202E, U+2060 to U+206F and U+FEFF: what turns the direction of a name or
/// hides in it, so that "exe.pdf" is shown for "fdp.exe".
bool is_invisible(std::string_view character) {
  if (character.size() != 3) {
    return false;
  }
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (byte(0) == 0xef) {
    return byte(1) == 0xbb && byte(2) == 0xbf;
  }
  return byte(0) == 0xe2 && ((byte(1) == 0x80 && ((byte(2) >= 0x8b && byte(2) <= 0x8f) ||
                                                  (byte(2) >= 0xaa && byte(2) <= 0xae))) ||
                             (byte(1) == 0x81 && byte(2) >= 0xa0 && byte(2) <= 0xaf));
}

std::string without_invisible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
      ++length;
    }
    if (!is_invisible(text.substr(0, length))) {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

/// Where the extension begins; the end where there is none worth keeping. "a.tar.gz" has ".tar.gz".
std::size_t extension_at(std::string_view name) {
  auto at = name.rfind('.');
  if (at == std::string_view::npos || at == 0 || name.size() - at > kLongestExtension) {
    return name.size();
  }
  if (const auto before = name.substr(0, at).rfind(".tar");
      before != std::string_view::npos && before > 0 && before + 4 == at) {
    at = before;
  }
  return at;
}

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    const auto slash = path.find('/');
    parts.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) {
      return parts;
    }
    path.remove_prefix(slash + 1);
  }
}

[[noreturn]] void refuse(const std::string& path, std::string_view why) {
  throw base::PermanentError(fmt::format("`{}` {}.", path, why));
}

/// The regular file, open for reading; its size goes into `size`.
base::Fd open_regular(const fs::path& folder, const std::string& path, std::uint64_t& size) {
  if (!is_shown_path(path)) {
    refuse(base::ellipsize(base::to_valid_utf8(path), 200), texts::kOutsideOrHidden);
  }
  base::Fd at(::open(folder.c_str(), kFolderFlags));
  const auto parts = parts_of(path);
  for (std::size_t i = 0; at.valid() && i + 1 < parts.size(); ++i) {
    at = base::Fd(::openat(at.get(), parts[i].c_str(), kFolderFlags));
  }
  if (!at.valid()) {
    refuse(path, texts::kMissing);
  }
  // Without O_NONBLOCK a named pipe would be waited for.
  base::Fd file(
      ::openat(at.get(), parts.back().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.valid()) {
    refuse(path, errno == ENOENT   ? texts::kMissing
                 : errno == ELOOP  ? texts::kIsLink
                 : errno == EACCES ? texts::kNoPermission
                                   : texts::kUnreadable);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    refuse(path, texts::kNotAFile);
  }
  size = static_cast<std::uint64_t>(status.st_size);
  return file;
}

}  // namespace

std::string with_number(const std::string& name, int number) {
  if (number < 2) {
    return name;
  }
  const auto at = extension_at(name);
  const auto tail = fmt::format("-{}{}", number, name.substr(at));
  return std::string(base::truncate_utf8(name.substr(0, at), kLongestName - tail.size())) + tail;
}

std::string safe_file_name(std::string_view name) {
  auto text = without_invisible(base::strip_controls(base::to_valid_utf8(name)));
  text.erase(0, text.find_last_of("/\\") + 1);
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return std::string_view("\n\t`\"'<>|*?:").find(c) != std::string_view::npos; }, '_');
  text = std::string(base::trim(text));
  text.erase(0, text.find_first_not_of(".- "));
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) {
    text.pop_back();
  }
  if (text.size() > kLongestName) {
    const auto extension = text.substr(extension_at(text));
    text = std::string(base::truncate_utf8(text, kLongestName - extension.size())) + extension;
  }
  return text.empty() ? "file" : text;
}

bool is_shown_path(std::string_view path) {
  if (path.empty() || !base::is_utf8(path) || path.find('\0') != std::string_view::npos) {
    return false;
  }
  const auto parts = parts_of(path);
  return std::none_of(parts.begin(), parts.end(),
                      [](const auto& part) { return part.empty() || part.front() == '.'; });
}

std::string read_project_file(const fs::path& folder, const std::string& path, std::uint64_t max_bytes) {
  std::uint64_t size = 0;
  const auto file = open_regular(folder, path, size);
  std::string content;
  std::array<char, 65536> buffer{};
  // The size may grow meanwhile, so it is what was read that counts.
  while (size <= max_bytes && content.size() <= max_bytes) {
    const auto n = ::read(file.get(), buffer.data(), buffer.size());
    if (n == 0) {
      return content;
    }
    if (n < 0 && errno != EINTR) {
      refuse(path, texts::kUnreadable);
    }
    content.append(buffer.data(), n < 0 ? 0 : static_cast<std::size_t>(n));
  }
  refuse(path, texts::larger_than_can_be_sent(max_bytes / kMiB));
}

std::uint64_t project_file_size(const fs::path& folder, const std::string& path) {
  std::uint64_t size = 0;
  open_regular(folder, path, size);
  return size;
}

ArrivingFile::ArrivingFile(const fs::path& project, const std::string& subfolder, const Limits& limits)
    : subfolder_(subfolder), limits_(limits), temporary_(std::string(kTemporary) + base::random_hex(8)) {
  const base::Fd root(::open(project.c_str(), kFolderFlags));
  if (!root.valid()) {
    fail(texts::kProjectUnopenable);
  }
  if (::mkdirat(root.get(), subfolder_.c_str(), 0700) != 0 && errno != EEXIST) {
    fail(texts::kFolderUncreatable);
  }
  folder_ = base::Fd(::openat(root.get(), subfolder_.c_str(), kFolderFlags));
  if (!folder_.valid()) {
    throw base::PermanentError(texts::not_a_folder(subfolder_));
  }
  // Left over from a run that was killed; nobody else writes here while the project is locked.
  if (DIR* const entries = ::fdopendir(::openat(folder_.get(), ".", kFolderFlags)); entries != nullptr) {
    while (const auto* entry = ::readdir(entries)) {
      if (std::string_view(entry->d_name).starts_with(kTemporary)) {
        ::unlinkat(folder_.get(), entry->d_name, 0);
      }
    }
    ::closedir(entries);
  }
  check_space();
  file_ = base::Fd(
      ::openat(folder_.get(), temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file_.valid()) {
    fail(texts::kUnwritable);
  }
}

ArrivingFile::~ArrivingFile() {
  if (file_.valid()) {
    ::unlinkat(folder_.get(), temporary_.c_str(), 0);
  }
}

void ArrivingFile::fail(const char* what) const {
  const auto reason = std::generic_category().message(errno);
  throw base::PermanentError(fmt::format("{}: {}", what, reason));
}

void ArrivingFile::check_space() {
  next_look_ = size_ + kLookAtDiskEvery;
  struct statvfs disk {};
  if (::fstatvfs(folder_.get(), &disk) == 0 &&
      static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize < limits_.keep_free + kLookAtDiskEvery) {
    throw base::PermanentError(texts::kNoSpace);
  }
}

void ArrivingFile::write(std::string_view bytes) {
  if (bytes.size() > limits_.max_bytes - std::min(size_, limits_.max_bytes)) {
    throw base::PermanentError(texts::larger_than(limits_.max_bytes / kMiB));
  }
  if (size_ + bytes.size() > next_look_) {
    check_space();
  }
  while (!bytes.empty()) {
    const auto n = ::write(file_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      fail(texts::kUnwritable);
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
    size_ += static_cast<std::uint64_t>(n);
  }
}

bool ArrivingFile::holds_the_same(const std::string& name) const {
  const base::Fd other(
      ::openat(folder_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  if (!other.valid() || ::fstat(other.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::uint64_t>(status.st_size) != size_) {
    return false;
  }
  std::array<char, 65536> mine{};
  std::array<char, 65536> theirs{};
  for (std::uint64_t at = 0; at < size_;) {
    const auto n = ::pread(file_.get(), mine.data(), mine.size(), static_cast<off_t>(at));
    const auto m =
        n > 0 ? ::pread(other.get(), theirs.data(), static_cast<std::size_t>(n), static_cast<off_t>(at)) : 0;
    if (n <= 0 || m != n || !std::equal(mine.begin(), mine.begin() + n, theirs.begin())) {
      return false;
    }
    at += static_cast<std::uint64_t>(n);
  }
  return true;
}

std::string ArrivingFile::keep(std::string_view name) {
  if (::fsync(file_.get()) != 0) {
    fail(texts::kUnwritable);
  }
  const auto safe = safe_file_name(name);
  for (int number = 1; number <= kMostNumbers; ++number) {
    const auto candidate = with_number(safe, number);
    // A link, unlike a rename, never replaces what is there. The temporary name goes with this object.
    if (::linkat(folder_.get(), temporary_.c_str(), folder_.get(), candidate.c_str(), 0) == 0) {
      ::fsync(folder_.get());
      return subfolder_ + "/" + candidate;
    }
    if (errno != EEXIST) {
      fail(texts::kUnnameable);
    }
    if (holds_the_same(candidate)) {
      return subfolder_ + "/" + candidate;
    }
  }
  throw base::PermanentError(texts::kNameTaken);
}

}  // namespace dispatch
