#pragma once

#include <optional>

#include "router/decision.h"

namespace router {

/// The probability that a turn needs the specialist, from what is known about it; pure, 0 < p < 1.
/// Until it is calibrated on outcomes: 0.3, 0.6, 0.9 for a proposal of low, medium, high confidence; 0.02
/// without one.
double score(const std::optional<Proposal>& proposal);

/// The highest p that any proposal can get. Below `ask_at` there is no use in offering the tool.
double highest_score();

}  // namespace router
