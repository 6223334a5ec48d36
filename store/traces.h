#pragma once

#include <functional>

#include "store/database.h"

namespace store {

/// Takes out of the files what rows no longer hold: the full-text index is merged in small steps, and the
/// write-ahead log is emptied. False where others read all the time, so that the log may hold old words until
/// it is written over. Not inside of a transaction. Thread rule: that of the Database.
bool wipe_traces(Database& db);

/// The same at leisure: the index in smaller steps, each a transaction of its own that takes some
/// milliseconds, while `go_on`, which may wait, says so; then the write-ahead log where nobody reads just
/// now. False where it was told to stop.
bool wipe_traces_at_leisure(Database& db, const std::function<bool()>& go_on);

}  // namespace store
