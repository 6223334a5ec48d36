#include "router/scoring/calibration.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "router/scoring/logistic_regression.h"

namespace router {
namespace {

/// The curve is stored at these logits: from -8 to 8, a quarter apart.
constexpr int kReach = 32;
constexpr Logit kGrid = kLogitOne / 4;
/// So many outcomes of a chat make its own offset count half.
constexpr double kShrink = 50;
constexpr double kLargestOffset = 2;
constexpr double kSmallestOffset = 0.01;
/// Of kLargestStep, what the curve may take, and what a chat's offset may, in log-odds: a step of 0.08 there
/// is one of at most 0.02 in p.
constexpr double kCurveStep = 0.03;
constexpr double kOffsetStep = 0.08;
constexpr std::size_t kEnoughVerdicts = 30;
constexpr double kLeastP = 0.002;

double real(Logit logit) {
  return static_cast<double>(logit) / static_cast<double>(kLogitOne);
}

Logit fixed(double logit) {
  return std::lround(logit * static_cast<double>(kLogitOne));
}

double total_weight(const std::vector<Outcome>& outcomes) {
  double sum = 0;
  for (const auto& outcome : outcomes) {
    sum += outcome.weight;
  }
  return sum;
}

/// The most that one person's taps may weigh, so that nobody has more than kMostOfOnePerson of what all weigh
/// together afterwards. `weights` are those of the persons.
double most_of_one(std::vector<double> weights, double of_verdicts) {
  std::sort(weights.begin(), weights.end(), std::greater<>());
  double rest = std::accumulate(weights.begin(), weights.end(), of_verdicts);
  const double all = rest;
  double held_back = 0;
  for (const double weight : weights) {
    const double most = kMostOfOnePerson * rest / (1 - kMostOfOnePerson * held_back);
    if (weight <= most) {
      return most;
    }
    rest -= weight;
    ++held_back;
    if (rest <= 0 || kMostOfOnePerson * (held_back + 1) >= 1) {
      break;
    }
  }
  // So few say anything that each of them has more; how far all of them move p is bounded in any case.
  return kMostOfOnePerson * (rest > 0 ? rest : all);
}

/// Nobody's taps weigh more than a share of all.
void bound_persons(std::vector<Outcome>& outcomes) {
  std::map<std::string, double> of_person;
  for (const auto& outcome : outcomes) {
    if (!outcome.person.empty()) {
      of_person[outcome.person] += outcome.weight;
    }
  }
  std::vector<double> weights;
  double of_verdicts = total_weight(outcomes);
  for (const auto& [person, weight] : of_person) {
    weights.push_back(weight);
    of_verdicts -= weight;
  }
  const double most = most_of_one(std::move(weights), of_verdicts);
  for (auto& outcome : outcomes) {
    if (!outcome.person.empty() && of_person[outcome.person] > most) {
      outcome.weight *= most / of_person[outcome.person];
    }
  }
}

/// Platt's scaling with his smoothed targets.
struct Line {
  double slope = 1;
  double intercept = 0;
};
Line platt(const std::vector<Outcome>& outcomes) {
  double needed = 0;
  double not_needed = 0;
  for (const auto& outcome : outcomes) {
    (outcome.needed > 0.5 ? needed : not_needed) += outcome.weight;
  }
  const double high = (needed + 1) / (needed + 2);
  const double low = 1 / (not_needed + 2);
  LogisticRegression regression(2);
  for (const auto& outcome : outcomes) {
    regression.add({real(outcome.logit), 1}, outcome.needed > 0.5 ? high : low, outcome.weight);
  }
  const auto weights = regression.fit(1e-6);
  return {std::max(weights[0], 0.05), weights[1]};
}

/// Pool adjacent violators: the mean of `needed` in blocks that rise with the logit.
struct Block {
  double logit_sum = 0;
  double needed_sum = 0;
  double weight = 0;
  double logit() const { return logit_sum / weight; }
  double p() const { return needed_sum / weight; }
};
std::vector<Block> isotonic(std::vector<Outcome> outcomes) {
  std::stable_sort(outcomes.begin(), outcomes.end(),
                   [](const Outcome& a, const Outcome& b) { return a.logit < b.logit; });
  std::vector<Block> blocks;
  for (const auto& outcome : outcomes) {
    if (outcome.weight <= 0) {
      continue;
    }
    blocks.push_back({real(outcome.logit) * outcome.weight, outcome.needed * outcome.weight, outcome.weight});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].p() >= blocks.back().p()) {
      auto& before = blocks[blocks.size() - 2];
      before.logit_sum += blocks.back().logit_sum;
      before.needed_sum += blocks.back().needed_sum;
      before.weight += blocks.back().weight;
      blocks.pop_back();
    }
  }
  return blocks;
}

double between_blocks(const std::vector<Block>& blocks, double logit) {
  if (logit <= blocks.front().logit()) {
    return blocks.front().p();
  }
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    if (logit <= blocks[i].logit()) {
      const double share = (logit - blocks[i - 1].logit()) / (blocks[i].logit() - blocks[i - 1].logit());
      return blocks[i - 1].p() + share * (blocks[i].p() - blocks[i - 1].p());
    }
  }
  return blocks.back().p();
}

}  // namespace

