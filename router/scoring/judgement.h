#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/scoring/calibration.h"
#include "router/scoring/signals.h"

namespace router {

/// p of a turn, with all that it followed from: what the log keeps, so that it can be computed again.
struct Judgement {
  double p = 0;     ///< 0 < p < 1
  Logit logit = 0;  ///< before the calibration
  Score score;      ///< of the words alone
  std::string situation;
  std::vector<SignalValue> values;
  Features features;
  std::string weights;      ///< Scorer::version()
  std::string calibration;  ///< Calibration::version()
};

/// Pure. `chat` is "<section>:<chat id>", for the calibration's offset. Without a secretary it is the scorer
/// alone.
Judgement judge(const ScoredText& text, const std::optional<SecretarySignal>& secretary, const Scorer& scorer,
                const Calibration& calibration, const std::string& chat);

/// The same text with what the secretary said of it, from what it gave without: the words need not be read
/// again.
Judgement judge_again(const Judgement& alone, const SecretarySignal& secretary, const Scorer& scorer,
                      const Calibration& calibration, const std::string& chat);

/// The words of the text that moved p most, the weightiest first. Pure.
std::vector<WordWeight> weightiest_words(const Judgement& judgement, const Scorer& scorer);

/// One line of JSON with everything but the features, and the weightiest words.
std::string to_json(const Judgement& judgement, const Scorer& scorer);
/// The log-odds before calibration that a stored judgement holds; nothing where the text holds none.
std::optional<Logit> stored_logit(std::string_view json);
/// Whether the secretary's model called its `dispatch` tool, as a stored judgement holds it. Unlike the
/// proposal itself that is kept when the texts of a decision are pruned.
bool stored_call(std::string_view json);

/// Computes p again from what the log holds: the packed features, the stored judgement, and the weights and
/// the calibration whose versions it names. Nothing where the stored text cannot be read.
std::optional<double> replay(std::string_view packed_features, std::string_view json, const Scorer& scorer,
                             const Calibration& calibration, const std::string& chat);

}  // namespace router
