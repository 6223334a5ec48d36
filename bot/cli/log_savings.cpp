#include <algorithm>
#include <iostream>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/money.h"
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

/// What it would have cost had the specialist's model, at that price, answered everything.
double instead_of(const std::vector<store::CostRow>& costs, const dispatch::TokenPrice& price) {
  double usd = 0;
  for (const auto& cost : costs) {
    dispatch::Tokens tokens;
    tokens.input = cost.input_tokens;
    tokens.cache_read = cost.cache_read_tokens;
    tokens.cache_write = cost.cache_write_tokens;
    tokens.output = cost.output_tokens;
    usd += cost.purpose == store::Purpose::specialist ? cost.usd : price.usd(tokens);
  }
  return usd;
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
  savings.instead_usd = instead_of(costs, savings.price);
  return savings;
}

/// The same for each day of the operator's machine, oldest first, at the prices of the whole time.
std::map<std::string, Savings> by_day(const std::vector<store::TimedCosts>& costs, const Savings& all) {
  std::map<std::string, std::vector<store::CostRow>> of_day;
  for (const auto& [at, cost] : costs) {
    of_day[base::format_minute(at, "").substr(0, std::string_view("2026-01-01").size())].push_back(cost);
  }
  std::map<std::string, Savings> days;
  for (const auto& [day, paid] : of_day) {
    auto& savings = days[day] = savings_of(paid);
    savings.model = all.model;
    savings.price = all.price;
    savings.instead_usd = instead_of(paid, all.price);
  }
  return days;
}

void print_json(const Savings& s, const std::map<std::string, Savings>& days) {
  auto list = json::array();
  for (const auto& [day, of] : days) {
    list.push_back({{"day", day},
                    {"secretary_usd", of.secretary_usd},
                    {"specialist_usd", of.specialist_usd},
                    {"total_usd", of.total_usd()},
                    {"every_turn_on_specialist_usd", of.instead_usd},
                    {"saved_usd", of.saved_usd()}});
  }
  std::cout << base::dump_json({{"days", list},
                                {"secretary_calls", s.calls},
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

void print_text(const Savings& s, const std::map<std::string, Savings>& days) {
  const auto line = [](const std::string& what, double usd, const std::string& more = {}) {
    std::cout << fmt::format("{:<26} {}{}\n", what, base::format_usd_closely(usd), more);
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
  if (days.size() > 1) {
    std::cout << fmt::format("\n{:<12}{:>12}{:>13}{:>12}{:>12}{:>12}\n", "day", "secretary", "specialists",
                             "total", "all on it", "saved");
    const auto digits = [](double usd) { return base::format_usd_closely(usd).substr(1); };
    for (const auto& [day, of] : days) {
      std::cout << fmt::format("{:<12}{:>12}{:>13}{:>12}{:>12}{:>12}\n", day, digits(of.secretary_usd),
                               digits(of.specialist_usd), digits(of.total_usd()), digits(of.instead_usd),
                               digits(of.saved_usd()));
    }
    std::cout << '\n';
  }
  std::cout << fmt::format(
      "An estimate at that model's list prices: ${:.2f} in and ${:.2f} out per million tokens.\n",
      s.price.input, s.price.output);
}

}  // namespace

int show_savings(const LogOptions& options) {
  OpenLog log(options);
  const auto since = filter_of(options, 0).since;
  const auto savings = savings_of(log.view.costs_since(since));
  const auto days = by_day(log.view.costs_by_time(since), savings);
  options.json ? print_json(savings, days) : print_text(savings, days);
  return 0;
}

}  // namespace bot::cli
