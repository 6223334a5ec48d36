#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bot/runtime/settings.h"
#include "router/routing_policy.h"
#include "router/scoring/calibration.h"
#include "store/database.h"
#include "store/routing_log.h"

namespace bot::turns {

/// Who should have dealt with a turn, and who says so.
struct Label {
  bool needed = false;      ///< it needed the specialist
  double weight = 1;        ///< less where it only follows from what the person did next
  std::string person;       ///< "section:user id"; empty: the operator
  base::Timestamp at = {};  ///< when that was said
};
/// By the operator's verdict, else by what a person said of it on purpose, else by yes or no to its question,
/// else by what the person did next; nothing where that does not show.
std::optional<Label> label_of(const store::JudgedDecision& decision);
/// The same, whoever says so.
std::optional<bool> needed(const store::JudgedDecision& decision);

/// What a calibration is fitted to, and when it became known, oldest decision first.
struct KnownOutcome {
  router::Outcome outcome;
  base::Timestamp at;
};
std::vector<KnownOutcome> routing_outcomes(store::Database& db);

/// Whether the secretary's model made the proposal that the log holds.
bool is_of_secretary(const std::string& proposal);

/// p as it followed from a stored judgement, whatever rule came before it; nothing where its calibration is
/// gone.
std::optional<double> p_of(store::Database& db, const store::JudgementRecord& judgement);

/// What each signal of a stored judgement put into p, in log-odds, the weightiest first; what the sum was
/// drawn to the middle ("caution") and the calibration's move ("calibration") are among them. Empty where the
/// weights are gone.
struct PartOfP {
  std::string name;
  double logit = 0;
};
std::vector<PartOfP> parts_of_p(store::Database& db, const store::JudgementRecord& judgement);

/// Sets the thresholds that follow from the log, where the operator asked for that. Returns a sentence for
/// the operator where there is too little in the log.
std::optional<std::string> learn_thresholds(router::RoutingPolicy& policy, store::Database& db,
                                            base::Timestamp now);

/// The operator's policy, with the thresholds that follow from the log; the log of the program says what is
/// missing.
std::shared_ptr<const runtime::Policy> policy_of(const runtime::Settings& settings);

}  // namespace bot::turns
