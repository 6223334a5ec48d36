#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace router {

/// A turn with its p, and what a person said.
struct Scored {
  double p = 0;
  bool specialist = false;
  std::string pair = {};
};

/// What became of labelled turns at two thresholds. Shares are 0 where there is nothing to share.
struct Shares {
  double precision = 0;               ///< of what was dispatched, what needed it; outside the asking band
  double recall = 0;                  ///< of what needed it, what was dispatched; outside the asking band
  double confirm_rate = 0;            ///< asked, of all turns
  double under_dispatch = 0;          ///< answered, of the specialist's turns
  double under_dispatch_upper95 = 1;  ///< Clopper-Pearson's bound on it, one-sided, 95 %
  double over_dispatch = 0;           ///< dispatched, of the secretary's turns
};
Shares shares_of(const std::vector<Scored>& turns, double ask_at, double dispatch_at);

/// The probability that a specialist's turn has a higher p than a secretary's; ties count half. 0.5 where one
/// kind is missing.
double auroc(const std::vector<Scored>& turns);

/// The share of pairs whose specialist half has the higher p; 0 where there is no pair.
double pair_accuracy(const std::vector<Scored>& turns);

/// Expected calibration error over 15 bins with equally many turns.
double calibration_error(const std::vector<Scored>& turns);

/// Mean squared distance of p from 0 or 1.
double brier_score(const std::vector<Scored>& turns);

/// The AUROC that an in-sample logistic regression reaches by style alone: logarithm of the length, capitals,
/// digits, punctuation marks, line ends, question marks. Well above 0.5, the turns can be told apart without
/// reading them.
double style_only_auroc(const std::vector<std::string>& texts, const std::vector<bool>& specialist);

/// The upper end of Clopper and Pearson's one-sided interval for `misses` of `n` at that confidence; 1 for n
/// = 0.
double clopper_pearson_upper(std::size_t misses, std::size_t n, double confidence);

}  // namespace router
