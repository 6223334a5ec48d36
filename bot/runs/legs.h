#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "bot/runs/run_context.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/specialist.h"
#include "store/database.h"
#include "store/ids.h"

namespace bot::runs {

/// Writes down every other second that a run is still at work, and how many turns it has made, so that a kill
/// leaves both. Thread rule: one thread.
class LegClock {
 public:
  LegClock(store::Database& db, store::DispatchId dispatch) : db_(db), dispatch_(dispatch) {}

  /// Never throws: what cannot be written now is written with a later event.
  void take(const dispatch::Event& event, base::Timestamp now);

 private:
  store::Database& db_;
  const store::DispatchId dispatch_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now();
};

/// Writes down that the process which worked on the dispatch was cut and another one is to go on: after
/// `turns`, or as many as are known of it, at `at`, or when it was seen at work last.
void note_cut_leg(const RunContext& run, const dispatch::ProjectWorkspace& workspace, int turns,
                  std::optional<base::Timestamp> at);

/// Adds the turns and the time of the processes that were cut to the report of the last one.
void add_earlier_legs(const RunContext& run, dispatch::Report& report);

/// A run that was cut longer ago goes on only when a person wants it.
inline constexpr std::chrono::hours kGoesOnUnasked{24};

/// How long ago the program's end cut the run, which nobody has taken up since; nothing of any other.
std::optional<std::chrono::seconds> cut_since(const RunContext& run);

/// The longest time between a cut and the process that went on.
std::chrono::seconds longest_cut(const RunContext& run);

/// What the program knows of a run that ended with a process of it, as JSON for the log: turns and time.
std::string facts_of_legs(store::Database& db, store::DispatchId dispatch);

}  // namespace bot::runs
