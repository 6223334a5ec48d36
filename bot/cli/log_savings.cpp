#include <algorithm>
#include <iostream>
#include <map>
#include <set>

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
  std::string model;  ///< the configured one, or the dearest that a specialist used and whose price is known
  dispatch::TokenPrice price;
  double instead_usd = 0;
  std::vector<std::string> unpriced;  ///< models that were counted as free
  std::int64_t unpriced_calls = 0;
  std::set<store::PersonId> people;  ///< of a day

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

/// Model and prices that the configuration gives the usual specialist; empty and zero where it gives none.
struct Configured {
  std::string model;
  dispatch::TokenPrice price;
};

Configured configured_specialist(runtime::ShellSettings& settings) {
  auto section = settings.specialists.child(settings.dispatch.specialist);
  return {section.string("model", ""),
          {section.number("usd_per_million_input", 0, 0, 1e6),
           section.number("usd_per_million_output", 0, 0, 1e6)}};
}

dispatch::TokenPrice price_of(const Configured& configured, const std::string& model) {
  if (configured.price.input > 0 || configured.price.output > 0) {
    return configured.price;
  }
  const auto listed = dispatch::price_of(model);
  return listed.output > 0 ? listed : dispatch::price_of("opus");
}

Savings savings_of(const std::vector<store::CostRow>& costs, const Configured& configured) {
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
  if (!configured.model.empty()) {
    savings.model = configured.model;
  }
  savings.price = price_of(configured, savings.model);
  savings.instead_usd = instead_of(costs, savings.price);
  return savings;
}

std::string day_of(base::Timestamp at) {
  return base::format_minute(at, "").substr(0, std::string_view("2026-01-01").size());
}

/// The same for each day of the operator's machine, oldest first, at the prices of the whole time.
std::map<std::string, Savings> by_day(const std::vector<store::TimedCosts>& costs, const Savings& all,
                                      const Configured& configured) {
  std::map<std::string, std::vector<store::CostRow>> of_day;
  for (const auto& [at, cost] : costs) {
    of_day[day_of(at)].push_back(cost);
  }
  std::map<std::string, Savings> days;
  for (const auto& [day, paid] : of_day) {
    auto& savings = days[day] = savings_of(paid, configured);
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
                    {"people", of.people.size()},
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
    std::cout << fmt::format("\n{:<12}{:>8}{:>12}{:>13}{:>12}{:>12}{:>12}\n", "day", "people", "secretary",
                             "specialists", "total", "all on it", "saved");
    const auto digits = [](double usd) { return base::format_usd_closely(usd).substr(1); };
    for (const auto& [day, of] : days) {
      std::cout << fmt::format("{:<12}{:>8}{:>12}{:>13}{:>12}{:>12}{:>12}\n", day, of.people.size(),
                               digits(of.secretary_usd), digits(of.specialist_usd), digits(of.total_usd()),
                               digits(of.instead_usd), digits(of.saved_usd()));
    }
    std::cout << '\n';
  }
  std::cout << fmt::format(
      "An estimate at that model's prices: ${:.2f} in and ${:.2f} out per million tokens.\n", s.price.input,
      s.price.output);
}

}  // namespace

int show_savings(const LogOptions& options) {
  OpenLog log(options);
  const auto since = filter_of(options, 0).since;
  const auto configured = configured_specialist(log.settings);
  const auto savings = savings_of(log.view.costs_since(since), configured);
  auto days = by_day(log.view.costs_by_time(since), savings, configured);
  for (const auto& [at, person] : log.view.people_by_time(since)) {
    days[day_of(at)].people.insert(person);
  }
  options.json ? print_json(savings, days) : print_text(savings, days);
  return 0;
}

}  // namespace bot::cli
