#include "store/serve_lock.h"

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/private_folder.h"
#include "base/utf8.h"
#include "store/database.h"
#include "store/statement.h"

namespace store {
namespace {

/// Tells a process from every other one of this machine: its number is used again, and so is its start time
/// after a boot.
struct Identity {
  std::int64_t pid = 0;
  std::string boot;
  std::string started;  ///< ticks since the boot; empty where no such process runs

  bool operator==(const Identity&) const = default;
};

std::string boot_id() {
  return std::string(base::trim(base::read_file_if_exists("/proc/sys/kernel/random/boot_id").value_or("")));
}

/// Field 22 of proc_pid_stat(5). The second one, the name, may hold blanks and parentheses.
std::string start_time(std::int64_t pid) {
  constexpr int kFieldsBetween = 18;
  const auto stat = base::read_file_if_exists(fmt::format("/proc/{}/stat", pid)).value_or("");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) {
    return {};
  }
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  if (fields >> field; field == "Z" || field == "X") {
    return {};  // it has ended, and nobody has asked for its status yet
  }
  for (int i = 0; i <= kFieldsBetween; ++i) {
    fields >> field;
  }
  return field;
}

Identity identity_of(std::int64_t pid) {
  return {pid, boot_id(), start_time(pid)};
}

[[noreturn]] void refuse(const std::filesystem::path& database, const std::string& holder) {
  throw base::ConfigError(
      fmt::format("{}: this database is already served by {}; stop that one first, or set "
                  "store.url to another file",
                  database.string(), holder));
}

std::filesystem::path real_file(const std::filesystem::path& database) {
  if (database.has_parent_path()) {
    base::make_private_folders(database.parent_path());
  }
  auto file = std::filesystem::weakly_canonical(database);
  std::error_code none;
  if (const auto names = std::filesystem::hard_link_count(file, none); !none && names > 1) {
    throw base::ConfigError(fmt::format(
        "{}: this file has {} names (hard links), and SQLite keeps its log beside the name, so that two "
        "programs could write past each other; remove the other names",
        database.string(), names));
  }
  return file;
}

base::FileLock acquire(const std::filesystem::path& file) {
  const std::filesystem::path path = file.string() + ".lock";
  const auto since = base::format_minute(base::SystemClock().now(), "");
  if (auto lock = base::FileLock::try_acquire(path, fmt::format("process {} since {}", ::getpid(), since))) {
    return *std::move(lock);
  }
  refuse(file, base::FileLock::holder(path));
}

/// Where flock(2) is none of its own but a lock of fcntl(2), which SQLite's would be in the way of (nfs(5)).
bool is_of_network(int fd) {
  struct statfs system {};
  return ::fstatfs(fd, &system) == 0 &&
         (system.f_type == NFS_SUPER_MAGIC || system.f_type == SMB_SUPER_MAGIC ||
          system.f_type == static_cast<decltype(system.f_type)>(CIFS_SUPER_MAGIC) ||
          system.f_type == static_cast<decltype(system.f_type)>(SMB2_SUPER_MAGIC));
}

/// A lock of flock(2) on the file, which those of SQLite (fcntl(2)) do not see. Closing the descriptor ends
/// SQLite's locks of this process, so it is opened before its first connection and closed after its last.
base::Fd lock_file(const std::filesystem::path& file, const std::string& holder) {
  base::Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return fd;  // opening the database says why
  }
  if (!is_of_network(fd.get()) && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    refuse(file, holder.empty() ? "another process" : holder);
  }
  return fd;
}

/// Looks through a database of usual size, so that damage is told before anything is done with it; throws
/// std::runtime_error. In a bigger one it is told where it is met.
void require_sound(Database& db) {
  constexpr std::uintmax_t kUsual = 64ULL * 1024 * 1024;
  std::error_code ec;
  if (std::filesystem::file_size(db.path(), ec) > kUsual || ec) {
    return;
  }
  const auto verdict = Statement(db, "PRAGMA quick_check(1)").first([](Statement& row) {
    std::string text;
    row.read(text);
    return text;
  });
  if (verdict != "ok") {
    throw std::runtime_error(fmt::format(
        "{}: the database is damaged ({}); stop the bot and put a copy back with `frontdesk restore "
        "FILE`",
        db.path().string(), verdict.value_or("it cannot be looked through")));
  }
}

}  // namespace

DatabaseLock::DatabaseLock(const std::filesystem::path& database)
    : file_(real_file(database)),
      inode_(lock_file(file_, base::FileLock::holder(file_.string() + ".lock"))),
      lock_(acquire(file_)) {}

ServeLock::ServeLock(const std::filesystem::path& database) : lock_(database) {
  Database db(lock_.file());
  require_sound(db);
  Transaction transaction(db);
  const auto mine = identity_of(::getpid());
  const auto other =
      Statement(db, "SELECT pid, boot, started FROM serving WHERE path = ?", lock_.file().string())
          .first([](Statement& row) {
            Identity identity;
            row.read(identity.pid, identity.boot, identity.started);
            return identity;
          });
  if (other && !other->started.empty() && *other != mine && *other == identity_of(other->pid)) {
    refuse(lock_.file(), fmt::format("process {}", other->pid));
  }
  Statement(db, "INSERT OR REPLACE INTO serving(id, path, pid, boot, started) VALUES (1, ?, ?, ?, ?)",
            lock_.file().string(), mine.pid, mine.boot, mine.started)
      .execute();
  transaction.commit();
}

ServeLock::~ServeLock() {
  try {
    if (std::filesystem::exists(lock_.file())) {
      Database db(lock_.file());
      const auto mine = identity_of(::getpid());
      Statement(db, "DELETE FROM serving WHERE pid = ? AND boot = ? AND started = ?", mine.pid, mine.boot,
                mine.started)
          .execute();
    }
  } catch (const std::exception& e) {
    // The process is about to be gone, which the next one sees.
    base::log_debug("the row that says who serves could not be taken away: {}", e.what());
  }
}

}  // namespace store
