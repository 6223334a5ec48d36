#include "bot/runs/answer_text.h"
#include "bot/runs/further_tasks.h"
#include "bot/runs/repair_buttons.h"
#include "bot/texts/buttons.h"
#include "bot/texts/tasks.h"
#include "bot/texts/tools.h"
#include "bot/tools/made_calls.h"
#include "bot/turns/turn.h"

namespace bot::turns {
namespace {

std::string question_text(const router::Proposal& proposal, texts::OthersWords others) {
  return texts::confirm_task({.what = proposal.description.empty() ? proposal.slug : proposal.description,
                              .project = proposal.slug,
                              .is_new = proposal.action == store::DispatchAction::run,
                              .others = others,
                              .task = proposal.prompt});
}

}  // namespace

std::vector<store::Button> Turn::answer_buttons(store::DecisionId id, const router::Decision& decision) {
  auto buttons = runs::thumbs(services_, conversation_, id);
  const auto rule =
      services_.policy()->routing.rule(conversation_.section, conversation_.chat_id, person_.user_id);
  const bool may_be_given = !rule || rule->rule != router::RoutingPolicy::Rule::always_answer;
  if (decision.offer_specialist || (!buttons.empty() && may_be_given)) {
    buttons.insert(buttons.begin(), {store::ButtonKind::give, id.value, texts::kGive});
  }
  return buttons;
}

std::string Turn::words_of(const router::Secretary::Answer& answer) {
  const bool is_before = tools_ && tools_->asks_person();
  if (is_before && answer.text.empty()) {
    return {};  // the question says it all
  }
  auto text = runs::answer_text(answer);
  if (tools_ && tools_->brought_foreign_text()) {  // as each result of a tool's server does
    text += tools::told_of_doubts(db_, message_.id);
  }
  return is_before ? texts::said_before_answer(text) : text;
}

void Turn::post_words(const std::string& text, const std::vector<store::Button>& buttons) {
  if (text.empty()) {
    return;
  }
  const auto message =
      outbox_.post(conversation_, {text, buttons, message_.external_id}, services_.clock.now());
  if (tools_) {
    tools_->answered_with(message);
  }
}

void Turn::carry_out(Proposed& proposed) {
  const auto& text = proposed.text;
  const auto& proposal = proposed.proposal;
  const auto& further = proposed.further;
  const auto& decision = proposed.decision;
  const auto now = services_.clock.now();
  if (decision.action != router::Decision::Action::answer &&
      refuse_over_budget(decision.p, proposed.logged_proposal())) {
    return;
  }
  auto logged = record(decision, proposed.logged_proposal());
  if (proposed.was_cut_off && decision.action == router::Decision::Action::answer) {
    logged.cause = std::string("rule:") + kModelRefusedRule;
    logged.outcome = store::DecisionOutcome::failed;
  }
  const auto before = log_.last_decision(conversation_.id, person_.id);
  const auto id = log_decision(logged, decision.thresholds);
  proposed.routing->keep(id, decision, now);
  if (!schedule_of(message_)) {  // what comes again by a schedule says nothing of the answer before
    note_reask(before, *proposed.routing);
  }
  switch (decision.action) {
    case router::Decision::Action::answer:
      post_words(text, answer_buttons(id, decision));
      break;
    case router::Decision::Action::ask:
      outbox_.post(
          conversation_,
          {runs::with_further((proposed.speaks_of_failure ? text + "\n\n" : std::string()) +
                                  question_text(*proposal, proposed.routing->others_words()),
                              further),
           {{store::ButtonKind::yes, id.value, texts::kYes}, {store::ButtonKind::no, id.value, texts::kNo}},
           message_.external_id},
          now);
      store::JobQueue(db_).enqueue(runtime::kQuestionJob, id.value, id.value, now,
                                   {.not_before = now + services_.settings.dispatch.question_timeout});
      break;
    case router::Decision::Action::dispatch:
      desk_.order(
          conversation_, person_, id, *proposal,
          proposed.made_up ? runs::DispatchDesk::SlugOrigin::made_up : runs::DispatchDesk::SlugOrigin::named,
          text, message_.external_id);
      break;
  }
}

}  // namespace bot::turns
