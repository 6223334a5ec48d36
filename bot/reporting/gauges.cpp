#include "bot/reporting/gauges.h"

#include <algorithm>

#include "bot/runs/budget.h"
#include "store/backlog.h"
#include "store/dispatch_log.h"
#include "store/job_queue.h"
#include "store/message_parts.h"
#include "store/outbox.h"
#include "store/reminders.h"
#include "store/tool_calls.h"

namespace bot::reporting {

runtime::Metrics::Gauges gauges(runtime::Services& services, store::Database& db) {
  runtime::Metrics::Gauges gauges;
  const auto now = services.clock.now();
  const auto add = [&](const std::string& kind, const store::Backlog& backlog) {
    auto& queue = gauges.queues[kind];
    queue.depth += static_cast<double>(backlog.count);
    if (backlog.oldest) {
      queue.oldest_seconds =
          std::max({0.0, queue.oldest_seconds, std::chrono::duration<double>(now - *backlog.oldest).count()});
    }
  };
  for (const char* kind : {"turn", "dispatch", "delivery"}) {
    add(kind, {});
  }
  for (const auto& [kind, backlog] : store::open_jobs(db)) {
    if (const auto queue = runtime::queue_of(kind); !queue.empty()) {
      add(queue, backlog);
    }
  }
  // A reminder that waits for its time is not late.
  const auto due = store::JobQueue(db).next_due(store::Reminders::kJob);
  add("reminder", {store::JobQueue(db).open(store::Reminders::kJob), due && *due < now ? due : std::nullopt});
  add("approval", store::open_approvals(db));
  add("question", store::open_questions(db));
  gauges.running_dispatches = store::DispatchLog(db).running();
  gauges.dead_deliveries = store::Outbox(db).dead_count();
  gauges.uncertain_deliveries = store::MessageParts(db).doubtful_count();
  gauges.uncertain_tool_calls = store::ToolCalls(db).doubt_count();
  gauges.budget_left_usd = runs::left_of_common_budgets(services, db);
  return gauges;
}

}  // namespace bot::reporting
