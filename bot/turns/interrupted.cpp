#include "base/log.h"
#include "bot/runtime/calibration.h"
#include "bot/texts/approvals.h"
#include "bot/texts/errors.h"
#include "bot/texts/results.h"
#include "bot/turns/turn.h"
#include "router/scoring/judgement.h"

namespace bot::turns {

void Turn::give_up(const std::string& rule, const std::string& reason, const store::Post& said) {
  base::log_error("message {} could not be answered; giving up: {}", message_.id.value, reason);
  settle([&] {
    if (!message_.button) {
      log_rule({.name = rule, .p = p_unread(), .reason = reason, .outcome = store::DecisionOutcome::failed});
    }
    auto post = said;
    post.text += made_before_failure();
    outbox_.post(conversation_, post, services_.clock.now());
  });
}

double Turn::p_unread() {
  return router::judge({}, std::nullopt, router::Scorer::built_in(), runtime::calibration_in_force(db_),
                       conversation_.section + ":" + conversation_.chat_id)
      .p;
}

void Turn::on_interrupted_button(const store::Conversations::FoundButton& found) {
  const store::MessageId message{found.button.ref};
  const bool of_task = conversations_.message(found.message).dispatch.has_value();
  if (found.button.kind == store::ButtonKind::drop) {
    of_task ? on_drop_task_button(found) : on_drop_button(message, found.message);
  } else if (of_task) {
    on_again_button(found);  // of one that failed
  } else {
    on_retry_button(message, found.message);
  }
}

void Turn::on_drop_button(store::MessageId dropped, store::MessageId shown) {
  const auto message = conversations_.message(dropped);
  if (const auto refused = permissions_.refusal_to_stop(person_, message.person.value(), conversation_)) {
    settle_with_text(*refused);
    return;
  }
  settle([&] {
    const auto now = services_.clock.now();
    // Whoever is at it loses its claim, and with that all that it would have written.
    if (!store::JobQueue(db_).drop(runtime::kTurnJob, dropped.value) &&
        !store::JobQueue(db_).drop(runtime::kQuickTurnJob, dropped.value)) {
      outbox_.edit(shown, conversations_.message(shown).text, {}, now);
      return;
    }
    router::Decision decision;
    decision.p = p_unread();
    decision.thresholds = thresholds();
    decision.cause = "rule:dropped";
    decision.reason = "the sender dropped it after many interruptions";
    auto declined = record(decision, {});
    declined.message = dropped;
    declined.outcome = store::DecisionOutcome::declined;
    log_unjudged(declined, decision.thresholds);
    outbox_.edit(shown, texts::kLeftUnanswered, {}, now);
  });
}

void Turn::on_drop_task_button(const store::Conversations::FoundButton& found) {
  const auto orderer = log_.dispatch({found.button.ref}).person;
  if (const auto refused = permissions_.refusal_to_stop(person_, orderer, conversation_)) {
    settle_with_text(*refused);
    return;
  }
  settle([&] {
    const auto shown = conversations_.message(found.message).text;
    outbox_.edit(found.message, texts::with_answer(shown, texts::kNotContinued), {}, services_.clock.now());
  });
}

void Turn::on_retry_button(store::MessageId given_up, store::MessageId shown) {
  const auto message = conversations_.message(given_up);
  if (const auto refused =
          permissions_.refusal_to_stop(person_, message.person.value_or(person_.id), conversation_)) {
    settle_with_text(*refused);
    return;
  }
  settle([&] {
    const auto now = services_.clock.now();
    outbox_.edit(shown, texts::kTryingAgain, {}, now);
    if (message.author == store::Author::assistant) {
      outbox_.revive(given_up, now);
    } else {
      store::JobQueue(db_).enqueue(runtime::kTurnJob, conversation_.id.value, given_up.value, now,
                                   {.owner = message.person.value_or(person_.id).value});
    }
  });
}

}  // namespace bot::turns