void Calibration::fit_curve(const std::vector<Outcome>& outcomes, const Calibration* anchor) {
  const auto blocks = outcomes.size() >= kIsotonicFrom ? isotonic(outcomes) : std::vector<Block>();
  const auto line = blocks.empty() ? platt(outcomes) : Line();
  Logit least = logit_of(kLeastP / 2);
  for (int i = -kReach; i <= kReach; ++i) {
    const Logit from = i * kGrid;
    double p = blocks.empty() ? logistic(fixed(line.slope * real(from) + line.intercept))
                              : between_blocks(blocks, real(from));
    if (anchor != nullptr) {
      const double anchored = logistic(anchor->curve(from));
      p = std::clamp(p, anchored - kCurveStep, anchored + kCurveStep);
    }
    // It never falls, whatever the bounds do.
    least = std::max(least, logit_of(std::clamp(p, kLeastP / 2, 1 - kLeastP / 2)));
    points_.push_back({from, least});
  }
}

void Calibration::fit_offsets(const std::vector<Outcome>& outcomes) {
  struct Sums {
    double residual = 0;
    double weight = 0;
    void add(double missed, double of_weight) {
      residual += of_weight * missed;
      weight += of_weight;
    }
    // One step of Newton's method, p (1 - p) being about 1/6, with a prior that is worth kShrink outcomes.
    double offset() const {
      return std::clamp(6 * residual / (weight + kShrink), -kLargestOffset, kLargestOffset);
    }
  };
  struct OfChat {
    Sums all;
    Sums verdicts;
  };
  std::map<std::string, OfChat> of_chat;
  for (const auto& outcome : outcomes) {
    const double missed = outcome.needed - logistic(curve(outcome.logit));
    of_chat[outcome.chat].all.add(missed, outcome.weight);
    if (outcome.person.empty()) {
      of_chat[outcome.chat].verdicts.add(missed, outcome.weight);
    }
  }
  for (const auto& [chat, sums] : of_chat) {
    const double anchor = sums.verdicts.weight > 0 ? sums.verdicts.offset() : 0;
    const double offset = std::clamp(sums.all.offset(), anchor - kOffsetStep, anchor + kOffsetStep);
    if (of_chat.size() > 1 && std::abs(offset) > kSmallestOffset) {
      offsets_[chat] = fixed(offset);
    }
  }
}

Calibration Calibration::fit(std::vector<Outcome> outcomes) {
  std::vector<Outcome> verdicts;
  std::copy_if(outcomes.begin(), outcomes.end(), std::back_inserter(verdicts),
               [](const Outcome& outcome) { return outcome.person.empty(); });
  Calibration anchor;
  if (verdicts.size() >= kEnoughVerdicts) {
    anchor.fit_curve(verdicts, nullptr);
  }
  bound_persons(outcomes);
  Calibration after;
  after.fit_curve(outcomes, verdicts.size() == outcomes.size() ? nullptr : &anchor);
  after.fit_offsets(outcomes);
  return after;
}

Logit Calibration::curve(Logit logit) const {
  if (points_.size() < 2) {
    return logit;
  }
  auto upper = std::find_if(points_.begin() + 1, points_.end() - 1,
                            [logit](const Point& point) { return logit <= point.from; });
  const auto& [from, to] = *(upper - 1);
  return to + (logit - from) * (upper->to - to) / (upper->from - from);
}

Logit Calibration::apply(Logit logit, const std::string& chat) const {
  const auto offset = offsets_.find(chat);
  return curve(logit) + (offset == offsets_.end() ? 0 : offset->second);
}

std::string Calibration::to_json() const {
  auto points = nlohmann::json::array();
  for (const auto& [from, to] : points_) {
    points.push_back(nlohmann::json::array({from, to}));
  }
  return base::dump_json({{"format", 1}, {"points", points}, {"offsets", offsets_}});
}

std::optional<Calibration> Calibration::parse(std::string_view text) {
  const auto json = base::parse_json(text);
  if (!json || base::json_integer(*json, "format").value_or(0) != 1) {
    return std::nullopt;
  }
  Calibration calibration;
  for (const auto& point : base::json_list(*json, "points")) {
    if (!point.is_array() || point.size() != 2 || !point[0].is_number_integer() ||
        !point[1].is_number_integer()) {
      return std::nullopt;
    }
    calibration.points_.push_back({point[0].get<Logit>(), point[1].get<Logit>()});
    const auto n = calibration.points_.size();
    if (n > 1 && calibration.points_[n - 2].from >= calibration.points_[n - 1].from) {
      return std::nullopt;
    }
  }
  for (const auto& [chat, offset] : base::json_object(*json, "offsets").items()) {
    if (!offset.is_number_integer()) {
      return std::nullopt;
    }
    calibration.offsets_[chat] = offset.get<Logit>();
  }
  return calibration;
}

std::string Calibration::version() const {
  return is_none() ? "none" : base::to_hex(base::sha256(to_json())).substr(0, 12);
}

}  // namespace router
