#include <algorithm>
#include <iostream>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "dispatch/task/transcript.h"

namespace bot::cli {
namespace {

using nlohmann::json;

/// What was paid, and what the same tokens would have cost had the specialist's model answered everything.
struct Savings {
  double secretary_usd = 0, specialist_usd = 0;
  std::int64_t calls = 0;  ///< of the secretary
  std::int64_t runs = 0;   ///< of specialists
  std::string model;       ///< the dearest one that a specialist used and whose price is known; may be empty
  dispatch::TokenPrice price;
  double instead_usd = 0;
  std::vector<std::string> unpriced;  ///< models that were counted as free
  std::int64_t unpriced_calls = 0;

  double total_usd() const { return secretary_usd + specialist_usd; }
  double saved_usd() const { return instead_usd - total_usd(); }
};

/// Tokens that cost nothing, other than those of the scripted model.
bool is_unpriced(const store::CostRow& cost) {
  const auto tokens =
      cost.input_tokens + cost.cache_read_tokens + cost.cache_write_tokens + cost.output_tokens;
  return cost.usd == 0 && tokens > 0 && cost.model != "demo";
}

Savings savings_of(const std::vector<store::CostRow>& costs) {
  Savings savings;
  double most = -1;
  for (const auto& cost : costs) {
    if (is_unpriced(cost)) {
      savings.unpriced_calls += cost.calls;
      if (std::find(savings.unpriced.begin(), savings.unpriced.end(), cost.model) == savings.unpriced.end()) {
        savings.unpriced.push_back(cost.model);
      }
    }
    if (cost.purpose == store::Purpose::specialist) {
      savings.specialist_usd += cost.usd;
      savings.runs += cost.calls;
      if (cost.usd > most && dispatch::price_of(cost.model).output > 0) {
        most = cost.usd;
        savings.model = cost.model;
      }
    } else {
      savings.secretary_usd += cost.usd;
      savings.calls += cost.calls;
    }
  }
  savings.price = dispatch::price_of(savings.model.empty() ? "opus" : savings.model);
  for (const auto& cost : costs) {
    dispatch::Tokens tokens;
    tokens.input = cost.input_tokens;
    tokens.cache_read = cost.cache_read_tokens;
    tokens.cache_write = cost.cache_write_tokens;
    tokens.output = cost.output_tokens;
    savings.instead_usd += cost.purpose == store::Purpose::specialist ? cost.usd : savings.price.usd(tokens);
  }
  return savings;
}

void print_json(const Savings& s) {
  std::cout << base::dump_json({{"secretary_calls", s.calls},
                                {"secretary_usd", s.secretary_usd},
                                {"specialist_runs", s.runs},
                                {"specialist_usd", s.specialist_usd},
                                {"total_usd", s.total_usd()},
                                {"specialist_model", s.model.empty() ? json(nullptr) : json(s.model)},
                                {"every_turn_on_specialist_usd", s.instead_usd},
                                {"saved_usd", s.saved_usd()},
                                {"unpriced_calls", s.unpriced_calls},
                                {"unpriced_models", s.unpriced}})
            << "\n";
}

void print_text(const Savings& s) {
  const auto line = [](const std::string& what, double usd, const std::string& more = {}) {
    std::cout << fmt::format("{:<26} ${:.4f}{}\n", what, usd, more);
  };
  const auto counted = [](const char* what, std::int64_t n, const char* one, const char* many) {
    return fmt::format("{:<12} {:>6} {}", what, n, n == 1 ? one : many);
  };
  line(counted("Secretary:", s.calls, "call", "calls"), s.secretary_usd);
  line(counted("Specialists:", s.runs, "run", "runs"), s.specialist_usd);
  line("Total:", s.total_usd());
  line(fmt::format("All on {}:", s.model.empty() ? "an Opus model" : s.model), s.instead_usd);
  const bool all_priced = s.unpriced.empty();
  line(
      all_priced ? "Saved:" : "Saved, at most:", s.saved_usd(),
      all_priced && s.instead_usd > 0 ? fmt::format(" ({:.0f} %)", 100 * s.saved_usd() / s.instead_usd) : "");
  if (!all_priced) {
    std::cout << fmt::format(
        "Counted as free, for want of a price: {} of {}. Set usd_per_million_input and usd_per_million_output.\n",
        s.unpriced_calls == 1 ? "1 call" : fmt::format("{} calls", s.unpriced_calls),
        fmt::join(s.unpriced, ", "));
  }
  std::cout << fmt::format(
      "An estimate at that model's list prices: ${:.2f} in and ${:.2f} out per million tokens.\n",
      s.price.input, s.price.output);
}

}  // namespace

int show_savings(const LogOptions& options) {
  OpenLog log(options);
  const auto savings = savings_of(log.view.costs_since(filter_of(options, 0).since));
  options.json ? print_json(savings) : print_text(savings);
  return 0;
}

}  // namespace bot::cli
