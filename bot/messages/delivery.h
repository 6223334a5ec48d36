#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include "bot/runtime/services.h"
#include "bot/runtime/work.h"
#include "store/database.h"
#include "store/job_queue.h"

namespace bot::messages {

/// How long a call is retried.
constexpr std::chrono::hours kGiveUpAfter{72};

/// Makes one call of the outbox (step 9 of a message's way) and records what came of it. What did not work
/// now is tried again, with growing pauses, for three days; then it is dead, and counted by `frontdesk
/// doctor`. A call for a section that is not configured waits as long. Throws base::Stopped when the program
/// stops; the attempt then counts as made.
void deliver(runtime::Services& services, store::Database& db, const store::Job& job, std::stop_token stop);

/// The same in two steps: within the transaction that claims the job it is marked as attempted, and read.
std::unique_ptr<runtime::Work> begin_delivery(runtime::Services& services, store::Database& db,
                                              const store::Job& job);

/// The pause after that many attempts: doubling from one second to five minutes, half of it random.
std::chrono::milliseconds delivery_backoff(int attempts, double random);

}  // namespace bot::messages
