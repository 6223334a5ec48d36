#pragma once

#include <functional>

#include "base/notifier.h"
#include "store/database.h"

namespace store {

/// Carries out `write` in a transaction of `db` and returns once that is committed; false where `write` says
/// false: then nothing of it has happened. `on_commit` is rung as by a Transaction; where it is null the work
/// stays noted. In a CommitGroup it costs no change of thread: whoever has the turn carries it out, while the
/// thread of `db` waits, so that `write` must not depend on the thread. What it throws is thrown here.
bool in_transaction(Database& db, base::Notifier* on_commit, const std::function<bool()>& write);

}  // namespace store
