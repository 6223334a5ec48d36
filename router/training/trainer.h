#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "router/evaluation/labelled_turns.h"

namespace router {

/// The turns of one author, who knew nothing of the others.
struct TrainingPass {
  std::string name;
  std::vector<LabelledTurn> turns;
};

/// A turn scored by weights that never saw its author.
struct HeldOut {
  const LabelledTurn* turn = nullptr;
  const TrainingPass* pass = nullptr;
  Score score;
  /// Of the same turn with six words before or behind it that are to force a dispatch: words of the known
  /// list (attacks.h), which the weights have learnt, and such as tell most for the specialist in these
  /// turns.
  std::array<Score, 2> attacked_by_list = {};
  std::array<Score, 2> attacked_by_telling = {};
};

/// What training made.
struct Trained {
  std::string bytes;              ///< a file of weights, see Scorer
  std::vector<HeldOut> held_out;  ///< every turn, in the order of the passes; leave-one-pass-out
};

/// Trains the scorer's weights by logistic regression (AdaGrad), then the fusion of the signals on turns that
/// were held out pass by pass, with the secretary's signal drawn at fixed rates. Deterministic: the same
/// turns in the same order give the same bytes. Needs at least two passes.
Trained train(const std::vector<TrainingPass>& passes);

}  // namespace router
