#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "router/decision.h"

namespace router {

/// What was decided in the same thread a short while ago.
struct ThreadPast {
  enum class Kind {
    dispatched,  ///< what follows is likely to be more of it
    declined     ///< the person did not want the specialist for such a thing
  };
  Kind kind = Kind::dispatched;
  int turns_since = 0;
  std::chrono::seconds since{0};
};

/// How far a budget is used.
struct BudgetUse {
  double share = 0;  ///< 1: all of it
  std::string name;  ///< "today's budget of $20.00"
};

/// Thresholds of one turn, with what moved them away from the settings, in words; empty: nothing did.
struct MovedThresholds {
  Thresholds thresholds;
  std::string why;
};

/// After a dispatch in the thread both thresholds are lower, after a refused one higher: by kThreadMove in
/// the middle of the scale, less towards its ends, nothing at 0 and 1, which an operator means as they stand;
/// falling to nothing over kThreadTurns turns and kThreadTime. From half of a budget on `dispatch_at` rises,
/// as if a needless dispatch cost up to two and a half times as much when all is used. Pure.
MovedThresholds move_thresholds(Thresholds thresholds, const std::optional<ThreadPast>& thread,
                                const std::optional<BudgetUse>& budget);

inline constexpr double kThreadMove = 0.1;
inline constexpr int kThreadTurns = 5;
inline constexpr std::chrono::minutes kThreadTime{30};

}  // namespace router
