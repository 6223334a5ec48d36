#pragma once

#include "bot/runtime/services.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/job_queue.h"
#include "store/projects.h"

namespace bot::runs {

/// What the parts of one run share. `record` is the dispatch as it was when its job was claimed.
/// Thread rule: one thread.
struct RunContext {
  RunContext(runtime::Services& shared, store::Database& database, const store::Job& claimed);

  /// Under the message of a run that waits or works.
  std::vector<store::Button> buttons() const;

  runtime::Services& services;
  store::Database& db;
  const store::Job job;
  store::DispatchRecord record;
  const store::Project project;
  const store::Conversation conversation;
};

}  // namespace bot::runs
