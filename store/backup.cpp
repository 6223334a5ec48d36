#include "store/backup.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "store/existing_database.h"
#include "store/migrations.h"
#include "store/serve_lock.h"

namespace store {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyTimeoutMs = 10'000;

/// A file beside `file` that is gone at the end, unless it has become that file.
class Draft {
 public:
  explicit Draft(const fs::path& file) : path_(file.string() + ".part-" + base::random_hex(4)) {
    const base::Fd made(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made.valid()) {
      throw std::system_error(errno, std::generic_category(), "cannot write " + path_.string());
    }
  }
  ~Draft() {
    std::error_code none;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      fs::remove(path_.string() + suffix, none);
    }
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

void sync(const fs::path& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot write " + path.string());
  }
}

void sync_folder_of(const fs::path& path) {
  sync(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

/// Copies the whole database into the draft and leaves it as one file.
void copy_into(const fs::path& from, const Draft& draft) {
  SQLite::Database source(from.string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs);
  SQLite::Database target(draft.path().string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs);
  SQLite::Backup(target, source).executeStep(-1);
  target.exec("PRAGMA journal_mode=DELETE");
}

bool is_ours(SQLite::Database& db) {
  return db.execAndGet("SELECT count(*) FROM sqlite_master WHERE name IN ('decisions', 'outbox')").getInt() ==
         2;
}

std::int64_t messages_in(const fs::path& file) {
  return SQLite::Database(file.string(), SQLite::OPEN_READONLY, kBusyTimeoutMs)
      .execAndGet("SELECT count(*) FROM messages")
      .getInt64();
}

/// Throws where the database is none of ours, or so empty that it would better not take the place of `copy`,
/// which is an earlier copy or nothing yet.
void check_source(const fs::path& database, const fs::path& copy) {
  try {
    SQLite::Database source(database.string(), SQLite::OPEN_READONLY, kBusyTimeoutMs);
    if (!is_ours(source)) {
      throw base::ConfigError(fmt::format("{}: is no database of Frontdesk", database.string()));
    }
  } catch (const SQLite::Exception& e) {
    throw base::ConfigError(
        fmt::format("{}: cannot be read as a database ({})", database.string(), e.what()));
  }
  const auto kept = fs::exists(copy) ? messages_in(copy) : 0;
  if (kept > 0 && messages_in(database) == 0) {
    throw base::ConfigError(fmt::format(
        "{}: holds {} messages, and the database {} holds none; name another file, or see whether "
        "store.url is right",
        copy.string(), kept, database.string()));
  }
}

/// Why the file is no copy that can be put back; empty if it is one.
std::string problem_of(const fs::path& file) {
  try {
    SQLite::Database copy(file.string(), SQLite::OPEN_READONLY, kBusyTimeoutMs);
    if (!is_ours(copy)) {
      return "is no database of Frontdesk";
    }
    refuse_newer_schema(copy, file.string());
    const auto verdict = copy.execAndGet("PRAGMA quick_check(1)").getString();
    return verdict == "ok" ? std::string() : "is damaged: " + verdict;
  } catch (const SQLite::Exception& e) {
    return fmt::format("cannot be read as a database ({})", e.what());
  }
}

/// So that what is kept is one file. A damaged database is kept as it is.
void fold_log_into(const fs::path& database) {
  try {
    SQLite::Database(database.string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs)
        .exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const SQLite::Exception& e) {
    base::log_warning("{}: its log stays beside it: {}", database.string(), e.what());
  }
}

fs::path kept_name(const fs::path& database, base::Timestamp now) {
  const auto t = base::local_time(now, "");
  auto name = fmt::format("{}.before-restore-{:04}{:02}{:02}-{:02}{:02}{:02}", database.string(), t.year,
                          t.month, t.day, t.hour, t.minute, t.second);
  while (fs::exists(name)) {
    name += "x";
  }
  return name;
}

/// Afterwards `draft` is at `file`, and what stood there at `kept`. At no moment is there nothing at `file`.
void exchange(const fs::path& draft, const fs::path& file, const fs::path& kept) {
  if (::renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, file.c_str(), RENAME_EXCHANGE) == 0) {
    fs::rename(draft, kept);
    return;
  }
  if (errno != EINVAL && errno != ENOSYS) {
    throw std::system_error(errno, std::generic_category(), "cannot replace " + file.string());
  }
  fs::create_hard_link(file, kept);  // a file system without exchanges
  fs::rename(draft, file);
}

}  // namespace

void back_up(const fs::path& database, const fs::path& file) {
  require_database(database);
  if (fs::exists(file)) {
    if (fs::equivalent(database, file)) {
      throw base::ConfigError(fmt::format("{}: is the database itself; name another file", file.string()));
    }
    if (const auto problem = problem_of(file); !problem.empty()) {
      throw base::ConfigError(fmt::format("{}: is there and {}; name another file", file.string(), problem));
    }
  }
  check_source(database, file);
  const Draft draft(file);
  copy_into(database, draft);
  {
    SQLite::Database copy(draft.path().string(), SQLite::OPEN_READWRITE);
    if (copy.tableExists("serving")) {
      copy.exec("DELETE FROM serving");
    }
  }
  sync(draft.path());
  fs::rename(draft.path(), file);
  sync_folder_of(file);
}

fs::path restore(const fs::path& file, const fs::path& database, base::Timestamp now) {
  if (!fs::is_regular_file(file)) {
    throw base::ConfigError(fmt::format("{}: there is no such file", file.string()));
  }
  if (const auto problem = problem_of(file); !problem.empty()) {
    throw base::ConfigError(fmt::format("{}: {}; nothing was changed", file.string(), problem));
  }
  const bool was_there = fs::exists(database);
  const DatabaseLock lock(database);
  const auto& target = lock.file();
  if (fs::equivalent(file, target)) {
    throw base::ConfigError(fmt::format("{}: is the database itself; nothing was changed", file.string()));
  }
  const Draft draft(target);
  copy_into(file, draft);
  sync(draft.path());
  const fs::path kept = kept_name(target, now);
  if (was_there) {
    fold_log_into(target);
  }
  // A log that stays would be taken for that of the file which comes.
  for (const char* suffix : {"-wal", "-shm"}) {
    if (fs::exists(target.string() + suffix)) {
      fs::rename(target.string() + suffix, kept.string() + suffix);
    }
  }
  exchange(draft.path(), target, kept);
  sync_folder_of(target);
  if (!was_there) {
    fs::remove(kept);  // what the lock made
    return {};
  }
  return kept;
}

}  // namespace store
