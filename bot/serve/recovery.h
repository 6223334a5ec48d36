#pragma once

#include <optional>

#include "base/fault.h"
#include "bot/runtime/services.h"
#include "store/database.h"

namespace bot::serve {

/// Makes what an earlier process was at ready again (decision 0015), in one transaction: `fault` is how that
/// process died, if it was its own doing. Tells the chats what was interrupted often. Before any worker
/// starts. Thread rule: that of the Database.
void recover(runtime::Services& services, store::Database& db, std::optional<base::Fault> fault);

}  // namespace bot::serve
