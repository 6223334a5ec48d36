#include "router/scoring/signals.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace router {
namespace {

using Values = std::vector<SignalValue>;

/// What a fall of z counts at most, and from where on it counts more.
constexpr Logit kMostFragile = 6 * kLogitOne;
constexpr Logit kVeryFragile = 2 * kLogitOne;
/// A log-probability of less says no more.
constexpr double kLeastLogprob = -10;

void of_scorer(const Evidence& evidence, Values& values) {
  values.push_back({"one", kLogitOne});
  values.push_back({"scorer", evidence.score.z});
  const auto fragile = std::min(evidence.score.fragile, kMostFragile);
  values.push_back({"fragile", fragile});
  values.push_back({"salad", std::min(evidence.score.salad, kMostFragile)});
  values.push_back({"very fragile", std::max<Logit>(0, fragile - kVeryFragile)});
}

void of_call(const Evidence& evidence, Values& values) {
  if (!evidence.secretary) {
    return;
  }
  if (!evidence.secretary->called) {
    values.push_back({"call:none", kLogitOne});
    return;
  }
  values.push_back({std::string("call:") + to_string(*evidence.secretary->called), kLogitOne});
  values.push_back({"call*scorer", evidence.score.z});
}

void of_logprob(const Evidence& evidence, Values& values) {
  if (!evidence.secretary || !evidence.secretary->logprob) {
    return;
  }
  const double bounded = std::clamp(*evidence.secretary->logprob, kLeastLogprob, 0.0);
  const auto value = static_cast<Logit>(std::lround(bounded * static_cast<double>(kLogitOne)));
  values.push_back({evidence.secretary->called ? "logprob:call" : "logprob:none", value});
}

/// A new signal is a function and a row here, and weights for its names from the training.
constexpr std::array kSignals = {&of_scorer, &of_call, &of_logprob};

constexpr std::array kConfidences = {"low", "medium", "high"};

}  // namespace

std::optional<Confidence> parse_confidence(std::string_view text) {
  const auto* const at = std::find(kConfidences.begin(), kConfidences.end(), text);
  return at == kConfidences.end() ? std::nullopt
                                  : std::optional(static_cast<Confidence>(at - kConfidences.begin()));
}

const char* to_string(Confidence confidence) {
  return kConfidences.at(static_cast<std::size_t>(confidence));
}

std::vector<SignalValue> signal_values(const Evidence& evidence) {
  Values values;
  for (const auto signal : kSignals) {
    signal(evidence, values);
  }
  return values;
}

const char* situation_of(const Evidence& evidence) {
  return evidence.secretary ? kWithSecretary : kScorerAlone;
}

Logit fuse(const std::vector<SignalValue>& values, const std::map<std::string, Logit>& weights) {
  Logit sum = 0;
  for (const auto& [name, value] : values) {
    if (const auto weight = weights.find(name); weight != weights.end()) {
      sum += value * weight->second / kLogitOne;
    }
  }
  return sum;
}

Logit fuse(const Evidence& evidence, const Scorer& scorer) {
  return fuse(signal_values(evidence), scorer.fusion(situation_of(evidence)));
}

}  // namespace router
