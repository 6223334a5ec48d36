#include <iostream>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/money.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/log_reading.h"
#include "bot/reporting/savings.h"

namespace bot::cli {
namespace {

using nlohmann::json;
using reporting::Savings;

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
  const auto [savings, days] = reporting::savings_since(
      log.db, filter_of(options, 0, log.settings.timezone).since,
      reporting::price_of_specialist(log.settings.specialists, log.settings.dispatch.specialist),
      log.settings.timezone);
  options.json ? print_json(savings, days) : print_text(savings, days);
  return 0;
}

}  // namespace bot::cli
