#include "router/evaluation/evaluation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <random>

#include "router/evaluation/noise.h"

namespace router {
namespace {

using Action = Evaluation::Action;

Action action_for(double p, const EvaluationOptions& options) {
  return p >= options.dispatch_at ? Action::dispatch : p >= options.ask_at ? Action::ask : Action::answer;
}

double p_of(const LabelledTurn& turn, const Scorer& scorer, const EvaluationOptions& options) {
  return judge(scored_text(turn), turn.secretary, scorer, options.calibration, "").p;
}

/// The middle 95 % of the AUROC over samples of the turns, drawn with replacement.
Evaluation::Interval bootstrap(const std::vector<Scored>& turns) {
  constexpr std::size_t kSamples = 200;
  std::mt19937 random(1);
  std::vector<double> values;
  std::vector<Scored> sample(turns.size());
  for (std::size_t i = 0; i < kSamples && !turns.empty(); ++i) {
    for (auto& turn : sample) {
      const auto& drawn = turns[random() % turns.size()];
      turn.p = drawn.p;
      turn.specialist = drawn.specialist;
    }
    values.push_back(auroc(sample));
  }
  std::sort(values.begin(), values.end());
  return values.empty() ? Evaluation::Interval()
                        : Evaluation::Interval{values[kSamples / 40], values[kSamples - 1 - kSamples / 40]};
}

/// How many pairs there are to tell apart.
std::size_t pair_count(const std::vector<Scored>& turns) {
  std::map<std::string, std::array<std::size_t, 2>> halves;
  for (const auto& turn : turns) {
    if (!turn.pair.empty()) {
      ++halves[turn.pair][turn.specialist ? 1 : 0];
    }
  }
  std::size_t all = 0;
  for (const auto& [name, of] : halves) {
    all += of[0] * of[1];
  }
  return all;
}

Evaluation::Row row(const std::string& name, const std::vector<Scored>& turns,
                    const EvaluationOptions& options) {
  const auto specialist =
      std::count_if(turns.begin(), turns.end(), [](const Scored& turn) { return turn.specialist; });
  return {name,
          turns.size(),
          pair_count(turns),
          specialist > 0 && static_cast<std::size_t>(specialist) < turns.size(),
          auroc(turns),
          bootstrap(turns),
          pair_accuracy(turns),
          shares_of(turns, options.ask_at, options.dispatch_at),
          calibration_error(turns)};
}

/// As common routers do it: a word or a code fence, and it goes to the expensive model.
double p_by_keywords(const std::string& text) {
  static constexpr std::array kKeywords = {
      "code",   "implement", "debug", "refactor", "function", "script", "analy",  "build",   "fix",   "write",
      "design", "```",       "error", "test",     "optimize", "deploy", "review", "compare", "report"};
  std::string lower;
  std::transform(text.begin(), text.end(), std::back_inserter(lower),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto hits = std::count_if(kKeywords.begin(), kKeywords.end(),
                                  [&](const char* word) { return lower.find(word) != std::string::npos; });
  return hits == 0 ? 0.1 : hits == 1 ? 0.6 : 0.9;
}

std::vector<Evaluation::Row> baselines(const std::vector<const LabelledTurn*>& turns,
                                       const EvaluationOptions& options) {
  struct Baseline {
    const char* name;
    double (*p)(const std::string&);
  };
  static constexpr std::array kBaselines = {
      Baseline{"always answer", [](const std::string&) { return 0.01; }},
      Baseline{"always dispatch", [](const std::string&) { return 0.99; }},
      Baseline{
          "by length",
          [](const std::string& text) { return std::min(0.99, static_cast<double>(text.size()) / 400); }},
      Baseline{"by keywords", &p_by_keywords}};
  std::vector<Evaluation::Row> rows;
  for (const auto& baseline : kBaselines) {
    std::vector<Scored> scored;
    for (const auto* turn : turns) {
      scored.push_back({baseline.p(turn->text), turn->label == Label::specialist, turn->pair});
    }
    rows.push_back(row(baseline.name, scored, options));
  }
  return rows;
}

/// How far from right a right p looks with so many turns.
double noise_of_ece(const std::vector<Scored>& turns) {
  constexpr int kDrawings = 20;
  std::mt19937 random(2);
  double sum = 0;
  for (int i = 0; i < kDrawings; ++i) {
    auto drawn = turns;
    for (auto& turn : drawn) {
      turn.specialist = random() % 1'000'000 < turn.p * 1'000'000;
    }
    sum += calibration_error(drawn);
  }
  return sum / kDrawings;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

std::vector<Evaluation::Flips> flips(const std::vector<LabelledTurn>& turns, const Scorer& scorer,
                                     const EvaluationOptions& options) {
  std::vector<Evaluation::Flips> all;
  for (const auto& noise : noises()) {
    std::size_t flipped = 0;
    for (const auto& turn : turns) {
      auto noisy = turn;
      noisy.text = noise.apply(turn.text);
      const auto before = action_for(p_of(turn, scorer, options), options);
      const auto after = action_for(p_of(noisy, scorer, options), options);
      flipped += before != after && before != Action::ask && after != Action::ask ? 1 : 0;
    }
    all.push_back(
        {noise.name, turns.empty() ? 0 : static_cast<double>(flipped) / static_cast<double>(turns.size())});
  }
  return all;
}

/// Of all turns: a person is asked about those for either, too.
double share_asked(const std::vector<Evaluation::Item>& items) {
  const auto asked = std::count_if(items.begin(), items.end(),
                                   [](const Evaluation::Item& item) { return item.action == Action::ask; });
  return items.empty() ? 0 : static_cast<double>(asked) / static_cast<double>(items.size());
}

}  // namespace

const char* to_string(Evaluation::Action action) {
  static constexpr std::array kNames = {"answer", "ask", "dispatch"};
  return kNames.at(static_cast<std::size_t>(action));
}

Evaluation evaluate(const std::vector<LabelledTurn>& turns, const Scorer& scorer,
                    const EvaluationOptions& options) {
  Evaluation evaluation;
  std::vector<const LabelledTurn*> labelled;
  std::map<std::string, std::vector<Scored>> by_tag;
  std::vector<std::string> texts;
  std::vector<bool> specialist;
  std::vector<double> latencies;
  judge({"the lexicon is read before the clock runs"}, std::nullopt, scorer, options.calibration, "");
  for (const auto& turn : turns) {
    const auto started = std::chrono::steady_clock::now();
    const double p = p_of(turn, scorer, options);
    latencies.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - started).count());
    evaluation.items.push_back({turn.id, p, action_for(p, options)});
    if (turn.label == Label::either) {
      continue;
    }
    labelled.push_back(&turn);
    texts.push_back(turn.text);
    specialist.push_back(turn.label == Label::specialist);
    evaluation.scored.push_back({p, specialist.back(), turn.pair});
    for (const auto& tag : turn.tags) {
      by_tag[tag].push_back(evaluation.scored.back());
    }
  }
  evaluation.all = row("all", evaluation.scored, options);
  evaluation.all.shares.confirm_rate = share_asked(evaluation.items);
  for (const auto& [tag, scored] : by_tag) {
    evaluation.tags.push_back(row(tag, scored, options));
  }
  evaluation.baselines = baselines(labelled, options);
  evaluation.flips = flips(turns, scorer, options);
  evaluation.style_only_auroc = router::style_only_auroc(texts, specialist);
  evaluation.ece_noise = noise_of_ece(evaluation.scored);
  evaluation.latency_p50_us = percentile(latencies, 0.5);
  evaluation.latency_p99_us = percentile(latencies, 0.99);
  return evaluation;
}

}  // namespace router
