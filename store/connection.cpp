#include "store/connection.h"

#include <algorithm>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>

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

}  // namespace

Connection::Connection(const std::filesystem::path& path, Users users) {
  count_no_memory();
  if (path.has_parent_path()) {
    base::make_private_folders(path.parent_path());
  }
  // What people wrote is nobody else's to read; SQLite gives its other files the same rights. Never opened by
  // us once it is there: closing any descriptor of a file ends every lock that this process has on it
  // (POSIX), and another process that then believes to be the last one deletes the write-ahead log under us
  // (https://www.sqlite.org/howtocorrupt.html, 2.2).
  base::Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)).reset();
  // Without its locks where nobody else is there.
  const int locks = users == Users::one_thread ? SQLite::OPEN_NOMUTEX : SQLite::OPEN_FULLMUTEX;
  db_ = std::make_unique<SQLite::Database>(
      path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | locks, kBusyTimeoutMs);
  refuse_newer_schema(*db_, path.string());
  db_->exec("PRAGMA journal_mode=WAL");
  db_->exec("PRAGMA synchronous=FULL");
  db_->exec("PRAGMA foreign_keys=ON");
  // What a savepoint may have to put back would go to a file of its own otherwise, one for each turn.
  db_->exec("PRAGMA temp_store=MEMORY");
  // What is taken out is overwritten in the file, as some systems' SQLite does by itself.
  db_->exec("PRAGMA secure_delete=ON");
  migrate(*db_, path.string());
  attach_chain(*db_);
}

Connection::~Connection() {
  detach_chain(*db_);
}

std::unique_ptr<SQLite::Statement> Connection::take(const std::string& sql) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = idle_.find(sql);
    if (found != idle_.end()) {
      found->second.used = ++uses_;
      auto& statements = found->second.statements;
      if (!statements.empty()) {
        auto statement = std::move(statements.back());
        statements.pop_back();
        return statement;
      }
    }
  }
  return std::make_unique<SQLite::Statement>(*db_, sql);
}

void Connection::give_back(const std::string& sql, std::unique_ptr<SQLite::Statement> statement) noexcept {
  try {
    statement->tryReset();
    statement->clearBindings();
    const std::lock_guard lock(mutex_);
    if (idle_.size() >= kMostKept && !idle_.contains(sql)) {
      make_room();
    }
    auto& idle = idle_[sql];
    idle.used = ++uses_;
    idle.statements.push_back(std::move(statement));
  } catch (const std::exception&) {
    // Then the next one is prepared anew.
  }
}

/// What was not used for the longest time goes, half of all at once, so that it happens seldom.
void Connection::make_room() {
  std::vector<std::uint64_t> used;
  for (const auto& [sql, idle] : idle_) {
    used.push_back(idle.used);
  }
  const auto middle = used.begin() + static_cast<std::ptrdiff_t>(used.size() / 2);
  std::nth_element(used.begin(), middle, used.end());
  std::erase_if(idle_, [&](const auto& entry) { return entry.second.used < *middle; });
}

void Connection::run(const char* sql) {
  const std::string text(sql);
  auto statement = take(text);
  try {
    statement->exec();
  } catch (...) {
    give_back(text, std::move(statement));
    throw;
  }
  give_back(text, std::move(statement));
}

std::size_t Connection::kept() const {
  const std::lock_guard lock(mutex_);
  return idle_.size();
}

}  // namespace store
