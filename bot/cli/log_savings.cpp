#include <iostream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "dispatch/task/transcript.h"

namespace bot::cli {
namespace {

using nlohmann::json;

}  // namespace

int show_savings(const LogOptions& options) {
  OpenLog log(options);
  const auto costs = log.view.costs_since(filter_of(options, 0).since);
  double secretary = 0, specialist = 0, instead = 0, most = -1;
  std::int64_t turns = 0, runs = 0;
  std::string model;
  for (const auto& cost : costs) {
    if (cost.purpose == "specialist") {
      specialist += cost.usd;
      runs += cost.calls;
      if (cost.usd > most && dispatch::price_of(cost.model).output > 0) {
        most = cost.usd;
        model = cost.model;
      }
    } else {
      secretary += cost.usd;
      turns += cost.calls;
    }
  }
  const auto price = dispatch::price_of(model.empty() ? "opus" : model);
  for (const auto& cost : costs) {
    instead += cost.purpose == "specialist" ? cost.usd
                                            : price.usd({cost.input_tokens, cost.cache_read_tokens,
                                                         cost.cache_write_tokens, cost.output_tokens});
  }
  const auto total = secretary + specialist;
  const auto saved = instead - total;
  if (options.json) {
    std::cout << base::dump_json({{"secretary_calls", turns},
                                  {"secretary_usd", secretary},
                                  {"specialist_runs", runs},
                                  {"specialist_usd", specialist},
                                  {"total_usd", total},
                                  {"specialist_model", model.empty() ? json(nullptr) : json(model)},
                                  {"every_turn_on_specialist_usd", instead},
                                  {"saved_usd", saved}})
              << "\n";
    return 0;
  }
  std::cout << fmt::format(
      "Secretary:   {:>6} calls  ${:.4f}\nSpecialists: {:>6} runs   ${:.4f}\nTogether:                  "
      "${:.4f}\n"
      "Had the secretary's calls been made on {} (${:.2f} and ${:.2f} per million tokens): ${:.4f}\n"
      "Saved: ${:.4f}{}\n",
      turns, secretary, runs, specialist, total, model.empty() ? "an Opus model" : model, price.input,
      price.output, instead, saved, instead > 0 ? fmt::format(" ({:.0f} %)", 100 * saved / instead) : "");
  std::cout
      << "An estimate: the same tokens at the other model's list price, cached ones at its cache prices.\n";
  return 0;
}

}  // namespace bot::cli
