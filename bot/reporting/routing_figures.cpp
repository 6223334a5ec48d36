#include "bot/reporting/routing_figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include "bot/reporting/savings.h"
#include "router/evaluation/metrics.h"
#include "router/scoring/calibration.h"
#include "router/scoring/logistic.h"
#include "store/routing_log.h"
#include "store/spending.h"

namespace bot::reporting {
namespace {

using nlohmann::json;
using router::Scored;
using store::DecisionAction;

constexpr std::size_t kBins = 50;
constexpr std::size_t kMostReliabilityBins = 10, kTurnsOfABin = 10;
constexpr std::size_t kMostRocPoints = 200;
/// A fit to more takes longer than a page waits; the newest count.
constexpr std::size_t kMostLearnt = 4000;
/// Of turns, for a population stability index.
constexpr std::size_t kLeastEarlier = 100, kLeastOfDay = 20;

double share(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// With the p of each turn, and of one that a rule decided the p that would have decided.
std::vector<Scored> scored_of(const std::vector<JudgedTurns::Labelled>& labelled, store::Database& db) {
  std::vector<Scored> scored;
  store::RoutingLog log(db);
  for (const auto& of : labelled) {
    double p = of.turn.p;
    if (of.turn.by_rule) {
      const auto judgement = log.judgement(of.turn.decision);
      p = judgement ? turns::p_of(db, *judgement).value_or(p) : p;
    }
    scored.push_back({p, of.label.needed});
  }
  return scored;
}

bool has_both(const std::vector<Scored>& scored) {
  const auto is_specialist = [](const Scored& s) { return s.specialist; };
  return std::any_of(scored.begin(), scored.end(), is_specialist) &&
         !std::all_of(scored.begin(), scored.end(), is_specialist);
}

json reliability(std::vector<Scored> scored) {
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) { return a.p < b.p; });
  const auto count = std::clamp<std::size_t>(scored.size() / kTurnsOfABin, 2, kMostReliabilityBins);
  auto bins = json::array();
  for (std::size_t bin = 0; bin < count; ++bin) {
    const auto from = scored.size() * bin / count;
    const auto to = scored.size() * (bin + 1) / count;
    double p = 0;
    std::size_t needed = 0;
    for (auto i = from; i < to; ++i) {
      p += scored[i].p;
      needed += scored[i].specialist ? 1 : 0;
    }
    const auto n = to - from;
    bins.push_back({{"p_mean", p / static_cast<double>(n)}, {"share", share(needed, n)}, {"n", n}});
  }
  return bins;
}

/// From the strictest threshold to the laxest; one point for each p, thinned out where there are too many.
json roc(std::vector<Scored> scored) {
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) { return a.p > b.p; });
  std::size_t specialist = 0;
  for (const auto& turn : scored) {
    specialist += turn.specialist ? 1 : 0;
  }
  const auto secretary = scored.size() - specialist;
  auto points = json::array();
  points.push_back({{"threshold", 1}, {"fpr", 0}, {"tpr", 0}});
  std::size_t right = 0;
  std::size_t wrong = 0;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < scored.size(); ++i) {
    ++(scored[i].specialist ? right : wrong);
    const bool is_last = i + 1 == scored.size();
    const bool ends_tie = is_last || scored[i + 1].p != scored[i].p;
    if (ends_tie && (is_last || (i + 1) * kMostRocPoints >= (kept + 1) * scored.size())) {
      points.push_back(
          {{"threshold", scored[i].p}, {"fpr", share(wrong, secretary)}, {"tpr", share(right, specialist)}});
      kept = (i + 1) * kMostRocPoints / scored.size();
    }
  }
  return points;
}

double log_loss(const std::vector<Scored>& scored) {
  double sum = 0;
  for (const auto& turn : scored) {
    sum -= std::log(turn.specialist ? turn.p : 1 - turn.p);
  }
  return sum / static_cast<double>(scored.size());
}

