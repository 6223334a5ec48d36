#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "router/evaluation/evaluation.h"

namespace router {
namespace {

std::string table_row(const Evaluation::Row& row) {
  const auto auroc =
      row.has_both ? fmt::format("{:.3f} ({:.3f} to {:.3f})", row.auroc, row.auroc95.low, row.auroc95.high)
                   : std::string("-");
  const auto pairs = row.pairs > 0 ? fmt::format("{:.1f}", 100 * row.pair_accuracy) : std::string("-");
  return fmt::format("{:<22}{:>6}  {:<22}  {:>5}  {:5.1f} {:5.1f} {:5.1f}  {:.3f}\n", row.name, row.n, auroc,
                     pairs, 100 * row.shares.over_dispatch, 100 * row.shares.under_dispatch,
                     100 * row.shares.confirm_rate, row.ece);
}

// --- The page

constexpr int kSize = 320;
constexpr int kMargin = 40;

double x_of(double share) {
  return kMargin + share * kSize;
}
double y_of(double share) {
  return kMargin + (1 - share) * kSize;
}

std::string line(const std::vector<std::pair<double, double>>& points, const char* colour) {
  std::string list;
  for (const auto& [x, y] : points) {
    list += fmt::format("{:.1f},{:.1f} ", x_of(x), y_of(y));
  }
  return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>", list,
                     colour);
}

std::string figure(const std::string& title, const std::string& x_name, const std::string& y_name,
                   const std::string& curves) {
  const int whole = kSize + 2 * kMargin;
  return fmt::format(
      "<figure><figcaption>{0}</figcaption><svg viewBox=\"0 0 {1} {1}\" width=\"{1}\" role=\"img\" aria-label=\"{0}\">"
      "<rect x=\"{2}\" y=\"{2}\" width=\"{3}\" height=\"{3}\" fill=\"none\" stroke=\"#999\"/>{4}"
      "<text x=\"{5}\" y=\"{6}\" text-anchor=\"middle\">{7}</text>"
      "<text x=\"14\" y=\"{5}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {5})\">{8}</text></svg></figure>\n",
      title, whole, kMargin, kSize, curves, whole / 2, whole - 10, x_name, y_name);
}

std::string roc_curve(std::vector<Scored> turns) {
  std::sort(turns.begin(), turns.end(), [](const Scored& a, const Scored& b) { return a.p > b.p; });
  const auto specialist = static_cast<double>(
      std::count_if(turns.begin(), turns.end(), [](const Scored& turn) { return turn.specialist; }));
  const double secretary = static_cast<double>(turns.size()) - specialist;
  std::vector<std::pair<double, double>> points = {{0, 0}};
  double hits = 0;
  double needless = 0;
  for (const auto& turn : turns) {
    (turn.specialist ? hits : needless) += 1;
    points.emplace_back(needless / std::max(secretary, 1.0), hits / std::max(specialist, 1.0));
  }
  return line({{0, 0}, {1, 1}}, "#ccc") + line(points, "#0a6");
}

std::string reliability_curve(std::vector<Scored> turns, const char* colour = "#06a") {
  constexpr std::size_t kBins = 15;
  std::sort(turns.begin(), turns.end(), [](const Scored& a, const Scored& b) { return a.p < b.p; });
  std::vector<std::pair<double, double>> points;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const auto from = turns.size() * bin / kBins;
    const auto to = turns.size() * (bin + 1) / kBins;
    double p = 0;
    double needed = 0;
    for (auto i = from; i < to; ++i) {
      p += turns[i].p;
      needed += turns[i].specialist ? 1 : 0;
    }
    if (to > from) {
      const auto n = static_cast<double>(to - from);
      points.emplace_back(p / n, needed / n);
    }
  }
  return line({{0, 0}, {1, 1}}, "#ccc") + line(points, colour);
}

/// What a turn costs with one threshold for all, as a share of the dearer mistake's price.
std::string cost_curve(const std::vector<Scored>& turns, const MistakePrices& prices) {
  constexpr int kSteps = 50;
  const double most = std::max(prices.needless_dispatch, prices.missed_dispatch);
  std::vector<std::pair<double, double>> points;
  for (int step = 0; step <= kSteps; ++step) {
    const double threshold = static_cast<double>(step) / kSteps;
    double cost = 0;
    for (const auto& turn : turns) {
      const bool dispatched = turn.p >= threshold;
      cost += dispatched == turn.specialist ? 0
              : dispatched                  ? prices.needless_dispatch
                                            : prices.missed_dispatch;
    }
    points.emplace_back(threshold, turns.empty() ? 0 : cost / most / static_cast<double>(turns.size()));
  }
  return line(points, "#a40");
}

}  // namespace

