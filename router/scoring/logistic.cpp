#include "router/scoring/logistic.h"

#include <algorithm>
#include <array>

namespace router {
namespace {

/// The table reaches this far to both sides; beyond it, the bounds of logistic() hold anyway.
constexpr int kReach = 16;
constexpr int kPointsPerUnit = 64;
constexpr Logit kStep = kLogitOne / kPointsPerUnit;
constexpr std::int64_t kScale = 1 << 24;
constexpr std::int64_t kLeast = 1 << 4;

/// e^-x for 0 <= x: additions, products and quotients alone, which IEEE 754 defines to the bit, and evaluated
/// by the compiler, so that no library's exp() takes part.
constexpr double exp_of_minus(double x) {
  double halved = x;
  int doublings = 0;
  while (halved > 0.125) {
    halved /= 2;
    ++doublings;
  }
  double term = 1;
  double sum = 1;
  for (int i = 1; i < 14; ++i) {
    term = term * -halved / i;
    sum += term;
  }
  for (; doublings > 0; --doublings) {
    sum *= sum;
  }
  return sum;
}

constexpr auto kTable = [] {
  std::array<std::int64_t, kReach * kPointsPerUnit + 1> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double x = static_cast<double>(i) / kPointsPerUnit;
    const double twice = 2 * static_cast<double>(kScale) / (1 + exp_of_minus(x));
    table[i] = (static_cast<std::int64_t>(twice) + 1) / 2;  // rounded
  }
  return table;
}();

/// For x >= 0.
std::int64_t upper_half(Logit x) {
  const auto at = static_cast<std::size_t>(x / kStep);
  if (at + 1 >= kTable.size()) {
    return kTable.back();
  }
  return kTable[at] + (kTable[at + 1] - kTable[at]) * (x % kStep) / kStep;
}

std::int64_t scaled(Logit x) {
  const auto p = x >= 0 ? upper_half(x) : kScale - upper_half(-x);
  return std::clamp(p, kLeast, kScale - kLeast);
}

}  // namespace

double logistic(Logit x) {
  const auto reach = kReach * kLogitOne;
  return static_cast<double>(scaled(std::clamp(x, -reach, reach))) / static_cast<double>(kScale);
}

Logit logit_of(double p) {
  Logit low = -kReach * kLogitOne;
  Logit high = kReach * kLogitOne;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (logistic(middle) < p) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace router