/// How a calibration that was fitted to the first n of one half of the outcomes does on the other half, which
/// it has not seen; 0: without one.
json learning(std::vector<JudgedTurns::Labelled> labelled) {
  std::stable_sort(labelled.begin(), labelled.end(),
                   [](const auto& a, const auto& b) { return a.label.at < b.label.at; });
  if (labelled.size() > kMostLearnt) {
    labelled.erase(labelled.begin(), labelled.end() - static_cast<std::ptrdiff_t>(kMostLearnt));
  }
  std::vector<router::Outcome> learnt;
  std::vector<JudgedTurns::Labelled> tested;
  for (std::size_t i = 0; i < labelled.size(); ++i) {
    if (i % 2 == 0) {
      learnt.push_back({labelled[i].logit, labelled[i].label.needed ? 1.0 : 0.0, labelled[i].label.weight,
                        labelled[i].chat, labelled[i].label.person});
    } else {
      tested.push_back(labelled[i]);
    }
  }
  auto points = json::array();
  const auto add = [&](std::size_t n) {
    const auto calibration =
        n == 0 ? router::Calibration()
               : router::Calibration::fit({learnt.begin(), learnt.begin() + static_cast<std::ptrdiff_t>(n)});
    std::vector<Scored> scored;
    for (const auto& of : tested) {
      scored.push_back({router::logistic(calibration.apply(of.logit, of.chat)), of.label.needed});
    }
    points.push_back({{"n", n}, {"ece", router::calibration_error(scored)}, {"loss", log_loss(scored)}});
  };
  add(0);
  for (std::size_t n = kLeastOutcomes / 2; n < learnt.size(); n *= 2) {
    add(n);
  }
  add(learnt.size());
  return points;
}

/// How many turns had which p, finely enough to find deciles in.
class Histogram {
 public:
  void add(double p) {
    ++bins_[cell(p)];
    ++n_;
  }
  void merge(const Histogram& other) {
    for (std::size_t i = 0; i < bins_.size(); ++i) {
      bins_[i] += other.bins_[i];
    }
    n_ += other.n_;
  }
  std::size_t n() const { return n_; }

  /// The population stability index of other turns against these, over the deciles of these: the sum of
  /// (a - e) ln(a / e) over the shares of each. Half a turn stands in for none.
  double stability(const Histogram& other) const {
    double sum = 0;
    std::size_t of_these = 0;
    std::size_t of_others = 0;
    std::size_t before = 0;
    for (std::size_t i = 0; i < bins_.size(); ++i) {
      of_these += bins_[i];
      of_others += other.bins_[i];
      const bool ends = i + 1 == bins_.size();
      if (ends || (before + of_these) * kDeciles >= (before * kDeciles / n_ + 1) * n_) {
        const double e = std::max(static_cast<double>(of_these), 0.5) / static_cast<double>(n_);
        const double a = std::max(static_cast<double>(of_others), 0.5) / static_cast<double>(other.n_);
        sum += of_these + of_others == 0 ? 0 : (a - e) * std::log(a / e);
        before += of_these;
        of_these = of_others = 0;
      }
    }
    return sum;
  }

 private:
  static constexpr std::size_t kCells = 1000, kDeciles = 10;
  static std::size_t cell(double p) { return std::min(static_cast<std::size_t>(p * kCells), kCells - 1); }
  std::array<std::size_t, kCells> bins_{};
  std::size_t n_ = 0;
};

/// Each day against all turns before it.
json drift(const FiguresOf& of) {
  Histogram before;
  for (const auto& turn : of.earlier) {
    before.add(turn.p);
  }
  auto days = json::array();
  for (auto first = of.turns.begin(); first != of.turns.end();) {
    const auto day = day_of(first->at, of.timezone);
    const auto next_day =
        base::start_of_day(base::start_of_day(first->at, of.timezone) + std::chrono::hours(36), of.timezone);
    Histogram of_day;
    double sum = 0;
    for (; first != of.turns.end() && first->at < next_day; ++first) {
      of_day.add(first->p);
      sum += first->p;
    }
    const bool enough = before.n() >= kLeastEarlier && of_day.n() >= kLeastOfDay;
    days.push_back({{"day", day},
                    {"n", of_day.n()},
                    {"p_mean", sum / static_cast<double>(of_day.n())},
                    {"psi", enough ? json(before.stability(of_day)) : json(nullptr)}});
    before.merge(of_day);
  }
  return days;
}

