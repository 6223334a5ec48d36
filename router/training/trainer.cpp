#include "router/training/trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "router/evaluation/attacks.h"
#include "router/evaluation/noise.h"
#include "router/scoring/logistic_regression.h"

namespace router {
namespace {

constexpr int kEpochs = 8;
constexpr unsigned kNoisyOneIn = 4;
constexpr int kShuffles = 3;
constexpr double kRate = 0.3;
constexpr double kShrink = 1e-3;
constexpr double kFirstSquare = 1e-2;
/// This share of the weights is cut to the largest that a byte holds.
constexpr double kCut = 5e-4;

struct Example {
  Features features;
  Features noisy;  ///< of the same turn with typing mistakes, filler words and in lower case
  bool specialist = false;
};

/// logistic() of the program, since a library's exp() may differ in the last bit from machine to machine.
double probability(double z) {
  return logistic(
      static_cast<Logit>(std::lround(std::clamp(z, -30.0, 30.0) * static_cast<double>(kLogitOne))));
}

double factor(std::size_t group, std::size_t size) {
  return static_cast<double>(group_factor(group, size)) / static_cast<double>(kFactorOne);
}

/// Weights before they are rounded to bytes.
class Regression {
 public:
  Regression() : weights_(kWeightCount, 0.0), squares_(kWeightCount, kFirstSquare) {}

  void learn(const Features& features, bool specialist) {
    const double error = probability(z(features)) - (specialist ? 1 : 0);
    bias_square_ += error * error;
    bias_ -= kRate / 3 * error / std::sqrt(bias_square_);
    for (std::size_t group = 0; group < kFeatureGroups; ++group) {
      const auto& in_group = features.groups[group];
      const double x = factor(group, in_group.size());
      for (const auto& feature : in_group) {
        auto& weight = weights_[feature.index];
        const double slope = error * x + kShrink * weight;
        squares_[feature.index] += slope * slope;
        weight -= kRate * slope / std::sqrt(squares_[feature.index]);
      }
    }
  }

  double z(const Features& features) const {
    double sum = bias_;
    for (std::size_t group = 0; group < kFeatureGroups; ++group) {
      const auto& in_group = features.groups[group];
      const double x = factor(group, in_group.size());
      for (const auto& feature : in_group) {
        sum += weights_[feature.index] * x;
      }
    }
    return sum;
  }

  const std::vector<double>& weights() const { return weights_; }
  double bias() const { return bias_; }

 private:
  std::vector<double> weights_;
  std::vector<double> squares_;
  double bias_ = 0;
  double bias_square_ = 1;
};

using Fusion = std::map<std::string, std::map<std::string, Logit>>;

std::string to_bytes(const std::vector<double>& weights, double bias, const Fusion& fusion) {
  std::vector<double> sizes;
  for (const double weight : weights) {
    if (weight != 0) {
      sizes.push_back(std::abs(weight));
    }
  }
  std::sort(sizes.begin(), sizes.end());
  const double largest =
      sizes.empty() ? 1 : sizes[static_cast<std::size_t>((1 - kCut) * static_cast<double>(sizes.size() - 1))];
  const double unit = largest / 127;
  const double scale = unit * static_cast<double>(kLogitOne) / static_cast<double>(kFactorOne) * (1 << 24);
  const nlohmann::json header = {{"format", 1},
                                 {"scale", std::lround(scale)},
                                 {"bias", std::lround(bias * static_cast<double>(kLogitOne))},
                                 {"fusion", fusion}};
  auto bytes = base::dump_json(header) + "\n";
  for (const double weight : weights) {
    bytes.push_back(static_cast<char>(std::clamp(std::lround(weight / unit), -127L, 127L)));
  }
  return bytes;
}

using Examples = std::vector<const Example*>;

Regression regress(const Examples& examples, unsigned seed) {
  std::mt19937 random(seed);
  Regression regression;
  auto order = examples;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[random() % i]);
    }
    for (const auto* example : order) {
      regression.learn(random() % kNoisyOneIn == 0 ? example->noisy : example->features, example->specialist);
    }
  }
  return regression;
}

/// The weights learnt from the examples, the mean over several orders of them.
std::string learn(const Examples& examples, const Fusion& fusion) {
  std::vector<double> weights(kWeightCount, 0.0);
  double bias = 0;
  for (unsigned shuffle = 1; shuffle <= kShuffles; ++shuffle) {
    const auto regression = regress(examples, shuffle);
    for (std::size_t i = 0; i < kWeightCount; ++i) {
      weights[i] += regression.weights()[i] / kShuffles;
    }
    bias += regression.bias() / kShuffles;
  }
  return to_bytes(weights, bias, fusion);
}

