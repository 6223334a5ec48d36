#include "bot/runs/budget_alerts.h"

#include <algorithm>
#include <map>

#include "base/log.h"
#include "bot/access/admins_chats.h"
#include "bot/access/person_name.h"
#include "bot/runs/budget.h"
#include "bot/texts/budget.h"
#include "store/outbox.h"

namespace bot::runs {
namespace {

/// What a budget is called where it is told to the admins.
std::string called(const store::BudgetAlert& alert, store::Database& db, store::PersonId person,
                   const store::Conversation& conversation) {
  if (alert.budget == "day") {
    return texts::day_budget(alert.usd);
  }
  if (alert.budget == "month") {
    return texts::month_budget(alert.usd);
  }
  return alert.budget.starts_with("user ")
             ? texts::budget_of_person(access::name_in_markdown(store::People(db).get(person)), alert.usd)
             : texts::budget_of_chat(conversation.section + ":" + conversation.room, alert.usd);
}

}  // namespace

void tell_spent_shares(runtime::Services& services, store::Database& db, store::PersonId person,
                       const store::Conversation& conversation) {
  try {
    const auto alerts = Budgets(services, db, person, conversation).alerts();
    if (alerts.empty()) {
      return;
    }
    const auto now = services.clock.now();
    store::Transaction transaction(db, services.notifier);
    std::map<std::string, Budgets::Alert> largest;
    for (const auto& alert : alerts) {
      if (store::Ledger(db).note_alert(alert.reached, now)) {
        auto& most = largest.try_emplace(alert.reached.budget, alert).first->second;
        most = alert.reached.share >= most.reached.share ? alert : most;
      }
    }
    std::vector<std::string> told;
    for (const auto& [budget, alert] : largest) {
      told.push_back(texts::budget_alert(called(alert.reached, db, person, conversation), alert.reached.share,
                                         alert.reached.spent, alert.key));
    }
    for (const auto& chat :
         told.empty() ? std::vector<store::Conversation>() : access::admins_chats(services, db)) {
      for (const auto& text : told) {
        store::Outbox(db).post(chat, {text, {}, {}}, now);
      }
    }
    transaction.commit();
    for (const auto& text : told) {
      base::log_warning("{}", text);
    }
  } catch (const std::exception& e) {
    base::log_error("what is spent of the budgets cannot be told now: {}", e.what());
  }
}

}  // namespace bot::runs
