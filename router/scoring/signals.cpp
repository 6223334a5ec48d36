#include "router/scoring/signals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

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
    values.push_back({kNoCall, kLogitOne});
    return;
  }
  values.push_back({std::string(kCall) + to_string(*evidence.secretary->called), kLogitOne});
  values.push_back({"call*scorer", evidence.score.z});
}

void of_logprob(const Evidence& evidence, Values& values) {
  if (!evidence.secretary || !evidence.secretary->logprob) {
    return;
  }
  const double bounded = std::clamp(*evidence.secretary->logprob, kLeastLogprob, 0.0);
  const auto logit = [](double value) {
    return static_cast<Logit>(std::lround(value * static_cast<double>(kLogitOne)));
  };
  const auto& called = evidence.secretary->called;
  values.push_back({called ? "logprob:call" : "logprob:none", logit(bounded)});
  // How likely it was to answer instead. The first word of an answer is one of many that would have done, so
  // its probability tells nothing of a call.
  if (called) {
    values.push_back({std::string(kDoubt) + to_string(*called), logit(1 - std::exp(bounded))});
  }
}

/// A new signal is a function and a row here, and weights for its names from the training.
constexpr std::array kSignals = {&of_scorer, &of_call, &of_logprob};

constexpr std::array kConfidences = {"low", "medium", "high"};

/// The words stand for 0.3, 0.6 and 0.9; the nearest is meant.
std::optional<Confidence> confidence_of_number(std::string_view text) {
  constexpr double kMedium = 0.45, kHigh = 0.75, kPercent = 100, kMostOfScale = 10;
  double number = 0;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc()) {
    return std::nullopt;
  }
  const auto unit = base::trim(std::string_view(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)));
  if ((!unit.empty() && unit != "%") || !(number >= 0) || number > kPercent) {
    return std::nullopt;
  }
  if (unit.empty() && number > 1 && number <= kMostOfScale) {
    return std::nullopt;  // of five, of ten?
  }
  const double share = unit == "%" || number > 1 ? number / kPercent : number;
  return share < kMedium ? Confidence::low : share < kHigh ? Confidence::medium : Confidence::high;
}

/// Between these and beyond, p stays as it was fitted.
constexpr Logit kSure = 4 * kLogitOne;

/// A line through (x0, y0) and (x1, y1).
Logit on_line(Logit x, Logit x0, Logit y0, Logit x1, Logit y1) {
  return y0 + (x - x0) * (y1 - y0) / (x1 - x0);
}

/// Turns of people whom no weight has seen are harder than those that the fit saw, and a mistake without a
/// question costs more than a question. So the sums from `ask_from` to `dispatch_from` become the logits
/// between the default thresholds; far out nothing changes, and the order stays.
Logit cautious(Logit sum, Logit ask_from, Logit dispatch_from) {
  if (sum <= -kSure || sum >= kSure || ask_from <= -kSure || dispatch_from >= kSure ||
      ask_from >= dispatch_from) {
    return sum;
  }
  if (sum < ask_from) {
    return on_line(sum, -kSure, -kSure, ask_from, kAskLogit);
  }
  if (sum < dispatch_from) {
    return on_line(sum, ask_from, kAskLogit, dispatch_from, kDispatchLogit);
  }
  return on_line(sum, dispatch_from, kDispatchLogit, kSure, kSure);
}

}  // namespace

std::optional<Confidence> parse_confidence(std::string_view text) {
  const auto word = base::ascii_lower(base::trim(text));
  if (const auto* const at = std::find(kConfidences.begin(), kConfidences.end(), word);
      at != kConfidences.end()) {
    return static_cast<Confidence>(at - kConfidences.begin());
  }
  return confidence_of_number(word);
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
  const auto ask_from = weights.find(kAskFrom);
  const auto dispatch_from = weights.find(kDispatchFrom);
  return ask_from == weights.end() || dispatch_from == weights.end()
             ? sum
             : cautious(sum, ask_from->second, dispatch_from->second);
}

Logit fuse(const Evidence& evidence, const Scorer& scorer) {
  return fuse(signal_values(evidence), scorer.fusion(situation_of(evidence)));
}

}  // namespace router
