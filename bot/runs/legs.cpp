#include "bot/runs/legs.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "dispatch/task/event_log.h"
#include "dispatch/task/transcript.h"
#include "store/dispatch_log.h"

namespace bot::runs {
namespace {

constexpr std::chrono::seconds kPace{2};

}  // namespace

void LegClock::take(const dispatch::Event& event, base::Timestamp now) {
  const auto ticks = std::chrono::steady_clock::now();
  if (event.kind != dispatch::Event::Kind::still_working || ticks < next_) {
    return;
  }
  next_ = ticks + kPace;
  try {
    store::DispatchLog(db_).note_at_work(dispatch_, event.turns_so_far, now);
  } catch (const std::exception& e) {
    base::log_warning("a run that is at work cannot be noted now: {}", e.what());
  }
}

void note_cut_leg(const RunContext& run, const dispatch::ProjectWorkspace& workspace, int turns,
                  std::optional<base::Timestamp> at) {
  store::DispatchLog log(run.db);
  const auto legs = log.legs(run.record.id);
  if (legs.empty() || legs.back().ended) {
    return;
  }
  dispatch::Transcript transcript(workspace.folder(), {}, {});
  auto last = legs.back().seen.value_or(legs.back().started);
  for (const auto& entry : dispatch::EventLog::read(workspace.event_log(legs.back().record))) {
    transcript.take(entry.event);
    last = std::max(last, entry.at);
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

std::optional<std::chrono::seconds> cut_since(const RunContext& run) {
  const auto legs = store::DispatchLog(run.db).legs(run.record.id);
  if (legs.empty() || !legs.back().interrupted || !legs.back().ended) {
    return std::nullopt;
  }
  return std::chrono::duration_cast<std::chrono::seconds>(run.services.clock.now() - *legs.back().ended);
}

std::chrono::seconds longest_cut(const RunContext& run) {
  std::chrono::seconds longest{0};
  std::optional<base::Timestamp> cut;
  for (const auto& leg : store::DispatchLog(run.db).legs(run.record.id)) {
    if (cut) {
      longest = std::max(longest, std::chrono::duration_cast<std::chrono::seconds>(leg.started - *cut));
    }
    cut = leg.interrupted ? leg.ended : std::nullopt;
  }
  return longest;
}

std::string facts_of_legs(store::Database& db, store::DispatchId dispatch) {
  const auto legs = store::DispatchLog(db).legs(dispatch);
  if (legs.empty()) {
    return "{}";
  }
  int turns = 0;
  for (const auto& leg : legs) {
    turns += leg.turns;
  }
  return base::dump_json({{"turns", turns}, {"duration_ms", store::time_worked(legs).count()}});
}

}  // namespace bot::runs
