#include "base/picture/picture_child.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <mutex>
#include <new>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/process/child_environment.h"
#include "base/process/child_process.h"
#include "base/timed_mutex.h"

namespace base {
namespace {

namespace fs = std::filesystem;
using Kind = PictureProblem::Kind;

constexpr std::chrono::seconds kTime{20};
constexpr rlim_t kCpuSeconds = 10;
[[maybe_unused]] constexpr rlim_t kMemory = rlim_t{640} << 20;
constexpr std::size_t kMostInput = std::size_t{64} << 20;

void limit(__rlimit_resource what, rlim_t most) {
  const rlimit bounds{most, most};
  ::setrlimit(what, &bounds);
}

void limit_self() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which reserve far more
  limit(RLIMIT_AS, kMemory);
#endif
  limit(RLIMIT_CPU, kCpuSeconds);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 16);
}

std::optional<std::string> all_input() {
  std::string bytes;
  std::string piece(1 << 16, '\0');
  while (const auto count = std::fread(piece.data(), 1, piece.size(), stdin)) {
    bytes.append(piece, 0, count);
    if (bytes.size() > kMostInput) {
      return std::nullopt;
    }
  }
  return bytes;
}

/// The program's own file. Where a newer one has taken its place, that one.
std::string own_program() {
  constexpr std::string_view kDeleted = " (deleted)";
  std::error_code ec;
  auto path = fs::read_symlink("/proc/self/exe", ec).string();
  if (path.ends_with(kDeleted)) {
    path.resize(path.size() - kDeleted.size());
  }
  return path;
}

ChildProcess::Spec spec_of(bool sandboxed) {
  const auto program = own_program();
  ChildProcess::Spec spec{.argv = {program, std::string(kPictureCommand)},
                          .environment = child_environment(sandboxed),
                          .directory = "/"};
  if (sandboxed) {
    // Not the one that specialists have: it needs nothing of what the operator shows them.
    Sandbox::Bounds bounds;
    bounds.readable = {program};
    bounds.network = false;
    spec.argv = Sandbox({}, {}).wrap(spec.argv, bounds);
  }
  return spec;
}

/// Takes apart what picture_main() wrote.
Picture read_answer(const std::string& line) {
  std::istringstream words(line);
  std::string what, base64;
  words >> what;
  if (what == "picture") {
    Picture picture;
    words >> picture.width >> picture.height >> base64;
    auto jpeg = base64_decode(base64);
    if (words && jpeg && picture.width > 0 && picture.height > 0) {
      picture.jpeg = std::move(*jpeg);
      return picture;
    }
  } else if (what == "problem") {
    int kind = 0;
    std::string text;
    words >> kind;
    std::getline(words >> std::ws, text);
    if (kind >= 0 && kind <= static_cast<int>(Kind::broken) && !text.empty()) {
      throw PictureProblem(static_cast<Kind>(kind), text);
    }
  }
  throw PictureProblem(Kind::broken, "its file is damaged");
}

}  // namespace

Picture shrink_in_child(std::string_view bytes, const Sandbox& sandbox, std::stop_token stop) {
  if (!begins_like_picture(bytes)) {
    return shrunk_picture(bytes);  // which says so
  }
  static TimedMutex one_at_a_time;
  const auto until = std::chrono::steady_clock::now() + kTime;
  const std::unique_lock lock(one_at_a_time, until);
  if (!lock) {
    throw TransientError("there are too many pictures at once");
  }
  try {
    ChildProcess child(spec_of(sandbox.active()), stop);
    child.write(std::string(bytes));
    child.close_input();
    std::string line;
    const auto next = child.next(line, std::chrono::steady_clock::now() + kTime);
    if (next == ChildProcess::Next::line) {
      return read_answer(line);
    }
    if (next == ChildProcess::Next::stopped) {
      throw Stopped();
    }
    if (next == ChildProcess::Next::timeout) {
      throw PictureProblem(Kind::too_large, "decoding it takes too long");
    }
    if (const auto said = child.error_output(); child.exit_status() == 127 || said.starts_with("bwrap:")) {
      throw TransientError("the child that decodes pictures cannot be started: " + said);
    }
    throw PictureProblem(Kind::broken, "its file is damaged");
  } catch (const std::system_error& error) {
    throw TransientError(fmt::format("no child can be started: {}", error.what()));
  }
}

int picture_main() {
  limit_self();
  std::string line;
  try {
    const auto bytes = all_input();
    if (!bytes) {
      throw PictureProblem(Kind::too_large, "its file is too large");
    }
    const auto picture = shrunk_picture(*bytes);
    line = fmt::format("picture {} {} {}", picture.width, picture.height, base64_encode(picture.jpeg));
  } catch (const PictureProblem& problem) {
    line = fmt::format("problem {} {}", static_cast<int>(problem.kind), problem.what());
  } catch (const std::bad_alloc&) {
    line = fmt::format("problem {} it takes too much memory", static_cast<int>(Kind::too_large));
  }
  std::cout << line << "\n" << std::flush;
  return 0;
}

}  // namespace base
