#include <algorithm>

#include <fmt/core.h>

#include "base/utf8.h"
#include "bot/access/person_name.h"
#include "bot/messages/enclosures.h"
#include "bot/messages/files_out.h"
#include "bot/runs/approval_desk.h"
#include "bot/runs/repair_buttons.h"
#include "bot/texts/access.h"
#include "bot/texts/approvals.h"
#include "bot/turns/turn.h"
#include "dispatch/project/workspace.h"

namespace bot::turns {
void Turn::on_button(const std::string& id, std::stop_token stop) {
  const auto found = conversations_.find_button(id);
  if (!found || conversations_.message(found->message).conversation != conversation_.id) {
    settle_with_text(texts::kUnknownButton);
    return;
  }
  const auto& button = found->button;
  const bool offered = is_offered(*found);
  if (!offered && button.kind != store::ButtonKind::just_answer &&
      button.kind != store::ButtonKind::do_call) {
    settle_with_text(texts::kOldButton);
    return;
  }
  act_for_owner(*found);
  switch (button.kind) {
    case store::ButtonKind::yes:
    case store::ButtonKind::no:
      return on_yes_no_button(button, stop);
    case store::ButtonKind::give:
      return on_give_button({button.ref});
    case store::ButtonKind::resume:
      return on_again_button(*found);
    case store::ButtonKind::file:
      settle_with_file(messages::FilesOut(services_, db_).offered(conversation_, {button.ref}));
      return;
    case store::ButtonKind::allow:
    case store::ButtonKind::allow_for_task:
    case store::ButtonKind::deny:
    case store::ButtonKind::change:
    case store::ButtonKind::option:
      return on_approval_button(*found);
    case store::ButtonKind::cancel:
      return on_cancel_button({button.ref});
    case store::ButtonKind::raise:
      return on_raise_button({button.ref});
    case store::ButtonKind::just_answer:
      return on_just_answer_button({button.ref}, offered, stop);
    case store::ButtonKind::good:
    case store::ButtonKind::bad:
      return on_thumb_button(*found);
    case store::ButtonKind::snooze:
    case store::ButtonKind::change_reminder:
    case store::ButtonKind::delete_reminder:
      return on_reminder_button(*found);
    case store::ButtonKind::drop:
    case store::ButtonKind::retry:
      return on_interrupted_button(*found);
    case store::ButtonKind::remember:
    case store::ButtonKind::leave:
    case store::ButtonKind::forget:
      return on_note_button(*found);
    case store::ButtonKind::do_call:
    case store::ButtonKind::change_call:
    case store::ButtonKind::refuse_call:
      return on_call_button(button, stop);
  }
}

void Turn::on_yes_no_button(const store::Button& button, std::stop_token stop) {
  const auto question = log_.decision({button.ref});
  if (question.person != person_.id) {
    const auto asked = store::People(db_).get(question.person);
    settle_with_text(texts::only_they_were_asked(access::name_in_markdown(asked)));
    return;
  }
  on_yes_no(question, button.kind == store::ButtonKind::yes ? chat::YesNo::yes : chat::YesNo::no,
            std::move(stop));
}

void Turn::on_cancel_button(store::DispatchId dispatch) {
  std::optional<std::string> refused;
  settle([&] {
    const auto record = log_.dispatch(dispatch);
    refused = permissions_.refusal_to_stop(person_, record.person, conversation_);
    if (refused) {
      outbox_.post(conversation_, {*refused, {}, {}}, services_.clock.now());
    } else if (desk_.request_stop(record, person_.id)) {
      note_early_cancel(record);
    } else {
      outbox_.post(conversation_, {texts::kOldButton, {}, {}}, services_.clock.now());
    }
  });
  if (!refused) {
    services_.runs.stop(dispatch);
  }
}

void Turn::on_approval_button(const store::Conversations::FoundButton& found) {
  runs::ApprovalDesk desk(services_, db_);
  std::optional<store::DispatchId> stopped;
  const bool done = settle([&] {
    const auto& button = found.button;
    const auto approval = store::Approvals(db_).get(button.ref);
    // A question of several parts may have gone on to its next message.
    const auto sentence = approval.message == found.message
                              ? desk.take_button(approval, button.kind, button.label, person_,
                                                 std::string(base::trim(message_.text)))
                              : std::string(texts::kOldButton);
    if (!sentence.empty()) {
      outbox_.post(conversation_, {sentence, {}, message_.external_id}, services_.clock.now());
    } else if (approval.kind == store::ApprovalKind::plan && button.kind == store::ButtonKind::deny) {
      stopped = approval.dispatch;
      desk_.request_stop(log_.dispatch(approval.dispatch), person_.id);
    }
  });
  if (!done) {
    return;
  }
  if (stopped) {
    services_.runs.stop(*stopped);
  } else {
    desk.send();
  }
}

std::optional<store::DecisionRecord> Turn::question_before() {
  auto question = log_.open_question(conversation_.id, person_.id);
  return question &&
                 !conversations_.wrote_between(conversation_.id, person_.id, question->message, message_.id)
             ? std::move(question)
             : std::nullopt;
}

bool Turn::pressed_change(const store::Approval& plan) {
  const auto last = conversations_.last_of(conversation_.id, person_.id, message_.id);
  const auto pressed = last && last->button ? conversations_.find_button(*last->button) : std::nullopt;
  return pressed && pressed->button.kind == store::ButtonKind::change && pressed->button.ref == plan.id;
}

std::vector<store::Approval> Turn::open_requests() {
  auto approvals = store::Approvals(db_).open_in(conversation_.id);
  // "Yes" may mean anybody's request when an approver says it, unless the secretary asked them something.
  // What else they say is for another's plan only after its button Change.
  const bool may_mean_any =
      permissions_.is_approver(person_) && chat::parse_yes_no(message_.text) && !question_before();
  std::erase_if(approvals, [&](const auto& approval) {
    return approval.person != person_.id && !may_mean_any &&
           !(permissions_.is_approver(person_) && pressed_change(approval));
  });
  return approvals;
}

std::vector<store::Approval> Turn::asked_before() {
  auto approvals = open_requests();
  // Words that were written before something was shown cannot mean it, however long they waited.
  std::erase_if(approvals, [&](const auto& approval) { return !(approval.message < message_.id); });
  return approvals;
}

bool Turn::is_approval_text() {
  const auto approvals = asked_before();
  if (approvals.empty() || base::trim(message_.text).empty()) {  // files alone answer nothing
    return false;
  }
  // Of two open questions the words mean the newer one.
  const auto question = log_.open_question(conversation_.id, person_.id);
  if (question && !(question->message < approvals.back().message)) {
    return false;
  }
  if (!chat::parse_yes_no(message_.text)) {
    return approvals.back().kind != store::ApprovalKind::permission;
  }
  // What others are asked to choose is not answered by a word of an approver.
  return std::any_of(approvals.begin(), approvals.end(), [&](const auto& approval) {
    return approval.person == person_.id || approval.kind != store::ApprovalKind::question;
  });
}

void Turn::on_approval_text() {
  runs::ApprovalDesk desk(services_, db_);
  bool taken = false;
  const bool done = settle([&] {
    const auto approvals = asked_before();
    std::string sentence = texts::kNoLongerWaiting;
    if (open_requests().size() > 1) {
      sentence = texts::kWhichQuestion;
    } else if (!approvals.empty()) {
      sentence = desk.take_text(approvals.back(), message_.text, person_);
      taken = sentence.empty();
    }
    outbox_.post(conversation_, {taken ? texts::kPassedOn : sentence, {}, message_.external_id},
                 services_.clock.now());
  });
  if (done && taken) {
    desk.send();
  }
}

void Turn::on_approval_word(const store::Approval& approval, chat::YesNo answer) {
  runs::ApprovalDesk desk(services_, db_);
  bool taken = false;
  const bool done = settle([&] {
    const auto sentence = desk.take_text(approval, answer == chat::YesNo::yes ? "yes" : "no", person_);
    taken = sentence.empty();
    outbox_.post(conversation_, {taken ? texts::kPassedOn : sentence, {}, message_.external_id},
                 services_.clock.now());
  });
  if (done && taken) {
    desk.send();
  }
}

void Turn::on_yes_no(const store::DecisionRecord& question, chat::YesNo answer, std::stop_token stop) {
  // After a "no" the secretary answers the question itself, as well as it can.
  const bool open = question.question == store::QuestionState::open;
  Draft draft(services_, db_, conversation_, message_, {job_.ref});
  const auto own =
      open && answer == chat::YesNo::no ? own_answer(question.message, draft, stop) : OwnAnswer();
  const bool done = settle([&] {
    const auto now = services_.clock.now();
    if (!log_.answer_question(
            question.id, answer == chat::YesNo::yes ? store::QuestionState::yes : store::QuestionState::no,
            now)) {
      outbox_.post(conversation_, {texts::kOldButton, {}, message_.external_id}, now);
      return;
    }
    store::JobQueue(db_).withdraw(runtime::kQuestionJob, question.id.value);
    if (const auto asked = conversations_.message_with_button(store::ButtonKind::yes, question.id.value)) {
      outbox_.edit(*asked,
                   texts::with_answer(conversations_.message(*asked).text,
                                      answer == chat::YesNo::yes ? texts::kAnsweredYes : texts::kAnsweredNo),
                   {}, now);
    }
    const auto proposal = router::proposal_from_json(question.proposal);
    const auto logged =
        is_of_secretary(question.proposal) ? to_json(proposal) : to_json_of_own_words(proposal);
    if (answer == chat::YesNo::no) {
      const auto answered_as =
          log_rule({.name = own.rule,
                    .p = question.p,
                    .reason = in_console_.empty() ? own.reason : presser() + ": " + own.reason,
                    .proposal = logged,
                    .outcome = own.outcome,
                    .follows = question.id});
      post_words(own.text, runs::thumbs(services_, conversation_, answered_as));
      return;
    }
    if (refuse_over_budget(question.p, logged, question.id)) {
      return;
    }
    const auto id = log_rule({.name = "question-reply",
                              .action = store::DecisionAction::dispatch,
                              .p = question.p,
                              .reason = presser() + " answered yes",
                              .proposal = logged,
                              .follows = question.id});
    store::Ledger(db_).hand_over(question.id, id);
    desk_.order(conversation_, person_, id, proposal, runs::DispatchDesk::SlugOrigin::named, {},
                message_.external_id);
  });
  if (done) {
    draft.leave();
  }
}

void Turn::on_give_button(store::DecisionId answered) {
  const auto before = log_.decision(answered);
  const auto proposal = own_words_proposal(before.message, presser() + " pressed the button");
  settle([&] {
    label(answered, store::Verdict::should_dispatch, store::VerdictSource::button);
    if (refuse_over_budget(before.p, to_json_of_own_words(proposal))) {
      return;  // the button stays, for when there is money again
    }
    if (const auto shown = conversations_.message_with_button(store::ButtonKind::give, answered.value)) {
      outbox_.edit(*shown, conversations_.message(*shown).text, {}, services_.clock.now());
    }
    const auto id = log_rule({.name = "dispatch-command",
                              .action = store::DecisionAction::dispatch,
                              .p = before.p,
                              .reason = proposal.reason,
                              .proposal = to_json_of_own_words(proposal)});
    desk_.order(conversation_, person_, id, proposal, runs::DispatchDesk::SlugOrigin::made_up, {},
                message_.external_id);
  });
}

void Turn::on_again_button(const store::Conversations::FoundButton& found) {
  const auto earlier = log_.dispatch({found.button.ref});
  const double p = log_.decision(earlier.decision).p;
  settle([&] {
    const auto now = services_.clock.now();
    auto buttons = conversations_.buttons(found.message);
    std::erase_if(buttons, [&](const store::Button& button) {
      return button.kind == found.button.kind || button.kind == store::ButtonKind::drop;
    });
    outbox_.edit(found.message, conversations_.message(found.message).text, buttons, now);
    if (refuse_over_budget(p, {})) {
      return;
    }
    const auto id = log_rule({.name = "dispatch-command",
                              .action = store::DecisionAction::dispatch,
                              .p = p,
                              .reason = presser() + " pressed " + found.button.label});
    desk_.order_again(conversation_, person_, id, earlier, message_.external_id);
  });
}

bool close_question(runtime::Services& services, store::Database& db, store::DecisionId question,
                    const std::string& line) {
  const auto now = services.clock.now();
  if (!store::DispatchLog(db).answer_question(question, store::QuestionState::expired, now)) {
    return false;
  }
  store::Conversations conversations(db);
  if (const auto asked = conversations.message_with_button(store::ButtonKind::yes, question.value)) {
    store::Outbox(db).edit(*asked, texts::with_answer(conversations.message(*asked).text, line), {}, now);
  }
  return true;
}

void expire_question(runtime::Services& services, store::Database& db, const store::Job& job) {
  const store::DecisionId question{job.ref};
  store::Transaction transaction(db, services.notifier);
  // Where the program crashed each time over it, the chat keeps its buttons, which then say that it is over.
  const bool expired = job.trial == store::JobTrial::proven
                           ? store::DispatchLog(db).answer_question(question, store::QuestionState::expired,
                                                                    services.clock.now())
                           : close_question(services, db, question, texts::kNotAnsweredInTime);
  if (!store::JobQueue(db).complete(job)) {
    return;
  }
  transaction.commit();
  if (expired) {
    services.metrics.decision(store::DecisionAction::ask, to_string(store::QuestionState::expired));
  }
}

}  // namespace bot::turns
