#include "store/spending.h"

#include <algorithm>
#include <map>
#include <memory>

#include <nlohmann/json.hpp>

#include "base/guarded.h"
#include "base/json.h"
#include "bot/console/query.h"
#include "bot/console/routing.h"
#include "bot/reporting/savings.h"
#include "bot/runs/budget.h"
#include "store/ledger.h"

namespace bot::console {
namespace {

using nlohmann::json;

/// Of each kind; who costs less than these is in no list.
constexpr int kMostOfAKind = 200;

/// A limit as the configuration has it, and as it was raised to until midnight.
struct Limit {
  std::optional<double> today = {};
  std::optional<double> month = {};
};

json limit_json(const char* kind, const std::string& scope, const std::string& name,
                const store::Spent& spent, const Limit& limit) {
  const auto or_null = [](const std::optional<double>& usd) { return usd ? json(*usd) : json(nullptr); };
  std::optional<double> share;
  const auto consider = [&](double usd, const std::optional<double>& most) {
    if (most) {
      share = std::max(share.value_or(0), *most > 0 ? usd / *most : 1.0);
    }
  };
  consider(spent.today, limit.today);
  consider(spent.month, limit.month);
  return {{"kind", kind},
          {"scope", scope},
          {"name", name},
          {"today", spent.today},
          {"today_limit", or_null(limit.today)},
          {"month", spent.month},
          {"month_limit", or_null(limit.month)},
          {"share", or_null(share)}};
}

/// What is in force of a configured limit.
std::optional<double> in_force(const std::optional<double>& usd, store::Ledger& ledger,
                               const std::string& budget, base::Timestamp now) {
  return usd ? std::optional(std::max(*usd, ledger.raised_to(budget, now).value_or(0))) : std::nullopt;
}

/// The chats, those with a limit of their own even if they have spent nothing.
void add_chats(json& limits, const Call& call, store::Spending& spending, store::Ledger& ledger) {
  const auto budget = call.services.policy()->budget;
  const auto now = call.services.clock.now();
  auto chats = spending.by_chat(kMostOfAKind);
  for (const auto& configured : budget.chat_usd_per_day) {
    const auto& chat = configured.first;
    if (std::none_of(chats.begin(), chats.end(), [&](const auto& of) { return of.name == chat; })) {
      chats.push_back({chat, spending.of_chat(chat)});
    }
  }
  for (const auto& of : chats) {
    const auto found = budget.chat_usd_per_day.find(of.name);
    const auto usd = found == budget.chat_usd_per_day.end() ? std::nullopt : std::optional(found->second);
    limits.push_back(limit_json("chat", "chat " + of.name, of.name, of.spent,
                                {in_force(usd, ledger, runs::chat_budget_name(of.name), now), {}}));
  }
}

base::HttpResponse get_budgets(const Call& call) {
  allow_only(call.request, {});
  const auto budget = call.services.policy()->budget;
  const auto& zone = call.services.settings.secretary.timezone;
  const auto now = call.services.clock.now();
  store::Spending spending(call.db, base::start_of_day(now, zone), runs::start_of_month(now, zone));
  store::Ledger ledger(call.db);
  auto limits = json::array();
  auto all = spending.all();
  const double running = call.services.runs.unbooked();
  all.today += running;
  all.month += running;
  limits.push_back(limit_json("global", "global", "", all,
                              {in_force(budget.usd_per_day, ledger, "day", now),
                               in_force(budget.usd_per_month, ledger, "month", now)}));
  for (auto& of : spending.by_person(kMostOfAKind)) {
    const double running_of_person = call.services.runs.unbooked(of.id);
    of.spent.today += running_of_person;
    of.spent.month += running_of_person;
    limits.push_back(
        limit_json("person", "user " + of.person, of.name, of.spent,
                   {in_force(budget.usd_per_user_per_day, ledger, runs::user_budget_name(of.id), now), {}}));
  }
  add_chats(limits, call, spending, ledger);
  for (const auto& of : spending.by_project(kMostOfAKind)) {
    limits.push_back(limit_json("project", "project " + of.name, of.name, of.spent, {}));
  }
  return base::HttpResponse::json(
      base::dump_json({{"timezone", zone},
                       {"limits", limits},
                       {"most_of_a_kind", kMostOfAKind},
                       {"run_limit", budget.usd_per_run ? json(*budget.usd_per_run) : json(nullptr)},
                       {"stops_secretary", budget.stops_secretary}}));
}

struct Turns {
  int turns = 0, dispatched = 0;
};

json savings_json(const reporting::Savings& savings, const Turns& turns) {
  return {{"actual", savings.total_usd()},
          {"all_strong", savings.instead_usd},
          {"saved", savings.saved_usd()},
          {"secretary", savings.secretary_usd},
          {"specialist", savings.specialist_usd},
          {"people", savings.people.size()},
          {"turns", turns.turns},
          {"dispatched", turns.dispatched}};
}

base::HttpResponse get_savings(const Call& call, const reporting::SpecialistPrice& price) {
  allow_only(call.request, {"days"});
  const auto& zone = call.services.settings.secretary.timezone;
  // Whole days: today and those before it.
  const auto days = days_of(call.request);
  const auto since =
      base::start_of_day(call.services.clock.now() - std::chrono::hours(24) * (days - 1), zone);
  const auto savings = reporting::savings_since(call.db, since, price, zone);
  std::map<std::string, Turns> turns;
  Turns total;
  for (const auto& timed : store::turns_by_time(call.db, since)) {
    auto& of_day = turns[reporting::day_of(timed.at, zone)];
    of_day.turns += timed.turns;
    of_day.dispatched += timed.dispatched;
    total.turns += timed.turns;
    total.dispatched += timed.dispatched;
  }
  auto list = json::array();
  for (const auto& [day, of] : savings.days) {
    list.push_back(savings_json(of, turns[day]));
    list.back()["day"] = day;
  }
  const auto or_null = [](const std::string& text) { return text.empty() ? json(nullptr) : json(text); };
  auto all = savings_json(savings.all, total);
  all.erase("people");
  all["unpriced_calls"] = savings.all.unpriced_calls;
  all["unpriced_models"] = savings.all.unpriced;
  return base::HttpResponse::json(base::dump_json({{"days", list},
                                                   {"total", all},
                                                   {"timezone", zone},
                                                   {"model", or_null(call.services.settings.secretary.model)},
                                                   {"specialist_model", or_null(savings.all.model)},
                                                   {"usd_per_million_input", savings.all.price.input},
                                                   {"usd_per_million_output", savings.all.price.output}}));
}

}  // namespace

std::vector<Route> spending_routes() {
  // A section of the configuration is read by one thread at a time.
  const auto price = std::make_shared<base::Guarded<std::optional<reporting::SpecialistPrice>>>();
  return {{"GET", "/budgets", Role::viewer, get_budgets},
          {"GET", "/savings", Role::viewer, [price](const Call& call) {
             const auto of_specialist = price->with([&](auto& known) {
               if (!known) {
                 known = reporting::price_of_specialist(call.services.settings.specialists,
                                                        call.services.settings.dispatch.specialist);
               }
               return *known;
             });
             return get_savings(call, of_specialist);
           }}};
}

}  // namespace bot::console
