#include "bot/cli/calibrate.h"

#include <optional>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "bot/cli/log_reading.h"
#include "bot/turns/routing_outcomes.h"
#include "bot/turns/turn_routing.h"
#include "router/evaluation/evaluation.h"
#include "router/scoring/judgement.h"
#include "store/dispatch_log.h"
#include "store/routing_log.h"

namespace bot::cli {
namespace {

/// Fewer outcomes say nothing.
constexpr std::size_t kLeastOutcomes = 20;

struct Quality {
  double brier = 0;
  double ece = 0;
};

std::vector<router::Scored> scored_by(const router::Calibration& calibration,
                                      const std::vector<router::Outcome>& outcomes) {
  std::vector<router::Scored> scored;
  for (const auto& outcome : outcomes) {
    scored.push_back(
        {router::logistic(calibration.apply(outcome.logit, outcome.chat)), outcome.needed > 0.5});
  }
  return scored;
}

Quality quality(const std::vector<router::Scored>& scored) {
  return {router::brier_score(scored), router::calibration_error(scored)};
}

/// What a fit to one half of the outcomes gives on the other, both ways.
std::vector<router::Scored> held_out(const std::vector<router::Outcome>& all,
                                     const router::Calibration& before) {
  std::vector<router::Scored> scored;
  for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) {
    std::vector<router::Outcome> fitted;
    std::vector<router::Outcome> tested;
    for (std::size_t i = 0; i < all.size(); ++i) {
      (i % 2 == half ? fitted : tested).push_back(all[i]);
    }
    const auto of_half = scored_by(router::Calibration::fit(fitted, before), tested);
    scored.insert(scored.end(), of_half.begin(), of_half.end());
  }
  return scored;
}

int undo(store::Database& db, std::ostream& out) {
  const bool undone = store::RoutingLog(db).undo_calibration(base::SystemClock().now());
  out << (undone ? fmt::format("The calibration before it is in force: {}.\n",
                               turns::calibration_in_force(db).version())
                 : std::string("No calibration is in force, so there is nothing to undo.\n"));
  return undone ? 0 : 1;
}

}  // namespace

int calibrate_routing(const CalibrateOptions& options, std::ostream& out) {
  LogOptions log_options;
  log_options.config = options.config;
  OpenLog log(log_options);
  if (options.undo) {
    return undo(log.db, out);
  }
  const auto before = turns::calibration_in_force(log.db);
  const auto all = turns::routing_outcomes(log.db);
  if (all.size() < kLeastOutcomes) {
    out << fmt::format(
        "{} outcomes are in the log, and {} are needed. Answers to questions count, what people put right, and `frontdesk log verdict`.\n",
        all.size(), kLeastOutcomes);
    return 1;
  }
  const auto after = router::Calibration::fit(all, before);
  const auto tested = held_out(all, before);
  const auto was = quality(scored_by(before, all));
  const auto is = quality(tested);
  const bool better = is.brier <= was.brier;
  if (!options.svg.empty()) {
    base::write_file_atomically(options.svg, router::reliability_svg(scored_by(before, all), tested));
  }
  if (options.json) {
    out << base::dump_json(
               {{"outcomes", all.size()},
                {"before", {{"version", before.version()}, {"brier", was.brier}, {"ece", was.ece}}},
                {"after", {{"version", after.version()}, {"brier", is.brier}, {"ece", is.ece}}},
                {"better", better},
                {"applied", options.apply && better}})
        << '\n';
  } else {
    out << fmt::format(
        "{} outcomes\n        {:<14}{:>8}{:>8}\nbefore  {:<14}{:>8.4f}{:>8.3f}\nafter   {:<14}{:>8.4f}{:>8.3f}  "
        "(on outcomes that the fit has not seen)\n",
        all.size(), "version", "Brier", "ECE", before.version(), was.brier, was.ece, after.version(),
        is.brier, is.ece);
  }
  if (!options.apply) {
    return 0;
  }
  if (!better) {
    out << "It is worse on outcomes that it has not seen, so it is not applied.\n";
    return 1;
  }
  const auto now = base::SystemClock().now();
  store::Transaction transaction(log.db);
  store::RoutingLog routing(log.db);
  routing.keep_model(after.version(), after.to_json(), now);
  routing.apply_calibration(after.version(), now);
  transaction.commit();
  if (!options.json) {
    out << "Applied. `frontdesk calibrate --undo` goes back.\n";
  }
  return 0;
}

int give_verdict(const VerdictOptions& options, std::ostream& out) {
  LogOptions log_options;
  log_options.config = options.config;
  OpenLog log(log_options);
  const auto decision = decision_of_id(log, options.id);
  if (!decision) {
    throw base::PermanentError(fmt::format("there is no decision {}", options.id));
  }
  const auto verdict = store::parse<store::Verdict>(options.verdict);
  store::RoutingLog(log.db).add(store::VerdictRecord{*decision, verdict.value(), options.note, std::nullopt,
                                                     base::SystemClock().now()});
  out << fmt::format("Decision {}: {}.\n", decision->value, options.verdict);
  return 0;
}

namespace {

/// What comes out differently, or nothing.
std::optional<std::string> difference(store::Database& db, store::DecisionId id) {
  store::RoutingLog routing(db);
  const auto decision = store::DispatchLog(db).decision(id);
  const auto stored = routing.judgement(id);
  if (!stored || decision.cause == "rule:answer-command") {
    return std::nullopt;
  }
  const auto signals = base::parse_json(stored->signals).value_or(nlohmann::json::object());
  const auto weights = routing.model(base::json_text(signals, "weights"));
  const auto version = base::json_text(signals, "calibration");
  const auto curve = routing.model(version);
  const auto calibration = curve ? router::Calibration::parse(*curve) : router::Calibration();
  if (!weights || !calibration || (version != "none" && !curve)) {
    return "its weights or its calibration are missing";
  }
  const auto p =
      router::replay(stored->features, stored->signals, router::Scorer(*weights), *calibration, stored->chat);
  if (!p || *p != decision.p) {
    return fmt::format("p was {:.17g} and is {:.17g}", decision.p, p.value_or(0));
  }
  if (decision.cause != "policy" && decision.cause != "rule:foreign-text") {
    return std::nullopt;
  }
  const router::Circumstances circumstances{!decision.proposal.empty(),
                                            decision.cause == "rule:foreign-text"};
  router::Thresholds thresholds;
  thresholds.ask_at = decision.ask_at;
  thresholds.dispatch_at = decision.dispatch_at;
  const auto action = router::decide(*p, thresholds, circumstances).action;
  return action == decision.action
             ? std::nullopt
             : std::optional(
                   fmt::format("the action was {} and is {}", to_string(decision.action), to_string(action)));
}

}  // namespace

int replay_decisions(const VerdictOptions& options, std::ostream& out) {
  LogOptions log_options;
  log_options.config = options.config;
  OpenLog log(log_options);
  std::vector<store::DecisionId> decisions;
  if (options.id.empty()) {
    decisions = store::RoutingLog(log.db).judged();
  } else {
    const auto decision = decision_of_id(log, options.id);
    if (!decision) {
      throw base::PermanentError(fmt::format("there is no decision {}", options.id));
    }
    decisions.push_back(*decision);
  }
  int different = 0;
  for (const auto id : decisions) {
    if (const auto what = difference(log.db, id)) {
      out << fmt::format("decision {}: {}\n", id.value, *what);
      ++different;
    }
  }
  out << fmt::format("{} decisions came out the same, {} did not.\n",
                     decisions.size() - static_cast<std::size_t>(different), different);
  return different == 0 ? 0 : 1;
}

}  // namespace bot::cli
