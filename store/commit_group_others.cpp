// What those want of the group who do not write.
#include <stdexcept>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "store/commit_group.h"

namespace store {

void CommitGroup::look(const std::function<void(Database&)>& work) {
  // No longer than SQLite waits for a lock itself, so that threads which all wait do not add it up.
  const std::unique_lock lock(look_mutex_, kPatience);
  if (!lock) {
    throw std::runtime_error("another thread waits for the database");
  }
  Database db(*this);
  work(db);
}

std::unique_ptr<Connection> CommitGroup::lend_reader() {
  {
    const std::lock_guard lock(readers_mutex_);
    if (!readers_.empty()) {
      auto reader = std::move(readers_.back());  // it was used last, so that the others' memory rests
      readers_.pop_back();
      return reader;
    }
  }
  auto reader = std::make_unique<Connection>(path_);
  reader->handle().exec("PRAGMA cache_size=-250");  // others commit all the time, and then it is read anew
  return reader;
}

void CommitGroup::take_back_reader(std::unique_ptr<Connection> reader) noexcept {
  if (reader->is_free()) {
    const std::lock_guard lock(readers_mutex_);
    if (readers_.size() < readers_.capacity()) {
      readers_.push_back(std::move(reader));
    }
  }
}

void CommitGroup::end_reading(Database& db) noexcept {
  if (db.group_ != nullptr && db.own_ && db.own_->is_free()) {
    db.group_->take_back_reader(std::move(db.own_));
  }
}

void CommitGroup::listen(std::set<std::string> tables, Listener listener) {
  between([&](SQLite::Database& db) {
    watched_ = std::move(tables);
    listener_ = std::move(listener);
    changed_.clear();
    const auto note = [](void* group, int, const char*, const char* table, sqlite3_int64 row) {
      auto& self = *static_cast<CommitGroup*>(group);
      if (self.watched_.contains(table)) {
        self.changed_.insert({table, row});
      }
    };
    sqlite3_update_hook(db.getHandle(), listener_ ? +note : nullptr, this);
  });
}

std::int64_t CommitGroup::others_version() {
  std::int64_t version = 0;
  between([&](SQLite::Database& db) { version = db.execAndGet("PRAGMA data_version").getInt64(); });
  return version;
}

/// What was rolled back in between is told, too, which does no harm.
void CommitGroup::tell() {
  if (!changed_.empty()) {
    listener_(changed_);
    changed_.clear();
  }
}

}  // namespace store
