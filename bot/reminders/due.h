#pragma once

#include <stop_token>

#include "base/clock.h"
#include "bot/runtime/services.h"
#include "store/database.h"
#include "store/job_queue.h"

namespace bot::reminders {

/// Carries out a job of the kind store::Reminders::kJob: posts the reminder in the chat where it was ordered,
/// or gives its text to the secretary as a message of its owner, and sets when it comes again, in one
/// transaction with the end of the job; so it does with some more that are due. What its owner may no longer
/// write there ends without a word. `started`: when this process did; what was due before is told to have
/// been. Thread rule: that of the Database.
void come_due(runtime::Services& services, store::Database& db, const store::Job& job,
              base::Timestamp started);

}  // namespace bot::reminders
