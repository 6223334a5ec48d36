#include "bot/cli/calibrate.h"

#include <algorithm>
#include <iostream>
#include <optional>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "bot/cli/log_reading.h"
#include "bot/reporting/log_detail.h"
#include "bot/reporting/routing_figures.h"
#include "bot/runtime/calibration.h"
#include "bot/turns/routing_outcomes.h"
#include "bot/turns/turn_routing.h"
#include "router/evaluation/evaluation.h"
#include "router/scoring/judgement.h"
#include "store/dispatch_log.h"
#include "store/routing_log.h"

namespace bot::cli {
namespace {

using reporting::kLeastOutcomes;

std::vector<router::Scored> scored_by(const router::Calibration& calibration,
                                      const std::vector<router::Outcome>& outcomes) {
  std::vector<router::Scored> scored;
  for (const auto& outcome : outcomes) {
    scored.push_back(
        {router::logistic(calibration.apply(outcome.logit, outcome.chat)), outcome.needed > 0.5});
  }
  return scored;
}

/// What fits to one half of the outcomes give on the other half, both ways. `known_until`: the fits see what
/// was known by then alone.
std::vector<router::Scored> held_out(const std::vector<turns::KnownOutcome>& all,
                                     std::optional<base::Timestamp> known_until) {
  std::vector<router::Scored> scored;
  for (const std::size_t half : {std::size_t{0}, std::size_t{1}}) {
    std::vector<router::Outcome> fitted;
    std::vector<router::Outcome> tested;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i % 2 != half) {
        tested.push_back(all[i].outcome);
      } else if (!known_until || all[i].at <= *known_until) {
        fitted.push_back(all[i].outcome);
      }
    }
    const auto of_half = scored_by(router::Calibration::fit(fitted), tested);
    scored.insert(scored.end(), of_half.begin(), of_half.end());
  }
  return scored;
}

/// The calibration in force on outcomes that it has not seen: as it stands where it has seen none of these,
/// else by fits to halves of those that it was fitted to.
std::vector<router::Scored> held_out_before(const std::vector<turns::KnownOutcome>& all,
                                            const router::Calibration& before,
                                            std::optional<base::Timestamp> since) {
  const auto seen = std::count_if(all.begin(), all.end(), [&](const turns::KnownOutcome& outcome) {
    return since && outcome.at <= *since;
  });
  if (static_cast<std::size_t>(seen) >= kLeastOutcomes) {
    return held_out(all, since);
  }
  std::vector<router::Outcome> outcomes;
  for (const auto& known : all) {
    outcomes.push_back(known.outcome);
  }
  return scored_by(before, outcomes);
}

int undo(store::Database& db, bool json, std::ostream& out) {
  const bool undone = store::RoutingLog(db).undo_calibration(base::SystemClock().now());
  const auto version = runtime::calibration_in_force(db).version();
  (json ? std::cerr : out) << (undone ? fmt::format("The calibration before it is in force: {}.\n", version)
                                      : "No calibration is in force, so there is nothing to undo.\n");
  if (json) {
    out << base::dump_json({{"undone", undone}, {"version", version}}) << '\n';
  }
  return undone ? 0 : 1;
}

int too_few(std::size_t outcomes, bool json, std::ostream& out) {
  (json ? std::cerr : out) << fmt::format(
      "{} outcomes are in the log, and {} are needed. Answers to questions count, what people put right, and `frontdesk log verdict`.\n",
      outcomes, kLeastOutcomes);
  if (json) {
    out << base::dump_json({{"outcomes", outcomes}, {"needed", kLeastOutcomes}, {"applied", false}}) << '\n';
  }
  return 1;
}

/// A calibration with how it does on outcomes that it has not seen.
struct Tested {
  std::string version;
  std::vector<router::Scored> scored;
  double brier() const { return router::brier_score(scored); }
  double ece() const { return router::calibration_error(scored); }
};

void print_fit(std::size_t outcomes, const Tested& was, const Tested& is, const CalibrateOptions& options,
               bool applied, std::ostream& out) {
  const auto json = [](const Tested& of) {
    return nlohmann::json{{"version", of.version}, {"brier", of.brier()}, {"ece", of.ece()}};
  };
  if (options.json) {
    out << base::dump_json({{"outcomes", outcomes},
                            {"before", json(was)},
                            {"after", json(is)},
                            {"better", is.brier() <= was.brier()},
                            {"applied", applied}})
        << '\n';
    return;
  }
  out << fmt::format(
      "{} outcomes, each scored by a fit that has not seen it\n        {:<14}{:>8}{:>8}\nbefore  {:<14}{:>8.4f}{:>8.3f}\n"
      "after   {:<14}{:>8.4f}{:>8.3f}\n",
      outcomes, "version", "Brier", "ECE", was.version, was.brier(), was.ece(), is.version, is.brier(),
      is.ece());
}

}  // namespace

