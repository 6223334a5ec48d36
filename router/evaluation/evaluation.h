#pragma once

#include <string>
#include <vector>

#include "router/evaluation/labelled_turns.h"
#include "router/evaluation/metrics.h"
#include "router/scoring/judgement.h"

namespace router {

/// How a routing does on labelled turns.
struct Evaluation {
  enum class Action { answer, ask, dispatch };
  struct Item {
    std::string id;
    double p = 0;
    Action action = Action::answer;
  };
  struct Interval {
    double low = 0;
    double high = 0;
  };
  /// One way of routing, on the same turns.
  struct Row {
    std::string name;
    std::size_t n = 0;      ///< turns, those for either left out
    std::size_t pairs = 0;  ///< of a specialist's and a secretary's turn
    bool has_both = false;  ///< turns of both; else there is no AUROC
    double auroc = 0;
    Interval auroc95;  ///< by bootstrap
    double pair_accuracy = 0;
    Shares shares;
    double ece = 0;
  };
  struct Flips {
    std::string name;
    double share = 0;  ///< answer became dispatch, or dispatch answer
  };

  std::vector<Item> items;  ///< every turn, in its order
  std::vector<Scored> scored;
  Row all;
  std::vector<Row> tags;
  std::vector<Row> baselines;
  std::vector<Flips> flips;
  double style_only_auroc = 0;
  double ece_noise = 0;  ///< what calibration_error() gives for so many turns whose p is right
  double latency_p50_us = 0;
  double latency_p99_us = 0;
};

/// What a mistake costs, in any unit.
struct MistakePrices {
  double needless_dispatch = 0.6;
  double missed_dispatch = 1;
};

struct EvaluationOptions {
  double ask_at = 0.35;
  double dispatch_at = 0.75;
  Calibration calibration = {};
  std::string ask_from = "default";  ///< as in Thresholds
  std::string dispatch_from = "default";
  MistakePrices prices = {};  ///< for the curve of costs
};

/// Scores each turn as the program would, with the secretary's signal where the line has one.
Evaluation evaluate(const std::vector<LabelledTurn>& turns, const Scorer& scorer,
                    const EvaluationOptions& options);

const char* to_string(Evaluation::Action action);

/// The object that `frontdesk eval --json` prints.
std::string evaluation_json(const Evaluation& evaluation, const EvaluationOptions& options);
/// The same for people.
std::string evaluation_text(const Evaluation& evaluation, const EvaluationOptions& options);
/// How p before and after a calibration fits what happened, as a picture.
std::string reliability_svg(const std::vector<Scored>& before, const std::vector<Scored>& after);
/// A page of its own with the curves: ROC, reliability, cost over the threshold.
std::string evaluation_html(const Evaluation& evaluation, const EvaluationOptions& options);

}  // namespace router
