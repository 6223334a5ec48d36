#pragma once

#include <cstddef>
#include <vector>

namespace router {

/// Fits p = 1 / (1 + e^-(w.x)) to examples by Newton's method. It uses logistic(), so the same examples give
/// the same weights on every machine.
class LogisticRegression {
 public:
  explicit LogisticRegression(std::size_t columns) : columns_(columns) {}

  /// `target` is 0, 1 or, smoothed, between; `importance` is as that many examples.
  void add(std::vector<double> row, double target, double importance = 1);

  /// The weights; `ridge` times half their squares is added to the loss, which keeps them finite.
  std::vector<double> fit(double ridge) const;

 private:
  struct Row {
    std::vector<double> x;
    double target;
    double importance;
  };
  const std::size_t columns_;
  std::vector<Row> rows_;
};

}  // namespace router
