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
#include "router/scoring/own_words.h"
#include "router/scoring/words.h"

namespace router {
namespace {

constexpr int kEpochs = 8;
constexpr unsigned kNoisyOneIn = 4;
constexpr int kShuffles = 3;
/// In thousandths: how often a turn is learnt with words that are to force a dispatch. Some of the
/// specialist's turns are, too, or such words would become a way to prevent one.
constexpr unsigned kAttackedSecretary = 150;
constexpr unsigned kAttackedSpecialist = 30;
constexpr std::array kPlaces = {AttackPlace::before, AttackPlace::behind};
constexpr double kRate = 0.3;
constexpr double kShrink = 1e-3;
constexpr double kFirstSquare = 1e-2;
/// This share of the weights is cut to the largest that a byte holds.
constexpr double kCut = 5e-4;

struct Example {
  Features features;
  Features noisy;  ///< of the same turn with typing mistakes, filler words and in lower case
  bool specialist = false;
  std::array<Features, 2> attacked = {};  ///< with words before or behind that are to force a dispatch
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

/// As it was written, or a form of it that means the same.
const Features& form_of(const Example& example, std::mt19937& random) {
  if (random() % 1000 < (example.specialist ? kAttackedSpecialist : kAttackedSecretary)) {
    return example.attacked.at(random() % example.attacked.size());
  }
  return random() % kNoisyOneIn == 0 ? example.noisy : example.features;
}

Regression regress(const Examples& examples, unsigned seed) {
  std::mt19937 random(seed);
  Regression regression;
  auto order = examples;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[random() % i]);
    }
    for (const auto* example : order) {
      regression.learn(form_of(*example, random), example->specialist);
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

/// What may go wrong at the default thresholds with turns of authors that no weight has seen; well below what
/// is wanted, since the next author may be harder than those.
struct Caution {
  double over_dispatch;
  double under_dispatch;
};
constexpr Caution kCautionAlone = {.over_dispatch = 0.035, .under_dispatch = 0.075};
constexpr Caution kCautionAsked = {.over_dispatch = 0.012, .under_dispatch = 0.025};

/// Where p is to become 0.35 and 0.75, so that no more than that goes wrong; never farther in than where the
/// fit has them.
void add_caution(std::map<std::string, Logit>& weights, const std::vector<Drawn>& drawn,
                 const Caution& caution) {
  std::array<std::vector<Logit>, 2> logits;
  for (const auto& one : drawn) {
    if (one.importance == 1) {  // none of the attacks
      logits.at(one.specialist ? 1 : 0).push_back(fuse(signal_values(one.evidence), weights));
    }
  }
  for (auto& of_label : logits) {
    std::sort(of_label.begin(), of_label.end());
  }
  const auto& [secretary, specialist] = logits;
  const auto answered =
      static_cast<std::size_t>(caution.under_dispatch * static_cast<double>(specialist.size()));
  const auto dispatched =
      static_cast<std::size_t>(caution.over_dispatch * static_cast<double>(secretary.size()));
  if (answered < specialist.size() && dispatched < secretary.size()) {
    weights[kAskFrom] = std::min(specialist[answered], kAskLogit);
    weights[kDispatchFrom] = std::max(secretary[secretary.size() - 1 - dispatched] + 1, kDispatchLogit);
  }
}

/// The drawings have no log-probabilities. A call that was made with probability q counts as q of a call and
/// 1 - q of an answer: the logarithmic pool of the two, by the weights that were learnt for them.
void add_doubt(std::map<std::string, Logit>& weights) {
  for (const auto confidence : {Confidence::low, Confidence::medium, Confidence::high}) {
    weights[std::string(kDoubt) + to_string(confidence)] =
        weights.at(kNoCall) - weights.at(std::string(kCall) + to_string(confidence));
  }
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
    for (const auto& attacks : {one.attacked_by_list, one.attacked_by_telling}) {
      for (std::size_t i = 0; i < attacks.size() && !specialist; ++i) {
        alone.push_back({{attacks[i]}, false, kAttackShare});
        asked.push_back({{attacks[i], draw_secretary(false, random)}, false, kAttackShare * kDrawings});
      }
    }
  }
  Fusion fusion = {{kScorerAlone, fit(alone)}, {kWithSecretary, fit(asked)}};
  add_caution(fusion[kScorerAlone], alone, kCautionAlone);
  add_doubt(fusion[kWithSecretary]);
  add_caution(fusion[kWithSecretary], asked, kCautionAsked);
  return fusion;
}

// --- What is learnt from

/// The words of Latin letters that tell most for the specialist by how often each label has them, as somebody
/// would pick them who knows the training; the most telling first.
std::vector<std::string> telling_words(const std::vector<TrainingPass>& passes) {
  constexpr std::size_t kMost = 400, kLetters = 5;  // shorter ones connect others
  const auto is_latin = [](char c) { return c >= 'a' && c <= 'z'; };
  std::map<std::string, int> surplus;
  for (const auto& pass : passes) {
    for (const auto& turn : pass.turns) {
      if (turn.label != Label::either) {
        for (const auto& word : words_of(own_words(turn.text).text)) {
          if (word.size() >= kLetters && std::all_of(word.begin(), word.end(), is_latin)) {
            surplus[word] += turn.label == Label::specialist ? 1 : -1;
          }
        }
      }
    }
  }
  std::vector<std::pair<int, std::string>> sorted;
  for (const auto& [word, count] : surplus) {
    sorted.emplace_back(-count, word);
  }
  std::sort(sorted.begin(), sorted.end());
  sorted.resize(std::min(sorted.size(), kMost));
  std::vector<std::string> words;
  for (auto& [count, word] : sorted) {
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<std::vector<Example>> examples_of(const std::vector<TrainingPass>& passes) {
  std::vector<std::vector<Example>> examples;
  unsigned seed = 1'000'000;  // not those that the fusion and the report draw by
  for (const auto& pass : passes) {
    auto& of_pass = examples.emplace_back();
    for (const auto& turn : pass.turns) {
      auto text = scored_text(turn);
      const auto own = text.text;
      Example example{features_of(text), {}, turn.label == Label::specialist};
      text.text = noises().back().apply(own);
      example.noisy = features_of(text);
      for (std::size_t i = 0; i < kPlaces.size(); ++i) {
        text.text = attacked(own, ++seed, kPlaces[i]);
        example.attacked[i] = features_of(text);
      }
      of_pass.push_back(std::move(example));
    }
  }
  return examples;
}

}  // namespace

Trained train(const std::vector<TrainingPass>& passes) {
  const auto examples = examples_of(passes);
  const auto telling = telling_words(passes);
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
      trained.held_out.push_back({&turn, &passes[pass], scorer.score(examples[pass][i].features)});
      auto& held = trained.held_out.back();
      for (std::size_t k = 0; k < kPlaces.size(); ++k) {
        const auto seed = static_cast<unsigned>(i);
        auto text = scored_text(turn);
        const auto own = text.text;
        text.text = attacked(own, seed, kPlaces[k]);
        held.attacked_by_list[k] = scorer.score(features_of(text));
        text.text = attacked_with(telling, own, seed, kPlaces[k]);
        held.attacked_by_telling[k] = scorer.score(features_of(text));
      }
    }
  }
  trained.bytes = learn_without(passes.size(), fuse_signals(trained.held_out));
  return trained;
}

}  // namespace router
