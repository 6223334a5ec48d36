#include "bot/reporting/savings.h"

#include <algorithm>
#include <string_view>

namespace bot::reporting {
namespace {

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

dispatch::TokenPrice price_of(const SpecialistPrice& configured, const std::string& model) {
  if (configured.price.input > 0 || configured.price.output > 0) {
    return configured.price;
  }
  const auto listed = dispatch::price_of(model);
  return listed.output > 0 ? listed : dispatch::price_of("opus");
}

Savings savings_of(const std::vector<store::CostRow>& costs, const SpecialistPrice& configured) {
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

/// The same for each day, at the prices of the whole time.
std::map<std::string, Savings> by_day(const std::vector<store::TimedCosts>& costs, const Savings& all,
                                      const SpecialistPrice& configured, const std::string& zone) {
  std::map<std::string, std::vector<store::CostRow>> of_day;
  for (const auto& [at, cost] : costs) {
    of_day[day_of(at, zone)].push_back(cost);
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

}  // namespace

std::string day_of(base::Timestamp at, const std::string& zone) {
  return base::format_minute(at, zone).substr(0, std::string_view("2026-01-01").size());
}

SpecialistPrice price_of_specialist(config::Section specialists, const std::string& usual) {
  auto section = specialists.child(usual);
  return {section.string("model", ""),
          {section.number("usd_per_million_input", 0, 0, 1e6),
           section.number("usd_per_million_output", 0, 0, 1e6)}};
}

SavingsByDay savings_since(store::Database& db, std::optional<base::Timestamp> since,
                           const SpecialistPrice& configured, const std::string& zone) {
  store::LogView view(db);
  SavingsByDay result{savings_of(view.costs_since(since), configured), {}};
  result.days = by_day(view.costs_by_time(since), result.all, configured, zone);
  for (const auto& [at, person] : view.people_by_time(since)) {
    result.days[day_of(at, zone)].people.insert(person);
  }
  return result;
}

}  // namespace bot::reporting
