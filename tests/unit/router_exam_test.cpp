// The routing that the program is built with, on turns by an author whose other turns it has not learnt from.
// All is integer arithmetic, so the figures are the same on every machine.
#include <algorithm>

#include <doctest/doctest.h>

#include "router/evaluation/evaluation.h"
#include "tests/support/checkout.h"

namespace {

const std::vector<router::LabelledTurn>& exam() {
  static const auto turns =
      router::read_labelled_turns(support::source_dir() + "/tests/fixtures/routing_exam.jsonl");
  return turns;
}

std::vector<router::LabelledTurn> without_secretary() {
  auto turns = exam();
  for (auto& turn : turns) {
    turn.secretary = std::nullopt;
  }
  return turns;
}

router::Evaluation evaluate(const std::vector<router::LabelledTurn>& turns,
                            const router::EvaluationOptions& options = {}) {
  return router::evaluate(turns, router::Scorer::built_in(), options);
}

}  // namespace

TEST_CASE("the scorer alone tells whose work a turn is") {
  const auto result = evaluate(without_secretary());
  CHECK(result.all.auroc >= 0.93);
  CHECK(result.all.pair_accuracy >= 0.95);
  CHECK(result.all.shares.over_dispatch <= 0.06);
  CHECK(result.all.shares.under_dispatch <= 0.10);
  CHECK(result.all.shares.confirm_rate <= 0.18);
  CHECK(result.all.ece <= 0.04);
  CHECK(result.style_only_auroc <= 0.60);
  for (const auto& flip : result.flips) {
    CAPTURE(flip.name);
    CHECK(flip.share <= 0.02);
  }
}

TEST_CASE("with the secretary's signal it tells better") {
  const auto result = evaluate(exam());
  CHECK(result.all.auroc >= 0.98);
  CHECK(result.all.pair_accuracy >= 0.98);
  CHECK(result.all.shares.over_dispatch <= 0.02);
  CHECK(result.all.shares.under_dispatch <= 0.04);
  CHECK(result.all.shares.confirm_rate <= 0.14);
  CHECK(result.all.ece <= 0.03);
  for (const auto& baseline : result.baselines) {
    CAPTURE(baseline.name);
    CHECK(result.all.auroc > baseline.auroc + 0.3);
  }
}
