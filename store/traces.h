#pragma once

#include "store/database.h"

namespace store {

/// Takes out of the files what rows no longer hold: the full-text index is merged in small steps, and the
/// write-ahead log is emptied. False where others read all the time, so that the log may hold old words until
/// it is written over. Not inside of a transaction. Thread rule: that of the Database.
bool wipe_traces(Database& db);

}  // namespace store