/// The figures of turns with a label, null where there are too few of them.
json quality(const std::vector<Scored>& scored) {
  const bool enough = scored.size() >= kLeastOutcomes;
  const bool both = has_both(scored);
  return {{"n_labelled", scored.size()},
          {"auroc", enough && both ? json(router::auroc(scored)) : json(nullptr)},
          {"ece", enough ? json(router::calibration_error(scored)) : json(nullptr)},
          {"brier", enough ? json(router::brier_score(scored)) : json(nullptr)}};
}

/// The same for each model of the secretary.
json per_model(const FiguresOf& of, const std::vector<Scored>& scored, store::Database& db,
               base::Timestamp since) {
  struct Model {
    std::size_t n = 0, dispatched = 0;
    std::vector<Scored> scored;
  };
  std::map<store::DecisionId, std::string> model_of;
  for (auto& [decision, model] : store::models_of_decisions(db, since)) {
    model_of[decision] = std::move(model);
  }
  std::map<std::string, Model> models;
  for (const auto& turn : of.turns) {
    if (const auto model = model_of.find(turn.decision); model != model_of.end()) {
      auto& sums = models[model->second];
      ++sums.n;
      sums.dispatched += turn.action == DecisionAction::dispatch ? 1 : 0;
    }
  }
  for (std::size_t i = 0; i < scored.size(); ++i) {
    if (const auto model = model_of.find(of.labelled[i].turn.decision); model != model_of.end()) {
      models[model->second].scored.push_back(scored[i]);
    }
  }
  auto list = json::array();
  for (const auto& [model, sums] : models) {
    auto item = quality(sums.scored);
    item["model"] = model;
    item["n"] = sums.n;
    item["dispatch"] = sums.n == 0 ? json(nullptr) : json(share(sums.dispatched, sums.n));
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

json distribution_json(const std::vector<JudgedTurn>& turns) {
  struct Bin {
    std::size_t answer = 0, ask = 0, dispatch = 0, by_rule = 0, mistakes = 0;
  };
  std::array<Bin, kBins> bins{};
  for (const auto& turn : turns) {
    auto& bin = bins.at(std::min(static_cast<std::size_t>(turn.p * kBins), kBins - 1));
    ++(turn.action == DecisionAction::answer ? bin.answer
       : turn.action == DecisionAction::ask  ? bin.ask
                                             : bin.dispatch);
    bin.by_rule += turn.by_rule ? 1 : 0;
    bin.mistakes += is_mistake(turn, turn.action) ? 1 : 0;
  }
  auto list = json::array();
  for (std::size_t i = 0; i < kBins; ++i) {
    const auto& bin = bins[i];
    list.push_back({{"from", share(i, kBins)},
                    {"to", share(i + 1, kBins)},
                    {"answer", bin.answer},
                    {"ask", bin.ask},
                    {"dispatch", bin.dispatch},
                    {"by_rule", bin.by_rule},
                    {"mistakes", bin.mistakes}});
  }
  return {{"n", turns.size()}, {"bins", list}};
}

json figures_json(const FiguresOf& of, store::Database& db, base::Timestamp since) {
  const auto scored = scored_of(of.labelled, db);
  const bool enough = scored.size() >= kLeastOutcomes;
  auto figures = quality(scored);
  figures["n"] = of.turns.size();
  figures["needed_for_figures"] = kLeastOutcomes;
  figures["reliability"] = enough ? reliability(scored) : json(nullptr);
  figures["roc"] = enough && has_both(scored) ? roc(scored) : json(nullptr);
  figures["learning"] = scored.size() >= 2 * kLeastOutcomes ? learning(of.labelled) : json(nullptr);
  figures["drift"] = drift(of);
  figures["per_model"] = per_model(of, scored, db, since);
  return figures;
}

}  // namespace bot::reporting
