#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/scoring/scorer.h"

namespace router {

enum class Confidence { low, medium, high };
/// "low", "medium" or "high" in any case, or a number as models write it, "0.9" or "90 %"; nothing for any
/// other text.
std::optional<Confidence> parse_confidence(std::string_view text);
const char* to_string(Confidence confidence);

/// What the secretary's model made of a turn.
struct SecretarySignal {
  /// How sure it was when it called its `dispatch` tool; nothing: it did not call it.
  std::optional<Confidence> called = {};
  /// The logarithm of the probability that it gave to the call, or to the beginning of its answer, where the
  /// endpoint tells it.
  std::optional<double> logprob = {};
};

/// All that is known of a turn when p is computed.
struct Evidence {
  Score score;
  std::optional<SecretarySignal> secretary = {};  ///< nothing: it was not asked
};

/// One number that takes part in p.
struct SignalValue {
  std::string name;
  Logit value = 0;
};

/// The values of every signal in signals.cpp's table, in its order. Pure.
std::vector<SignalValue> signal_values(const Evidence& evidence);

/// One logit from all of them, weighted as the training found best: the sum of each value times the weight of
/// that name for this situation, with the secretary's word or without. A value whose name has no weight
/// counts nothing. Where the weights hold kAskFrom and kDispatchFrom, what lies between them is drawn to
/// between the default thresholds (cautious()). Pure.
Logit fuse(const Evidence& evidence, const Scorer& scorer);
Logit fuse(const std::vector<SignalValue>& values, const std::map<std::string, Logit>& weights);

/// With a confidence behind them, the names of the values whose weights the trainer knows by name: that it
/// called, and the probability, where the endpoint tells it, with which it would have answered instead.
inline constexpr const char* kCall = "call:";
inline constexpr const char* kDoubt = "doubt:";
inline constexpr const char* kNoCall = "call:none";

/// The logits of the default thresholds, 0.35 and 0.75.
inline constexpr Logit kAskLogit = -40'569;
inline constexpr Logit kDispatchLogit = 71'999;
/// Names among the weights of a situation: the sums that are to count as these two.
inline constexpr const char* kAskFrom = "ask from";
inline constexpr const char* kDispatchFrom = "dispatch from";

/// The names of the situations that have weights of their own.
inline constexpr const char* kScorerAlone = "alone";
inline constexpr const char* kWithSecretary = "secretary";
const char* situation_of(const Evidence& evidence);

}  // namespace router
