#include "store/connection.h"

#include <algorithm>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sqlite3.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/private_folder.h"
#include "store/chain.h"
#include "store/migrations.h"

namespace store {
namespace {

constexpr int kBusyTimeoutMs = 10'000;
/// More texts than the program has; what lists so many values has a text of its own for each number.
constexpr std::size_t kMostKept = 400;

/// SQLite adds up what it allocates, under one lock for all threads; nobody asks for it. Where SQLite is in
/// use already, as under the disk of a test, it stays as it is.
void count_no_memory() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(done);
}

/// What SQLite says of the file or its disk, with the file and what to do.
SQLite::Exception named(const std::string& path, const std::string& what, int code) {
  switch (code & 0xff) {  // the rest of it says more exactly where
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {
          fmt::format("{}: the database is damaged ({}); stop the bot and put a copy back with `frontdesk "
                      "restore FILE`",
                      path, what),
          code};
    case SQLITE_FULL:
      return {fmt::format("{}: the disk is full ({})", path, what), code};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return {fmt::format("{}: {}", path, what), code};
    default:
      return {what, code};
  }
}

[[noreturn]] void fail(SQLite::Database& db, int code) {
  throw named(db.getFilename(), db.getErrorMsg(), code);
}

/// Another program's database is not turned into one of ours. One without tables is new.
void refuse_foreign(SQLite::Database& db, const std::string& path) {
  SQLite::Statement tables(
      db,
      "SELECT count(*), sum(name IN ('decisions', 'outbox')), min(name) FROM sqlite_master "
      "WHERE type = 'table'");
  if (tables.executeStep() && tables.getColumn(0).getInt() > 0 && tables.getColumn(1).getInt() != 2) {
    throw base::ConfigError(fmt::format(
        "{}: this is the database of another program, not of Frontdesk (it has a table \"{}\"); name "
        "another file in store.url; nothing was changed",
        path, tables.getColumn(2).getString()));
  }
}

}  // namespace

Connection::Connection(const std::filesystem::path& path) {
  count_no_memory();
  if (path.has_parent_path()) {
    base::make_private_folders(path.parent_path());
  }
  // What people wrote is nobody else's to read; SQLite gives its other files the same rights. Never opened by
  // us once it is there: closing any descriptor of a file ends every lock that this process has on it
  // (POSIX), and another process that then believes to be the last one deletes the write-ahead log under us
  // (https://www.sqlite.org/howtocorrupt.html, 2.2).
  base::Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)).reset();
  try {
    // Without its locks: one thread uses it at a time.
    db_ = std::make_unique<SQLite::Database>(
        path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs);
    refuse_newer_schema(*db_, path.string());
    refuse_foreign(*db_, path.string());
    db_->exec("PRAGMA journal_mode=WAL");
    db_->exec("PRAGMA synchronous=FULL");
    db_->exec("PRAGMA foreign_keys=ON");
    // What a savepoint may have to put back would go to a file of its own otherwise, one for each turn.
    db_->exec("PRAGMA temp_store=MEMORY");
    // What is taken out is overwritten in the file, as some systems' SQLite does by itself.
    db_->exec("PRAGMA secure_delete=ON");
    migrate(*db_, path.string());
    attach_chain(*db_);
  } catch (const SQLite::Exception& e) {
    throw named(path.string(), e.what(), e.getErrorCode());
  }
}

Connection::~Connection() {
  detach_chain(*db_);
}

void Connection::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Connection::Prepared Connection::take(std::string_view sql) {
  take_left();
  auto found = kept_.find(sql);
  if (found == kept_.end()) {
    if (kept_.size() >= kMostKept) {
      make_room();
    }
    found = kept_.try_emplace(std::string(sql)).first;
  }
  auto& kept = found->second;
  kept.used = ++uses_;
  Prepared prepared;
  prepared.kept_ = &kept;
  if (!kept.idle.empty()) {
    prepared.statement_ = std::move(kept.idle.back());
    kept.idle.pop_back();
  } else {
    // Kept for long, so that it does not take the memory that SQLite holds ready for what is short-lived.
    sqlite3_stmt* statement = nullptr;
    const int result = sqlite3_prepare_v3(db_->getHandle(), sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (result != SQLITE_OK) {
      fail(*db_, result);
    }
    prepared.statement_.reset(statement);
  }
  ++kept.taken;
  ++out_;
  return prepared;
}

void Connection::give_back(Prepared statement) noexcept {
  sqlite3_reset(statement.get());
  sqlite3_clear_bindings(statement.get());
  --statement.kept_->taken;
  --out_;
  try {
    statement.kept_->idle.push_back(std::move(statement.statement_));
  } catch (const std::exception&) {
    // Then the next one is prepared anew.
  }
}

void Connection::leave(Prepared statement) noexcept {
  const std::lock_guard lock(mutex_);
  left_.push_back(std::move(statement));
  has_left_ = true;
}

void Connection::take_left() {
  if (has_left_) {
    std::vector<Prepared> left;
    {
      const std::lock_guard lock(mutex_);
      left.swap(left_);
      has_left_ = false;
    }
    for (auto& statement : left) {
      give_back(std::move(statement));
    }
  }
}

/// What was not used for the longest time goes, half of all at once, so that it happens seldom.
void Connection::make_room() {
  std::vector<std::uint64_t> used;
  for (const auto& [sql, kept] : kept_) {
    used.push_back(kept.used);
  }
  const auto middle = used.begin() + static_cast<std::ptrdiff_t>(used.size() / 2);
  std::nth_element(used.begin(), middle, used.end());
  std::erase_if(kept_,
                [&](const auto& entry) { return entry.second.used < *middle && entry.second.taken == 0; });
}

bool Connection::step(const Prepared& statement) {
  const int result = sqlite3_step(statement.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) {
    has_failed_ = true;
    fail(*db_, result);
  }
  return result == SQLITE_ROW;
}

void Connection::run(std::string_view sql) {
  auto statement = take(sql);
  try {
    step(statement);
  } catch (...) {
    give_back(std::move(statement));
    throw;
  }
  give_back(std::move(statement));
}

bool Connection::is_free() const {
  return out_ == 0 && !has_failed_ && !is_of_one_ && sqlite3_get_autocommit(db_->getHandle()) != 0;
}

std::size_t Connection::kept() const {
  return static_cast<std::size_t>(std::count_if(
      kept_.begin(), kept_.end(), [](const auto& entry) { return !entry.second.idle.empty(); }));
}

}  // namespace store
