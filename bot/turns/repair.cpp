#include <algorithm>
#include <chrono>

#include "bot/runs/repair_buttons.h"
#include "bot/texts/approvals.h"
#include "bot/turns/turn.h"
#include "router/scoring/rephrasing.h"
#include "store/routing_log.h"

namespace bot::turns {
namespace {

/// What follows an answer within so long may be about it.
constexpr std::chrono::minutes kSoon{10};
/// Whoever stops a run within so long did not want it.
constexpr std::chrono::seconds kAtOnce{30};
/// "/dispatch do that" is about what was said before.
constexpr std::size_t kPointsBack = 4;

/// Whether the kind and the row say all that a click on it does.
bool is_told_by_ref(store::ButtonKind kind) {
  using Kind = store::ButtonKind;
  return kind == Kind::give || kind == Kind::just_answer || kind == Kind::cancel || kind == Kind::good ||
         kind == Kind::bad;
}

}  // namespace

bool Turn::is_offered(const store::Conversations::FoundButton& found) {
  const auto& button = found.button;
  return found.shown || (is_told_by_ref(button.kind) &&
                         conversations_.message_with_button(button.kind, button.ref) == found.message);
}

void Turn::label(store::DecisionId decision, store::Verdict verdict, store::VerdictSource source) {
  store::RoutingLog(db_).add(
      {log_.asked(decision).id, verdict, {}, person_.id, services_.clock.now(), source, message_.id});
}

bool Turn::stop_for_answer(const store::DispatchRecord& dispatch) {
  const auto said = store::RoutingLog(db_).verdicts(log_.asked(dispatch.decision).id);
  const bool pressed = std::any_of(said.begin(), said.end(), [](const store::VerdictRecord& verdict) {
    return verdict.verdict == store::Verdict::should_answer && verdict.source == store::VerdictSource::button;
  });
  store::Transaction transaction(db_, services_.notifier);
  if (pressed || !desk_.request_stop(dispatch, person_.id)) {
    return false;
  }
  label(dispatch.decision, store::Verdict::should_answer, store::VerdictSource::button);
  transaction.commit();
  return true;
}

void Turn::on_just_answer_button(store::DispatchId dispatch, bool shown, std::stop_token stop) {
  const auto record = log_.dispatch(dispatch);
  const auto asked = log_.asked(record.decision);
  // After its own verdict the program ended before it had answered.
  if (!store::RoutingLog(db_).has_verdict_by(message_.id)) {
    if (const auto refused = permissions_.refusal_to_stop(person_, record.person, conversation_)) {
      settle_with_text(*refused);
      return;
    }
    if (!shown || !stop_for_answer(record)) {
      settle_with_text(texts::kOldButton);
      return;
    }
  }
  services_.runs.stop(dispatch);
  Draft draft(services_, db_, conversation_, message_, {job_.ref});
  const auto own = own_answer(asked.message, draft, std::move(stop));
  const bool done = settle([&] {
    const bool answered = own.outcome == store::DecisionOutcome::declined;
    const auto id = log_rule({.name = answered ? "answer-command" : own.rule,
                              .p = asked.p,
                              .reason = answered ? "the sender pressed Just answer" : own.reason,
                              .outcome = answered ? std::nullopt : std::optional(own.outcome)});
    post_words(own.text, runs::thumbs(services_, conversation_, id));
  });
  if (done) {
    draft.leave();
  }
}

void Turn::on_thumb_button(const store::Conversations::FoundButton& found) {
  const store::DecisionId decision{found.button.ref};
  if (const auto refused = permissions_.refusal_to_judge(person_, log_.decision(decision).person)) {
    settle_with_text(*refused);
    return;
  }
  settle([&] {
    label(decision,
          found.button.kind == store::ButtonKind::good ? store::Verdict::right : store::Verdict::bad_result,
          store::VerdictSource::button);
    auto buttons = conversations_.buttons(found.message);
    std::erase_if(buttons, [](const store::Button& button) {
      return button.kind == store::ButtonKind::good || button.kind == store::ButtonKind::bad;
    });
    outbox_.edit(found.message, conversations_.message(found.message).text, buttons, services_.clock.now());
  });
}

std::optional<store::DecisionRecord> Turn::answered_just_now(
    const std::optional<store::DecisionRecord>& last) {
  if (!last || last->action != store::DecisionAction::answer || last->outcome || last->follows ||
      !store::RoutingLog(db_).judgement(last->id) ||
      message_.created - conversations_.message(last->message).created > kSoon) {
    return std::nullopt;
  }
  return last;
}

void Turn::note_reask(const std::optional<store::DecisionRecord>& before, const TurnRouting& now) {
  const auto answered = answered_just_now(before);
  if (answered && router::is_rephrasing(now.own_text(), conversations_.message(answered->message).text)) {
    label(answered->id, store::Verdict::should_dispatch, store::VerdictSource::reask);
  }
}

void Turn::note_demand_after_answer(const std::string& demanded) {
  const auto answered = answered_just_now(log_.last_decision(conversation_.id, person_.id));
  if (answered && (router::word_count(demanded) <= kPointsBack ||
                   router::is_rephrasing(demanded, conversations_.message(answered->message).text))) {
    label(answered->id, store::Verdict::should_dispatch, store::VerdictSource::command);
  }
}

void Turn::note_early_cancel(const store::DispatchRecord& dispatch) {
  if (dispatch.person == person_.id && services_.clock.now() - dispatch.created <= kAtOnce) {
    label(dispatch.decision, store::Verdict::should_answer, store::VerdictSource::cancelled);
  }
}

}  // namespace bot::turns
