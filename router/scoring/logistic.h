#pragma once

#include <cstdint>

namespace router {

/// A logit in units of 2^-16: integers, so that each machine and each build computes the same.
using Logit = std::int64_t;
inline constexpr Logit kLogitOne = 65'536;

/// 1 / (1 + e^-x) as a multiple of 2^-24, between 2^-20 and 1 - 2^-20: from a table, with straight lines
/// between its points (wrong by less than 10^-5). Exact in a double, so it is the same number wherever it is
/// computed. Pure.
double logistic(Logit x);

/// The smallest logit whose logistic() is at least p, for 0 < p < 1.
Logit logit_of(double p);

}  // namespace router