std::string evaluation_json(const Evaluation& e, const EvaluationOptions& options) {
  auto items = nlohmann::json::array();
  for (const auto& item : e.items) {
    items.push_back({{"id", item.id}, {"p", item.p}, {"action", to_string(item.action)}});
  }
  auto flips = nlohmann::json::object();
  for (const auto& flip : e.flips) {
    flips[flip.name] = flip.share;
  }
  return base::dump_json(
      {{"n", e.items.size()},
       {"ask_at", options.ask_at},
       {"ask_at_from", options.ask_from},
       {"dispatch_at", options.dispatch_at},
       {"dispatch_at_from", options.dispatch_from},
       {"auroc", e.all.has_both ? nlohmann::json(e.all.auroc) : nlohmann::json(nullptr)},
       {"style_only_auroc", e.style_only_auroc},
       {"precision", e.all.shares.precision},
       {"recall", e.all.shares.recall},
       {"confirm_rate", e.all.shares.confirm_rate},
       {"under_dispatch", e.all.shares.under_dispatch},
       {"under_dispatch_upper95", e.all.shares.under_dispatch_upper95},
       {"over_dispatch", e.all.shares.over_dispatch},
       {"ece", e.all.ece},
       {"pair_accuracy", e.all.pairs > 0 ? nlohmann::json(e.all.pair_accuracy) : nlohmann::json(nullptr)},
       {"flips", flips},
       {"latency_us", {{"p50", e.latency_p50_us}, {"p99", e.latency_p99_us}}},
       {"items", items}});
}

std::string evaluation_text(const Evaluation& e, const EvaluationOptions& options) {
  auto text = fmt::format(
      "{} turns; the secretary answers below {:.2f} ({}), asks up to {:.2f} ({}), then dispatches\n\n",
      e.items.size(), options.ask_at, options.ask_from, options.dispatch_at, options.dispatch_from);
  text += fmt::format("{:<22}{:>6}  {:<23}  {:>5}  {:>5} {:>5} {:>5}  {}\n", "", "turns", "AUROC (95 %)",
                      "pairs", "over", "under", "asked", "ECE");
  text += table_row(e.all);
  for (const auto& tag : e.tags) {
    text += table_row(tag);
  }
  text += '\n';
  for (const auto& baseline : e.baselines) {
    text += table_row(baseline);
  }
  text += fmt::format(
      "\nunder-dispatch is at most {:.1f} % at 95 % confidence; a right p would show an ECE of {:.3f} with so many turns\n"
      "style alone reaches an AUROC of {:.3f}\nflips between answer and dispatch:",
      100 * e.all.shares.under_dispatch_upper95, e.ece_noise, e.style_only_auroc);
  for (const auto& flip : e.flips) {
    text += fmt::format(" {} {:.1f} %;", flip.name, 100 * flip.share);
  }
  text += fmt::format("\ntime for a decision: {:.0f} µs (half), {:.0f} µs (99 of 100)\n", e.latency_p50_us,
                      e.latency_p99_us);
  return text;
}

std::string reliability_svg(const std::vector<Scored>& before, const std::vector<Scored>& after) {
  constexpr int kWhole = kSize + 2 * kMargin;
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\" font-family=\"sans-serif\" "
      "font-size=\"13\"><rect x=\"{1}\" y=\"{1}\" width=\"{2}\" height=\"{2}\" fill=\"none\" stroke=\"#999\"/>{3}{4}"
      "<text x=\"{1}\" y=\"20\">before: orange, after: blue</text><text x=\"{5}\" y=\"{6}\">p</text></svg>\n",
      kWhole, kMargin, kSize, reliability_curve(before, "#d70"), reliability_curve(after), kWhole / 2,
      kWhole - 10);
}

std::string evaluation_html(const Evaluation& e, const EvaluationOptions& options) {
  return fmt::format(
             "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Routing</title>\n<style>body{{font:15px "
             "system-ui;margin:2em}}figure{{display:inline-block;margin:1em}}</style>\n<h1>Routing</h1>\n<pre>{}</pre>\n",
             evaluation_text(e, options)) +
         figure("ROC", "needless dispatches", "dispatches that were needed", roc_curve(e.scored)) +
         figure("Reliability", "p", "share that needed the specialist", reliability_curve(e.scored)) +
         figure(fmt::format("Cost of one threshold (missed {}, needless {})", options.prices.missed_dispatch,
                            options.prices.needless_dispatch),
                "threshold",
                fmt::format("cost of a turn, top is {}",
                            std::max(options.prices.missed_dispatch, options.prices.needless_dispatch)),
                cost_curve(e.scored, options.prices)) +
         "</html>\n";
}

}  // namespace router
