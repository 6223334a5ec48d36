#include "router/scoring/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "router/scoring/logistic.h"

namespace router {
namespace {

constexpr int kSteps = 40;
/// A step is no longer than this, so that Newton's method does not overshoot where all is told apart.
constexpr double kLongestStep = 5;
constexpr double kSmallestStep = 1e-9;

double probability(double z) {
  constexpr double kReach = 30;
  return logistic(
      static_cast<Logit>(std::lround(std::clamp(z, -kReach, kReach) * static_cast<double>(kLogitOne))));
}

/// Solves m x = b for a positive definite m, by elimination.
std::vector<double> solve(std::vector<std::vector<double>> m, std::vector<double> b) {
  const auto n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      const double times = m[j][i] / m[i][i];
      for (std::size_t k = i; k < n; ++k) {
        m[j][k] -= times * m[i][k];
      }
      b[j] -= times * b[i];
    }
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) {
      b[i] -= m[i][k] * b[k];
    }
    b[i] /= m[i][i];
  }
  return b;
}

}  // namespace

void LogisticRegression::add(std::vector<double> row, double target, double importance) {
  rows_.push_back({std::move(row), target, importance});
}

std::vector<double> LogisticRegression::fit(double ridge) const {
  std::vector<double> weights(columns_, 0.0);
  for (int step = 0; step < kSteps; ++step) {
    std::vector<double> slope(columns_);
    std::vector<std::vector<double>> curve(columns_, std::vector<double>(columns_, 0.0));
    for (std::size_t i = 0; i < columns_; ++i) {
      slope[i] = -ridge * weights[i];
      curve[i][i] = ridge;
    }
    for (const auto& [x, target, importance] : rows_) {
      const double p = probability(std::inner_product(x.begin(), x.end(), weights.begin(), 0.0));
      for (std::size_t i = 0; i < columns_; ++i) {
        if (x[i] == 0) {
          continue;
        }
        slope[i] += importance * (target - p) * x[i];
        for (std::size_t j = 0; j < columns_; ++j) {
          curve[i][j] += importance * p * (1 - p) * x[i] * x[j];
        }
      }
    }
    const auto move = solve(std::move(curve), std::move(slope));
    double longest = 0;
    for (const double part : move) {
      longest = std::max(longest, std::abs(part));
    }
    for (std::size_t i = 0; i < columns_; ++i) {
      weights[i] += move[i] * std::min(1.0, kLongestStep / std::max(longest, kSmallestStep));
    }
    if (longest < kSmallestStep) {
      break;
    }
  }
  return weights;
}

}  // namespace router
