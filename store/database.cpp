#include "store/database.h"

#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/core.h>

#include "base/error.h"
#include "base/log.h"
#include "store/commit_group.h"
#include "store/connection.h"
#include "store/statement.h"

namespace store {

namespace {

constexpr std::chrono::milliseconds kBusyTimeout{10'000};
constexpr std::chrono::milliseconds kProbeTimeout{1'000};

}  // namespace

Database::Database(const std::filesystem::path& path)
    : path_(path), own_(std::make_unique<Connection>(path)) {}

Database::Database(CommitGroup& group) : path_(group.path()), group_(&group) {}

Database::~Database() {
  CommitGroup::end_reading(*this);
}

Database::Database(Database&&) noexcept = default;

Connection& Database::connection() {
  if (shared_ != nullptr) {
    return *shared_;
  }
  if (!own_) {
    own_ = group_->lend_reader();
  }
  return *own_;
}

SQLite::Database& Database::handle() {
  auto& used = connection();
  if (&used == own_.get()) {
    used.keep_for_one();
  }
  return used.handle();
}

void Database::note_work(const std::string& kind, int jobs) {
  noted_work_[kind] += jobs;
}

std::map<std::string, int> Database::take_noted_work() {
  return std::exchange(noted_work_, {});
}

void Database::probe_write(base::Timestamp now) {
  const auto probe = [now](Database& db) {
    Statement(db, "INSERT OR REPLACE INTO probes(id, at) VALUES (1, ?)", now).execute();
  };
  // Whoever asks wants to know that it is locked, not to wait until it is not.
  if (group_ != nullptr) {
    base::Notifier unheard;
    group_->write(probe, unheard, kProbeTimeout);
    return;
  }
  const struct Impatient {
    explicit Impatient(SQLite::Database& of) : db(of) { set(kProbeTimeout); }
    ~Impatient() { set(kBusyTimeout); }
    void set(std::chrono::milliseconds time) const { db.setBusyTimeout(static_cast<int>(time.count())); }
    SQLite::Database& db;
  } impatient(handle());
  probe(*this);
}

Transaction::Transaction(Database& db, Promise promise) : db_(db), promise_(promise) {
  begin();
}

Transaction::Transaction(Database& db, base::Notifier& on_commit) : db_(db), on_commit_(&on_commit) {
  begin();
}

void Transaction::begin() {
  noted_before_ = db_.take_noted_work();
  if (db_.group_ != nullptr) {
    db_.group_->enter(db_);
  } else {
    db_.connection().run("BEGIN IMMEDIATE");
  }
}

Transaction::~Transaction() {
  if (!open_) {
    return;
  }
  db_.noted_work_ = std::move(noted_before_);
  try {
    if (db_.group_ != nullptr) {
      db_.group_->undo(db_);
    } else {
      db_.connection().run("ROLLBACK");
    }
  } catch (const std::exception& e) {
    // SQLite has already rolled back after some errors (disk full, I/O); then there is nothing left to undo.
    base::log_debug("rollback: {}", e.what());
  }
}

void Transaction::commit() {
  if (db_.group_ != nullptr) {
    db_.group_->leave(db_, promise_);
  } else {
    db_.connection().run("COMMIT");
  }
  open_ = false;
  for (const auto& [kind, jobs] : noted_before_) {
    db_.note_work(kind, jobs);
  }
  if (on_commit_ != nullptr) {
    for (const auto& [kind, jobs] : db_.take_noted_work()) {
      on_commit_->notify(kind, jobs);
    }
  }
}

std::filesystem::path database_path(const std::string& url, const std::filesystem::path& folder) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    throw base::ConfigError(fmt::format("store.url: \"{}\" is not \"sqlite:PATH\"", url));
  }
  // What elsewhere means something else would be a file of that very name here.
  const auto name = url.substr(kScheme.size());
  if (name.starts_with(':') || name.find('?') != std::string::npos) {
    throw base::ConfigError(fmt::format(
        "store.url: \"{}\": what stands behind \"sqlite:\" is the path of a file, without parameters", url));
  }
  const auto path = base::expand_home(name);
  return (path.is_absolute() ? path : folder / path).lexically_normal();
}

}  // namespace store