int calibrate_routing(const CalibrateOptions& options, std::ostream& out) {
  LogOptions log_options;
  log_options.config = options.config;
  OpenLog log(log_options);
  if (options.undo) {
    return undo(log.db, options.json, out);
  }
  store::RoutingLog routing(log.db);
  const auto before = runtime::calibration_in_force(log.db);
  const auto all = turns::routing_outcomes(log.db);
  if (all.size() < kLeastOutcomes) {
    return too_few(all.size(), options.json, out);
  }
  std::vector<router::Outcome> outcomes;
  for (const auto& known : all) {
    outcomes.push_back(known.outcome);
  }
  const auto after = router::Calibration::fit(outcomes);
  const Tested is{after.version(), held_out(all, std::nullopt)};
  const bool same = after.version() == before.version();
  const Tested was{before.version(), same ? is.scored : held_out_before(all, before, routing.calibrated())};
  const bool better = is.brier() <= was.brier();
  if (!options.svg.empty()) {
    base::write_file_atomically(options.svg, router::reliability_svg(was.scored, is.scored));
  }
  print_fit(all.size(), was, is, options, options.apply && better, out);
  if (!options.apply) {
    return 0;
  }
  auto& words = options.json ? std::cerr : out;
  if (!better) {
    words << "It is worse on outcomes that it has not seen, so it is not applied.\n";
    return 1;
  }
  if (same) {
    words << "It is in force already.\n";
    return 0;
  }
  const auto now = base::SystemClock().now();
  store::Transaction transaction(log.db);
  routing.keep_model(after.version(), after.to_json(), now);
  routing.apply_calibration(after.version(), now);
  transaction.commit();
  words << "Applied. `frontdesk calibrate --undo` goes back.\n";
  return 0;
}

int give_verdict(const VerdictOptions& options, std::ostream& out) {
  LogOptions log_options;
  log_options.config = options.config;
  OpenLog log(log_options);
  const auto decision = reporting::decision_of_id(log.db, options.id);
  if (!decision) {
    throw base::PermanentError(fmt::format("there is no decision {}", options.id));
  }
  const auto verdict = store::parse<store::Verdict>(options.verdict);
  store::VerdictRecord given{store::DispatchLog(log.db).asked(*decision).id, verdict.value(), options.note,
                             std::nullopt, base::SystemClock().now()};
  given.reviewer = "shell";
  store::RoutingLog(log.db).add(given);
  out << fmt::format("Decision {}: {}.\n", decision->value, options.verdict);
  return 0;
}

namespace {

/// What comes out differently, or nothing.
std::optional<std::string> difference(store::Database& db, store::DecisionId id) {
  store::RoutingLog routing(db);
  const auto decision = store::DispatchLog(db).decision(id);
  const auto stored = routing.judgement(id);
  if (!stored) {
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
  // Below dispatch_at it was the operator's rule that would have dispatched words of others.
  const bool foreign = decision.cause == "rule:foreign-text" && *p >= decision.dispatch_at;
  if (decision.cause != "policy" && !foreign) {
    return std::nullopt;
  }
  const router::Circumstances circumstances{
      !decision.proposal.empty() || router::stored_call(stored->signals), foreign};
  router::Thresholds thresholds;
  thresholds.ask_at = decision.ask_at;
  thresholds.dispatch_at = decision.dispatch_at;
  const auto action = router::decide(*p, thresholds, circumstances).action;
  return action == decision.action
             ? std::nullopt
             : std::optional(
                   fmt::format("the action was {} and is {}", to_string(decision.action), to_string(action)));
}

std::string not_judged(const store::DecisionRecord& decision) {
  constexpr std::string_view kRule = "rule:";
  return decision.cause.starts_with(kRule)
             ? fmt::format(
                   "Decision {} was not judged, so there is nothing to decide again: the rule {} made it.\n",
                   decision.id.value, decision.cause.substr(kRule.size()))
             : fmt::format("What decision {} followed from was erased, so it cannot be decided again.\n",
                           decision.id.value);
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
    const auto decision = reporting::decision_of_id(log.db, options.id);
    if (!decision) {
      throw base::PermanentError(fmt::format("there is no decision {}", options.id));
    }
    if (!store::RoutingLog(log.db).judgement(*decision)) {
      out << not_judged(store::DispatchLog(log.db).decision(*decision));
      return 0;
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
