#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "bot/reporting/judged_turns.h"
#include "store/database.h"

namespace bot::reporting {

/// Fewer outcomes say nothing of how good p is.
inline constexpr std::size_t kLeastOutcomes = 20;

/// How many turns there were at each p, in fifty bins, what was decided about them, and where that is known
/// to have been wrong. Pure.
nlohmann::json distribution_json(const std::vector<JudgedTurn>& turns);

/// What the figures are made of.
struct FiguresOf {
  std::vector<JudgedTurn> earlier;  ///< before the time that is looked at: what drift is measured against
  std::vector<JudgedTurn> turns;    ///< of that time, oldest first
  std::vector<JudgedTurns::Labelled> labelled;  ///< of that time
  std::string timezone;                         ///< of days
};

/// How well p fits what became known: reliability, ROC, learning curve, drift by day, by model. What needs
/// more outcomes or turns than there are is null. p is that of the turn as it was then; a figure of a turn
/// that a rule decided takes the p that the rule came before.
nlohmann::json figures_json(const FiguresOf& of, store::Database& db, base::Timestamp since);

}  // namespace bot::reporting
