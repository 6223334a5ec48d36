#include "store/snapshot.h"

#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "base/log.h"
#include "store/commit_group.h"

namespace store {

Snapshot::Snapshot(Database& db) : db_(db) {
  auto& reader = CommitGroup::reader_of(db);
  if (CommitGroup::of(db) != nullptr && sqlite3_get_autocommit(reader.handle().getHandle()) != 0) {
    auto end = reader.take("COMMIT");
    try {
      reader.run("BEGIN");
    } catch (...) {
      reader.give_back(std::move(end));
      throw;
    }
    end_ = std::move(end);
    reader_ = &reader;
  }
}

Snapshot::~Snapshot() {
  if (reader_ == nullptr) {
    return;
  }
  // One that stayed open would show this thread nothing of what is written from now on.
  if (sqlite3_step(end_.get()) != SQLITE_DONE) {
    base::log_error("a snapshot could not be ended: {}", sqlite3_errmsg(reader_->handle().getHandle()));
    sqlite3_reset(end_.get());
    sqlite3_step(end_.get());
  }
  reader_->give_back(std::move(end_));
  CommitGroup::end_reading(db_);
}

}  // namespace store
