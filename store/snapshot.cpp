#include "store/snapshot.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "base/log.h"
#include "store/commit_group.h"

namespace store {

Snapshot::Snapshot(Database& db) {
  auto& reader = db.handle();
  if (CommitGroup::of(db) != nullptr && sqlite3_get_autocommit(reader.getHandle()) != 0) {
    auto end = std::make_unique<SQLite::Statement>(reader, "COMMIT");
    reader.exec("BEGIN");
    end_ = std::move(end);
  }
}

Snapshot::~Snapshot() {
  // One that stayed open would show this thread nothing of what is written from now on.
  if (end_ && end_->tryExecuteStep() != SQLITE_DONE) {
    base::log_error("a snapshot could not be ended: {}", end_->getErrorMsg());
    end_->tryReset();
    end_->tryExecuteStep();
  }
}

}  // namespace store
