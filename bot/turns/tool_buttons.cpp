#include "bot/access/person_name.h"
#include "bot/texts/access.h"
#include "bot/texts/approvals.h"
#include "bot/texts/tools.h"
#include "bot/tools/asked_calls.h"
#include "bot/tools/servers.h"
#include "bot/tools/turn_tools.h"
#include "bot/turns/turn.h"
#include "store/open_questions.h"
#include "store/tool_calls.h"

namespace bot::turns {

void Turn::on_call_button(const store::Button& button, const std::stop_token& stop) {
  using State = store::ToolCallState;
  tools::AskedCalls asked(services_, db_);
  const auto call = store::ToolCalls(db_).find(button.ref);
  // An attempt before could not write down its end, or the program ended; the chat was told.
  const bool lost = call && call->conversation == conversation_.id && call->person == person_.id &&
                    button.kind == store::ButtonKind::do_call && call->state == State::uncertain &&
                    call->begun && job_.created <= *call->begun;
  if (lost) {
    settle([] {});
    return;
  }
  if (!call || call->conversation != conversation_.id || call->state != State::open) {
    settle_with_text(texts::kOldButton);
    return;
  }
  if (call->person != person_.id) {
    settle_with_text(
        texts::only_they_were_asked(access::name_in_markdown(store::People(db_).get(call->person))));
    return;
  }
  if (call->expires.value_or(base::Timestamp()) <= services_.clock.now()) {
    settle([&] {
      asked.close(*call, State::expired, texts::kCallExpired);
      outbox_.post(conversation_, {texts::kCallExpired, {}, message_.external_id}, services_.clock.now());
    });
    return;
  }
  if (button.kind == store::ButtonKind::refuse_call) {
    settle([&] { asked.close(*call, State::refused, texts::kCallRefused, {person_.id}); });
    return;
  }
  if (button.kind == store::ButtonKind::change_call) {
    settle_with_text(texts::kWriteChange);
    return;
  }
  if (!may_use(call->server)) {
    settle([&] {
      asked.close(*call, State::refused, texts::kCallNotTheirs);
      outbox_.post(conversation_, {texts::kCallNotTheirs, {}, message_.external_id}, services_.clock.now());
    });
    return;
  }
  const tools::Working working(services_, conversation_, call->server);
  // Only a call that was begun is used up.
  if (const auto why = asked.put_off(*call, stop); !why.empty()) {
    settle_with_text(why);
    return;
  }
  if (!asked.begin(*call)) {
    settle_with_text(texts::kOldButton);
    return;
  }
  const auto outcome = asked.make(*call, stop);
  settle([&] {
    outbox_.post(conversation_, {asked.end(*call, outcome), {}, message_.external_id}, services_.clock.now());
  });
}

bool Turn::may_use(const std::string& server) const {
  const bool is_there = services_.tools != nullptr && services_.tools->find(server) != nullptr;
  return !is_there ||  // which is said when the call is made
         tools::is_offered_to(*services_.policy(), server, person_,
                              tools::counts_as_admin(services_, db_, person_, conversation_.section),
                              conversation_);
}

void Turn::close_older_questions() {
  tools::AskedCalls asked(services_, db_);
  for (const auto& call : store::ToolCalls(db_).open_of(conversation_.id, person_.id)) {
    asked.close(call, store::ToolCallState::expired, texts::kCallOverByNew, {person_.id});
  }
  for (const auto& question : store::open_questions(db_, conversation_.id, person_.id)) {
    close_question(services_, db_, question.id, texts::kOverByNew);
    settled_.emplace_back(store::DecisionAction::ask, to_string(store::QuestionState::expired));
    store::JobQueue(db_).withdraw(runtime::kQuestionJob, question.id.value);
  }
}

std::vector<store::ToolCallRecord> Turn::calls_asked_before() {
  auto calls = store::ToolCalls(db_).open_of(conversation_.id, person_.id);
  std::erase_if(calls, [&](const store::ToolCallRecord& call) {
    return !call.shown || !(*call.shown < message_.id) || went_on_since(*call.shown);
  });
  return calls;
}

bool Turn::on_call_answer(chat::YesNo answer, const std::stop_token& stop) {
  using State = store::ToolCallState;
  const auto press = [&](const store::ToolCallRecord& call) {
    const bool yes = answer == chat::YesNo::yes;
    on_call_button({yes ? store::ButtonKind::do_call : store::ButtonKind::refuse_call, call.id, {}}, stop);
    return true;
  };
  const auto calls = calls_asked_before();
  if (calls.size() == 1) {  // of several, which_question() has asked
    return press(calls.front());
  }
  // An attempt of this turn that was cut may have begun it.
  const auto last = store::ToolCalls(db_).last_asked(conversation_.id, person_.id);
  const bool cut = last && last->begun && job_.created <= *last->begun &&
                   (last->state == State::running || last->state == State::uncertain);
  return cut && press(*last);
}

}  // namespace bot::turns
