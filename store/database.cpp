#include "store/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "store/chain.h"
#include "store/migrations.h"
#include "store/statement.h"

namespace store {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

}  // namespace

Database::Database(const std::filesystem::path& path) : path_(path) {
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path());
  }
  // What people wrote is nobody else's to read; SQLite gives its other files the same rights. Never opened by
  // us once it is there: closing any descriptor of a file ends every lock that this process has on it
  // (POSIX), and another process that then believes to be the last one deletes the write-ahead log under us
  // (https://www.sqlite.org/howtocorrupt.html, 2.2).
  base::Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)).reset();
  db_ = std::make_unique<SQLite::Database>(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                                           kBusyTimeoutMs);
  refuse_newer_schema(*db_, path.string());
  db_->exec("PRAGMA journal_mode=WAL");
  db_->exec("PRAGMA synchronous=FULL");
  db_->exec("PRAGMA foreign_keys=ON");
  migrate(*db_, path.string());
  attach_chain(*db_);
}

Database::~Database() {
  if (db_) {
    detach_chain(*db_);
  }
}

Database::Database(Database&&) noexcept = default;

void Database::probe_write(base::Timestamp now) {
  Statement(*this, "INSERT OR REPLACE INTO probes(id, at) VALUES (1, ?)", now).execute();
}

std::int64_t Database::last_row_id() {
  return db_->getLastInsertRowid();
}

Transaction::Transaction(Database& db) : db_(db) {
  db_.handle().exec("BEGIN IMMEDIATE");
}

Transaction::Transaction(Database& db, base::Notifier& on_commit) : db_(db), on_commit_(&on_commit) {
  db_.handle().exec("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (open_) {
    try {
      db_.handle().exec("ROLLBACK");
    } catch (const std::exception& e) {
      // SQLite has already rolled back after some errors (disk full, I/O); then there is nothing left to
      // undo.
      base::log_debug("rollback: {}", e.what());
    }
  }
}

void Transaction::commit() {
  db_.handle().exec("COMMIT");
  open_ = false;
  if (on_commit_ != nullptr) {
    on_commit_->notify();
  }
}

std::filesystem::path database_path(const std::string& url, const std::filesystem::path& folder) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    throw base::ConfigError(fmt::format("store.url: \"{}\" is not \"sqlite:PATH\"", url));
  }
  const auto path = base::expand_home(url.substr(kScheme.size()));
  return (path.is_absolute() ? path : folder / path).lexically_normal();
}

}  // namespace store
