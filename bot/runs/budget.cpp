#include "bot/runs/budget.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/clock.h"

namespace bot::runs {
namespace {

constexpr double kSmallestLimit = 0.0001;
constexpr double kDaysOfMonth = 30;

}  // namespace

base::Timestamp start_of_month(base::Timestamp now, const std::string& zone) {
  auto day = base::start_of_day(now, zone);
  while (base::local_time(day, zone).day != 1) {
    day = base::start_of_day(day - std::chrono::hours(1), zone);
  }
  return day;
}

std::string user_budget_name(store::PersonId person) {
  return fmt::format("user {}", person.value);
}

std::string chat_budget_name(const std::string& chat) {
  return "chat " + chat;
}

Budgets::Budgets(runtime::Services& services, store::Database& db, store::PersonId person,
                 store::Conversation conversation)
    : services_(services),
      db_(db),
      person_(person),
      conversation_(std::move(conversation)),
      zone_(services.settings.secretary.timezone) {}

std::vector<Budgets::Limit> Budgets::limits() {
  const auto policy = services_.policy();
  const auto& budget = policy->budget;
  if (!budget.usd_per_day && !budget.usd_per_user_per_day && budget.chat_usd_per_day.empty() &&
      !budget.usd_per_month) {
    return {};
  }
  const auto now = services_.clock.now();
  const auto today = base::start_of_day(now, zone_);
  store::Ledger ledger(db_);
  std::vector<Limit> limits;
  if (const auto usd = budget.usd_per_day) {
    limits.push_back({"day", "budget.usd_per_day", texts::day_budget, *usd, *usd, ledger.spent_since(today),
                      services_.runs.unbooked(), today});
  }
  if (const auto usd = budget.usd_per_user_per_day) {
    limits.push_back({user_budget_name(person_), "budget.usd_per_user_per_day", texts::own_budget, *usd, *usd,
                      ledger.spent_since(today, person_), services_.runs.unbooked(person_), today});
  }
  const auto chat = conversation_.section + ":" + conversation_.room;
  if (const auto found = budget.chat_usd_per_day.find(chat); found != budget.chat_usd_per_day.end()) {
    limits.push_back({chat_budget_name(chat), fmt::format("budget.chat.\"{}\".usd_per_day", chat),
                      texts::chat_budget, found->second, found->second,
                      ledger.spent_in_since(today, conversation_.section, conversation_.room), 0, today});
  }
  if (const auto usd = budget.usd_per_month) {
    const auto first = start_of_month(now, zone_);
    limits.push_back({"month", "budget.usd_per_month", texts::month_budget, *usd,
                      std::min(budget.usd_per_day.value_or(*usd), *usd / kDaysOfMonth),
                      ledger.spent_since(first), services_.runs.unbooked(), first, texts::kNextMonth});
  }
  for (auto& limit : limits) {
    limit.usd = std::max(limit.usd, ledger.raised_to(limit.name, now).value_or(0));
  }
  return limits;
}

std::map<std::string, double> left_of_common_budgets(runtime::Services& services, store::Database& db) {
  const auto budget = services.policy()->budget;
  const auto& zone = services.settings.secretary.timezone;
  const auto now = services.clock.now();
  store::Ledger ledger(db);
  std::map<std::string, double> left;
  const auto add = [&](const char* name, std::optional<double> usd, base::Timestamp since) {
    if (usd) {
      left[name] = std::max(*usd, ledger.raised_to(name, now).value_or(0)) - ledger.spent_since(since) -
                   services.runs.unbooked();
    }
  };
  add("day", budget.usd_per_day, base::start_of_day(now, zone));
  add("month", budget.usd_per_month, start_of_month(now, zone));
  return left;
}

std::optional<texts::UsedUp> Budgets::used_up() {
  for (const auto& limit : limits()) {
    if (limit.is_used_up()) {
      return limit.used_up();
    }
  }
  return std::nullopt;
}

std::optional<texts::UsedUp> Budgets::used_up_for_secretary() {
  return services_.policy()->budget.stops_secretary ? used_up() : std::nullopt;
}

std::optional<texts::UsedUp> Budgets::used_up_by_runs() {
  for (const auto& limit : limits()) {
    if (limit.spent + limit.running >= limit.usd) {
      return limit.used_up();
    }
  }
  return std::nullopt;
}

bool Budgets::run_limit_reached(store::DispatchId dispatch) {
  const auto most = services_.policy()->budget.usd_per_run;
  return most && store::Ledger(db_).spent_on(dispatch) >= *most;
}

std::optional<double> Budgets::left() {
  std::optional<double> left;
  for (const auto& limit : limits()) {
    const auto of_this = limit.usd - limit.spent - limit.running;
    left = std::min(left.value_or(of_this), of_this);
  }
  return left;
}

double Budgets::most_for_a_run(store::DispatchId dispatch) {
  auto most = services_.policy()->budget.usd_per_run;
  if (most) {
    *most -= store::Ledger(db_).spent_on(dispatch);
  }
  if (const auto left_now = left()) {
    most = std::min(most.value_or(*left_now), *left_now);
  }
  // A limit that is reached already is still one.
  return most ? std::max(*most, kSmallestLimit) : 0;
}

std::vector<Budgets::Alert> Budgets::alerts() {
  std::vector<Alert> alerts;
  for (const auto& limit : limits()) {
    for (const double share : services_.policy()->budget.alert_at) {
      if (limit.usd > 0 && limit.spent >= share * limit.usd) {
        alerts.push_back({{limit.name, limit.since, share, limit.usd, limit.spent}, limit.key});
      }
    }
  }
  if (!alerts.empty()) {
    const auto told = store::Ledger(db_).alerts_since(start_of_month(services_.clock.now(), zone_));
    std::erase_if(alerts, [&](const Alert& alert) {
      return std::any_of(told.begin(), told.end(), [&](const store::BudgetAlert& earlier) {
        return earlier.budget == alert.reached.budget && earlier.since == alert.reached.since &&
               earlier.share == alert.reached.share;
      });
    });
  }
  return alerts;
}

base::Timestamp Budgets::since(const texts::UsedUp& budget) {
  const auto today = base::start_of_day(services_.clock.now(), zone_);
  return std::max(today, store::Ledger(db_).last_raise(budget.name).value_or(today));
}

bool Budgets::can_be_raised() {
  const auto all = limits();
  return std::all_of(all.begin(), all.end(),
                     [](const Limit& limit) { return !limit.is_used_up() || limit.a_day > 0; });
}

std::vector<std::string> Budgets::raise(store::PersonId by) {
  const auto now = services_.clock.now();
  const auto midnight = base::start_of_day(base::start_of_day(now, zone_) + std::chrono::hours(36), zone_);
  std::vector<std::string> raised;
  for (const auto& limit : limits()) {
    if (limit.is_used_up()) {
      const auto usd = limit.spent + limit.a_day;
      store::Ledger(db_).raise(limit.name, usd, by, now, midnight);
      raised.push_back(limit.called(usd));
    }
  }
  return raised;
}

}  // namespace bot::runs
