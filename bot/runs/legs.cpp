#include "bot/runs/legs.h"

#include <algorithm>

#include "dispatch/task/event_log.h"
#include "dispatch/task/transcript.h"
#include "store/dispatch_log.h"

namespace bot::runs {

void note_cut_leg(const RunContext& run, const dispatch::ProjectWorkspace& workspace, int turns,
                  std::optional<base::Timestamp> at) {
  store::DispatchLog log(run.db);
  const auto legs = log.legs(run.record.id);
  if (legs.empty() || legs.back().ended) {
    return;
  }
  dispatch::Transcript transcript(workspace.folder(), {}, {});
  auto last = legs.back().started;
  for (const auto& entry : dispatch::EventLog::read(workspace.event_log(legs.back().record))) {
    transcript.take(entry.event);
    last = entry.at;
  }
  log.interrupt(run.record.id, std::max(turns, transcript.turns_so_far()), at.value_or(last));
}

void add_earlier_legs(const RunContext& run, dispatch::Report& report) {
  for (const auto& leg : store::DispatchLog(run.db).legs(run.record.id)) {
    if (leg.interrupted && leg.ended) {
      report.turns += leg.turns;
      report.duration += *leg.ended - leg.started;
    }
  }
}

}  // namespace bot::runs
