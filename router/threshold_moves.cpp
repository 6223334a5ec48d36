#include "router/threshold_moves.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace router {
namespace {

/// A smaller move is none.
constexpr double kLeastMove = 0.005;
constexpr double kPressureFrom = 0.5;
/// By how much the price of a needless dispatch rises for each budget that is used beyond that.
constexpr double kPressure = 3;

/// 1 just after it happened, 0 when it is forgotten.
double strength(const ThreadPast& past) {
  const double turns = 1 - static_cast<double>(past.turns_since) / kThreadTurns;
  const double time = 1 - std::chrono::duration<double>(past.since) / kThreadTime;
  return std::clamp(turns, 0.0, 1.0) * std::clamp(time, 0.0, 1.0);
}

/// Rises with the threshold, so that ask_at stays below dispatch_at.
double moved(double threshold, double by) {
  return threshold + by * 4 * threshold * (1 - threshold);
}

/// Sets it, and says so where that is a move at all.
void set(double& threshold, double to, std::string& from, const char* source, const char* name,
         std::string& said) {
  if (std::abs(to - threshold) < kLeastMove) {
    return;
  }
  said += fmt::format("{}{} {:.2f} -> {:.2f}", said.empty() ? "" : ", ", name, threshold, to);
  threshold = to;
  from = source;
}

void add_reason(std::string& why, const std::string& moves, const std::string& because) {
  if (!moves.empty()) {
    why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", moves, because);
  }
}

}  // namespace

MovedThresholds move_thresholds(Thresholds thresholds, const std::optional<ThreadPast>& thread,
                                const std::optional<BudgetUse>& budget) {
  MovedThresholds result{std::move(thresholds), {}};
  auto& t = result.thresholds;
  if (thread) {
    const bool dispatched = thread->kind == ThreadPast::Kind::dispatched;
    const double by = (dispatched ? -kThreadMove : kThreadMove) * strength(*thread);
    std::string moves;
    set(t.ask_at, moved(t.ask_at, by), t.ask_from, "thread", "ask_at", moves);
    set(t.dispatch_at, moved(t.dispatch_at, by), t.dispatch_from, "thread", "dispatch_at", moves);
    add_reason(result.why, moves,
               dispatched ? "the specialist worked in this thread a short while ago"
                          : "the specialist was not wanted for this a short while ago");
  }
  if (budget && budget->share > kPressureFrom) {
    const double price = 1 + kPressure * (std::min(budget->share, 1.0) - kPressureFrom);
    std::string moves;
    set(t.dispatch_at, 1 - (1 - t.dispatch_at) / price, t.dispatch_from, "budget", "dispatch_at", moves);
    add_reason(result.why, moves,
               fmt::format("{:.0f} % of {} is used", 100 * std::min(budget->share, 1.0), budget->name));
  }
  return result;
}

}  // namespace router