// --- The fusion of the signals

/// A turn with one drawing of what the secretary says.
struct Drawn {
  Evidence evidence;
  bool specialist = false;
  double importance = 1;
};

/// The rates at which a secretary calls its tool, and how sure it is then.
SecretarySignal draw_secretary(bool specialist, std::mt19937& random) {
  const auto below = [&](unsigned percent) { return random() % 100 < percent; };
  if (!below(specialist ? 88 : 7)) {
    return {};
  }
  const auto at = random() % 100;
  if (specialist) {
    return {at < 60 ? Confidence::high : at < 90 ? Confidence::medium : Confidence::low};
  }
  return {at < 20 ? Confidence::high : at < 60 ? Confidence::medium : Confidence::low};
}

std::map<std::string, Logit> fit(const std::vector<Drawn>& drawn) {
  constexpr double kRidge = 1;
  std::map<std::string, std::size_t> columns;
  for (const auto& one : drawn) {
    for (const auto& signal : signal_values(one.evidence)) {
      columns.emplace(signal.name, columns.size());
    }
  }
  LogisticRegression regression(columns.size());
  for (const auto& one : drawn) {
    std::vector<double> row(columns.size(), 0.0);
    for (const auto& [name, value] : signal_values(one.evidence)) {
      row[columns.at(name)] = static_cast<double>(value) / static_cast<double>(kLogitOne);
    }
    regression.add(std::move(row), one.specialist ? 1 : 0, one.importance);
  }
  const auto fitted = regression.fit(kRidge);
  std::map<std::string, Logit> weights;
  for (const auto& [name, column] : columns) {
    weights[name] = std::lround(fitted[column] * static_cast<double>(kLogitOne));
  }
  return weights;
}

Fusion fuse_signals(const std::vector<HeldOut>& held_out) {
  constexpr int kDrawings = 5;
  constexpr double kAttackShare = 0.05;
  std::mt19937 random(7);
  std::vector<Drawn> alone;
  std::vector<Drawn> asked;
  for (const auto& one : held_out) {
    if (one.turn->label == Label::either) {
      continue;
    }
    const bool specialist = one.turn->label == Label::specialist;
    alone.push_back({{one.score}, specialist});
    for (int i = 0; i < kDrawings; ++i) {
      asked.push_back({{one.score, draw_secretary(specialist, random)}, specialist});
    }
    // An attack changes the words, not what is wanted.
    for (const auto& attacked : {one.attacked_before, one.attacked_behind}) {
      if (!specialist) {
        alone.push_back({{attacked}, false, kAttackShare});
        asked.push_back({{attacked, draw_secretary(false, random)}, false, kAttackShare * kDrawings});
      }
    }
  }
  return {{kScorerAlone, fit(alone)}, {kWithSecretary, fit(asked)}};
}

}  // namespace

Trained train(const std::vector<TrainingPass>& passes) {
  std::vector<std::vector<Example>> examples;
  for (const auto& pass : passes) {
    auto& of_pass = examples.emplace_back();
    for (const auto& turn : pass.turns) {
      auto text = scored_text(turn);
      Example example{features_of(text), {}, turn.label == Label::specialist};
      text.text = noises().back().apply(text.text);
      example.noisy = features_of(text);
      of_pass.push_back(std::move(example));
    }
  }
  const auto learn_without = [&](std::size_t left_out, const Fusion& fusion) {
    Examples chosen;
    for (std::size_t pass = 0; pass < passes.size(); ++pass) {
      for (std::size_t i = 0; pass != left_out && i < passes[pass].turns.size(); ++i) {
        if (passes[pass].turns[i].label != Label::either) {
          chosen.push_back(&examples[pass][i]);
        }
      }
    }
    return learn(chosen, fusion);
  };
  Trained trained;
  for (std::size_t pass = 0; pass < passes.size(); ++pass) {
    const Scorer scorer(learn_without(pass, {}));
    for (std::size_t i = 0; i < passes[pass].turns.size(); ++i) {
      const auto& turn = passes[pass].turns[i];
      const auto attack = [&](AttackPlace place) {
        auto text = scored_text(turn);
        text.text = attacked(text.text, static_cast<unsigned>(i), place);
        return scorer.score(features_of(text));
      };
      trained.held_out.push_back({&turn, &passes[pass], scorer.score(examples[pass][i].features),
                                  attack(AttackPlace::before), attack(AttackPlace::behind)});
    }
  }
  trained.bytes = learn_without(passes.size(), fuse_signals(trained.held_out));
  return trained;
}

}  // namespace router
