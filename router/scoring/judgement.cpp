#include "router/scoring/judgement.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace router {
namespace {

constexpr std::size_t kWordsKept = 8;

/// The values that do not follow from the features: what the secretary said.
bool is_of_scorer(const std::string& name) {
  return name == "scorer" || name == "call*scorer";
}

/// All that follows from the score and the secretary.
void weigh(const std::optional<SecretarySignal>& secretary, const Scorer& scorer,
           const Calibration& calibration, const std::string& chat, Judgement& judgement) {
  const Evidence evidence{judgement.score, secretary};
  judgement.situation = situation_of(evidence);
  judgement.values = signal_values(evidence);
  judgement.logit = fuse(judgement.values, scorer.fusion(judgement.situation));
  judgement.p = logistic(calibration.apply(judgement.logit, chat));
}

}  // namespace

Judgement judge(const ScoredText& text, const std::optional<SecretarySignal>& secretary, const Scorer& scorer,
                const Calibration& calibration, const std::string& chat) {
  Judgement judgement;
  judgement.features = features_of(text);
  judgement.score = scorer.score(judgement.features);
  judgement.weights = scorer.version();
  judgement.calibration = calibration.version();
  weigh(secretary, scorer, calibration, chat, judgement);
  return judgement;
}

Judgement judge_again(const Judgement& alone, const SecretarySignal& secretary, const Scorer& scorer,
                      const Calibration& calibration, const std::string& chat) {
  auto judgement = alone;
  weigh(secretary, scorer, calibration, chat, judgement);
  return judgement;
}

std::vector<WordWeight> weightiest_words(const Judgement& judgement, const Scorer& scorer) {
  return scorer.weightiest(judgement.features, kWordsKept);
}

std::string to_json(const Judgement& judgement, const Scorer& scorer) {
  auto values = nlohmann::json::object();
  for (const auto& [name, value] : judgement.values) {
    values[name] = value;
  }
  auto words = nlohmann::json::array();
  for (const auto& [word, weight] : weightiest_words(judgement, scorer)) {
    words.push_back(
        {{"name", word}, {"weight", static_cast<double>(weight) / static_cast<double>(kLogitOne)}});
  }
  return base::dump_json({{"format", 1},
                          {"logit", judgement.logit},
                          {"situation", judgement.situation},
                          {"values", values},
                          {"words", words},
                          {"weights", judgement.weights},
                          {"calibration", judgement.calibration}});
}

std::optional<Logit> stored_logit(std::string_view text) {
  const auto json = base::parse_json(text);
  return json ? base::json_integer(*json, "logit") : std::nullopt;
}

bool stored_call(std::string_view text) {
  // A whole log is not taken apart to see it.
  if (text.find("\"call:") == std::string_view::npos ||
      text.find("\"call:none\":") != std::string_view::npos) {
    return false;
  }
  const auto json = base::parse_json(text).value_or(nlohmann::json::object());
  const auto& values = base::json_object(json, "values");
  return std::any_of(values.items().begin(), values.items().end(), [](const auto& value) {
    return value.key().starts_with(kCall) && value.key() != kNoCall;
  });
}

std::optional<double> replay(std::string_view packed_features, std::string_view text, const Scorer& scorer,
                             const Calibration& calibration, const std::string& chat) {
  const auto json = base::parse_json(text);
  if (!json || !base::json_integer(*json, "logit")) {
    return std::nullopt;
  }
  // The score follows from the features; how fragile it is depended on the words, which are not kept, so that
  // value is taken as it stands.
  const auto z = scorer.score(unpack(packed_features)).z;
  std::vector<SignalValue> values;
  for (const auto& [name, value] : base::json_object(*json, "values").items()) {
    if (!value.is_number_integer()) {
      return std::nullopt;
    }
    values.push_back({name, is_of_scorer(name) ? z : value.get<Logit>()});
  }
  const auto logit = fuse(values, scorer.fusion(base::json_text(*json, "situation")));
  return logistic(calibration.apply(logit, chat));
}

}  // namespace router
