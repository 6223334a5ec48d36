#include "dispatch/adapters/claude_sessions.h"

#include <algorithm>
#include <cctype>
#include <system_error>

#include <fmt/core.h>

#include "base/crypto.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

bool is_id(const std::string& id) {
  return !id.empty() &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isxdigit(c) != 0 || c == '-'; });
}

// A specialist can write to its own sessions: what is a link there is none of them.

bool is_file(const fs::path& path) {
  std::error_code ec;
  return fs::symlink_status(path, ec).type() == fs::file_type::regular;
}

bool is_folder(const fs::path& path) {
  std::error_code ec;
  return fs::symlink_status(path, ec).type() == fs::file_type::directory;
}

fs::file_time_type written(const fs::path& path) {
  std::error_code ec;
  const auto time = fs::last_write_time(path, ec);
  return ec ? fs::file_time_type::min() : time;
}

/// The newest transcript of that name; empty where there is none.
fs::path find_session(const fs::path& sessions, const std::string& name) {
  fs::path found;
  std::error_code ec;
  for (fs::directory_iterator it(sessions, ec), end; !ec && it != end; it.increment(ec)) {
    const auto path = it->path() / name;
    if (is_folder(it->path()) && is_file(path) && (found.empty() || written(path) > written(found))) {
      found = path;
    }
  }
  return found;
}

}  // namespace

fs::path usual_sessions(const fs::path& state) {
  return state / "projects";
}

fs::path sandboxed_sessions(const fs::path& state, const fs::path& project) {
  constexpr std::size_t kDigits = 16;
  return state / "frontdesk-sessions" /
         fmt::format("{}-{}", project.filename().string(),
                     base::to_hex(base::sha256(project.string())).substr(0, kDigits));
}

int remove_session(const fs::path& state, const fs::path& project, const std::string& session_id) {
  int removed = 0;
  if (!is_id(session_id)) {
    return removed;
  }
  for (const auto& sessions : {usual_sessions(state), sandboxed_sessions(state, project)}) {
    for (auto found = find_session(sessions, session_id + ".jsonl"); !found.empty();
         found = find_session(sessions, session_id + ".jsonl")) {
      std::error_code ec;
      if (!fs::remove(found, ec)) {
        break;
      }
      ++removed;
    }
  }
  return removed;
}

void share_session(const fs::path& from, const fs::path& to, const std::string& session_id) {
  const auto name = session_id + ".jsonl";
  const auto source = is_id(session_id) ? find_session(from, name) : fs::path();
  if (source.empty()) {
    return;
  }
  const auto folder = to / source.parent_path().filename();
  const auto target = folder / name;
  std::error_code ec;
  if (is_file(target) && (fs::equivalent(source, target, ec) || written(target) >= written(source))) {
    return;
  }
  fs::create_directories(folder, ec);
  if (!is_folder(folder)) {
    return;
  }
  const auto arriving = folder / (name + ".new");
  fs::remove(arriving, ec);
  fs::create_hard_link(source, arriving, ec);
  if (ec) {
    fs::copy_file(source, arriving, ec);
  }
  if (!ec) {
    fs::rename(arriving, target, ec);
  }
}

}  // namespace dispatch
