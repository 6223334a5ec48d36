#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "router/evaluation/metrics.h"

namespace router {

/// A threshold below which it is safe to answer, with what stands behind it.
struct Certificate {
  std::optional<double> ask_at = {};  ///< nothing: too few labelled turns, or none is safe
  std::size_t specialist_turns = 0;   ///< labelled turns that needed the specialist
  std::size_t missing = 0;            ///< how many more of them are needed before anything can be certified
};

/// The largest `ask_at` for which at most `bound` of the specialist's turns are answered, at 95 % confidence:
/// Clopper and Pearson's bound on the misses among the labelled turns, tested from the strictest threshold to
/// the laxest, the first failure ending it, so that trying many costs no confidence. It holds for turns like
/// those. Pure.
Certificate certify(const std::vector<Scored>& labelled, double bound);

/// The threshold above which that share of the turns lies; nothing where there are fewer than 20.
std::optional<double> threshold_for_rate(std::vector<double> p, double rate);

}  // namespace router
