#include "bot/access/person_name.h"
#include "bot/texts/approvals.h"
#include "bot/texts/buttons.h"
#include "bot/turns/turn.h"

namespace bot::turns {

void Turn::demand_budget() {
  book_rest();
  if (auto used_up = budgets().used_up_for_secretary()) {
    throw OverBudget{*std::move(used_up)};
  }
}

bool Turn::refuse_over_budget(double p, const std::string& proposal,
                              std::optional<store::DecisionId> follows) {
  book(std::nullopt);
  const auto used_up = budgets().used_up();
  if (used_up) {
    post_over_budget(texts::not_dispatched(*used_up), p, proposal, follows);
  }
  return used_up.has_value();
}

void Turn::say_over_budget(const texts::UsedUp& budget, double p, const std::string& proposal) {
  const bool was_told =
      log_.was_over_budget(conversation_.id, person_.id, budgets().since(budget), budget.key);
  post_over_budget(was_told ? texts::kStillUsedUp : texts::not_answered(budget), p, proposal, {});
}

void Turn::post_over_budget(const std::string& text, double p, const std::string& proposal,
                            std::optional<store::DecisionId> follows) {
  const auto id = log_rule({.name = "budget",
                            .p = p,
                            .reason = text,
                            .proposal = proposal,
                            .outcome = store::DecisionOutcome::over_budget,
                            .follows = follows});
  store::Post post{text + made_before_failure(), {}, message_.external_id};
  if (text != texts::kStillUsedUp && permissions_.is_approver(person_) && budgets().can_be_raised()) {
    post.buttons.push_back({store::ButtonKind::raise, id.value, texts::kRaise});
  }
  outbox_.post(conversation_, post, services_.clock.now());
}

void Turn::on_raise_button(store::DecisionId stopped) {
  if (const auto refused = permissions_.refusal_to_raise(person_)) {
    settle_with_text(*refused);
    return;
  }
  settle([&] {
    const auto now = services_.clock.now();
    const auto decision = log_.decision(stopped);
    std::string text;
    for (const auto& budget :
         runs::Budgets(services_, db_, decision.person, conversation_).raise(person_.id)) {
      text += texts::raised(budget) + " ";
    }
    if (const auto shown = conversations_.message_with_button(store::ButtonKind::raise, stopped.value)) {
      outbox_.edit(*shown,
                   text.empty() ? conversations_.message(*shown).text
                                : texts::with_answer(conversations_.message(*shown).text,
                                                     texts::raised_by(access::name_in_markdown(person_))),
                   {}, now);
    }
    outbox_.post(conversation_,
                 {text.empty() ? texts::kOldButton : text + texts::kSendAgain, {}, message_.external_id},
                 now);
  });
}

}  // namespace bot::turns
