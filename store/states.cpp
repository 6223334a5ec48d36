#include "store/states.h"

#include <fmt/core.h>

#include "base/error.h"

namespace store {

template <>
const Spelling<JobState>& spelling() {
  static const Spelling<JobState> s{
      "jobs", "state", {{JobState::ready, "ready"}, {JobState::running, "running"}}};
  return s;
}

template <>
const Spelling<PersonRole>& spelling() {
  static const Spelling<PersonRole> s{
      "people", "role", {{PersonRole::approver, "approver"}, {PersonRole::admin, "admin"}}};
  return s;
}

template <>
const Spelling<DecisionAction>& spelling() {
  static const Spelling<DecisionAction> s{"decisions",
                                          "action",
                                          {{DecisionAction::answer, "answer"},
                                           {DecisionAction::ask, "ask"},
                                           {DecisionAction::dispatch, "dispatch"}}};
  return s;
}

template <>
const Spelling<QuestionState>& spelling() {
  static const Spelling<QuestionState> s{"decisions",
                                         "question",
                                         {{QuestionState::open, "open"},
                                          {QuestionState::yes, "yes"},
                                          {QuestionState::no, "no"},
                                          {QuestionState::expired, "expired"}}};
  return s;
}

template <>
const Spelling<DecisionOutcome>& spelling() {
  static const Spelling<DecisionOutcome> s{"decisions",
                                           "became",
                                           {{DecisionOutcome::failed, "failed"},
                                            {DecisionOutcome::over_budget, "over_budget"},
                                            {DecisionOutcome::declined, "declined"},
                                            {DecisionOutcome::joined, "joined"}}};
  return s;
}

template <>
const Spelling<DispatchAction>& spelling() {
  static const Spelling<DispatchAction> s{
      "dispatches",
      "action",
      {{DispatchAction::run, "run"}, {DispatchAction::resume, "resume"}, {DispatchAction::review, "review"}}};
  return s;
}

template <>
const Spelling<DispatchState>& spelling() {
  static const Spelling<DispatchState> s{"dispatches",
                                         "state",
                                         {{DispatchState::queued, "queued"},
                                          {DispatchState::running, "running"},
                                          {DispatchState::finished, "finished"}}};
  return s;
}

template <>
const Spelling<JobTrial>& spelling() {
  static const Spelling<JobTrial> s{
      "jobs", "trial", {{JobTrial::alone, "alone"}, {JobTrial::proven, "proven"}}};
  return s;
}

template <>
const Spelling<DispatchOutcome>& spelling() {
  static const Spelling<DispatchOutcome> s{"dispatches",
                                           "outcome",
                                           {{DispatchOutcome::success, "success"},
                                            {DispatchOutcome::error, "error"},
                                            {DispatchOutcome::blocked, "blocked"},
                                            {DispatchOutcome::timeout, "timeout"},
                                            {DispatchOutcome::cancelled, "cancelled"},
                                            {DispatchOutcome::interrupted, "interrupted"}}};
  return s;
}

template <>
const Spelling<ApprovalKind>& spelling() {
  static const Spelling<ApprovalKind> s{"approvals",
                                        "kind",
                                        {{ApprovalKind::permission, "permission"},
                                         {ApprovalKind::question, "question"},
                                         {ApprovalKind::plan, "plan"}}};
  return s;
}

template <>
const Spelling<ApprovalState>& spelling() {
  static const Spelling<ApprovalState> s{"approvals",
                                         "state",
                                         {{ApprovalState::open, "open"},
                                          {ApprovalState::allowed, "allowed"},
                                          {ApprovalState::allowed_for_task, "allowed_for_task"},
                                          {ApprovalState::denied, "denied"},
                                          {ApprovalState::answered, "answered"},
                                          {ApprovalState::expired, "expired"}}};
  return s;
}

template <>
const Spelling<Author>& spelling() {
  static const Spelling<Author> s{
      "messages", "author", {{Author::user, "user"}, {Author::assistant, "assistant"}}};
  return s;
}

template <>
const Spelling<ButtonKind>& spelling() {
  static const Spelling<ButtonKind> s{"buttons",
                                      "kind",
                                      {{ButtonKind::yes, "yes"},
                                       {ButtonKind::no, "no"},
                                       {ButtonKind::give, "give"},
                                       {ButtonKind::resume, "continue"},
                                       {ButtonKind::cancel, "cancel"},
                                       {ButtonKind::allow, "allow"},
                                       {ButtonKind::allow_for_task, "allow_for_task"},
                                       {ButtonKind::deny, "deny"},
                                       {ButtonKind::change, "change"},
                                       {ButtonKind::option, "option"},
                                       {ButtonKind::file, "file"},
                                       {ButtonKind::raise, "raise"},
                                       {ButtonKind::just_answer, "just_answer"},
                                       {ButtonKind::good, "good"},
                                       {ButtonKind::bad, "bad"},
                                       {ButtonKind::drop, "drop"},
                                       {ButtonKind::retry, "retry"},
                                       {ButtonKind::remember, "remember"},
                                       {ButtonKind::leave, "leave"},
                                       {ButtonKind::forget, "forget"},
                                       {ButtonKind::snooze, "snooze"},
                                       {ButtonKind::change_reminder, "change_reminder"},
                                       {ButtonKind::delete_reminder, "delete_reminder"},
                                       {ButtonKind::do_call, "do"},
                                       {ButtonKind::change_call, "change_call"},
                                       {ButtonKind::refuse_call, "refuse_call"}}};
  return s;
}

template <>
const Spelling<ReminderDoes>& spelling() {
  static const Spelling<ReminderDoes> s{
      "reminders", "does", {{ReminderDoes::say, "say"}, {ReminderDoes::turn, "turn"}}};
  return s;
}

template <>
const Spelling<ToolCallState>& spelling() {
  static const Spelling<ToolCallState> s{"tool_calls",
                                         "state",
                                         {{ToolCallState::open, "open"},
                                          {ToolCallState::running, "running"},
                                          {ToolCallState::done, "done"},
                                          {ToolCallState::failed, "failed"},
                                          {ToolCallState::uncertain, "uncertain"},
                                          {ToolCallState::refused, "refused"},
                                          {ToolCallState::replaced, "replaced"},
                                          {ToolCallState::expired, "expired"}}};
  return s;
}

template <>
const Spelling<CallKind>& spelling() {
  static const Spelling<CallKind> s{
      "outbox", "kind", {{CallKind::message, "message"}, {CallKind::edit, "edit"}}};
  return s;
}

template <>
const Spelling<DeliveryState>& spelling() {
  static const Spelling<DeliveryState> s{"outbox",
                                         "state",
                                         {{DeliveryState::unattempted, "new"},
                                          {DeliveryState::attempted, "attempted"},
                                          {DeliveryState::delivered, "delivered"},
                                          {DeliveryState::dead, "dead"}}};
  return s;
}

template <>
const Spelling<PartState>& spelling() {
  static const Spelling<PartState> s{
      "pieces",
      "state",
      {{PartState::attempted, "attempted"}, {PartState::sent, "sent"}, {PartState::uncertain, "uncertain"}}};
  return s;
}

template <>
const Spelling<Purpose>& spelling() {
  static const Spelling<Purpose> s{"ledger",
                                   "purpose",
                                   {{Purpose::secretary, "secretary"},
                                    {Purpose::summary, "summary"},
                                    {Purpose::specialist, "specialist"}}};
  return s;
}

template <>
const Spelling<QuotationKind>& spelling() {
  static const Spelling<QuotationKind> s{"quotations",
                                         "kind",
                                         {{QuotationKind::forward, "forward"},
                                          {QuotationKind::reply, "reply"},
                                          {QuotationKind::quote, "quote"},
                                          {QuotationKind::shared, "shared"},
                                          {QuotationKind::thread, "thread"}}};
  return s;
}

template <>
const Spelling<Verdict>& spelling() {
  static const Spelling<Verdict> s{"verdicts",
                                   "verdict",
                                   {{Verdict::right, "right"},
                                    {Verdict::should_answer, "should_answer"},
                                    {Verdict::should_dispatch, "should_dispatch"},
                                    {Verdict::bad_result, "bad_result"},
                                    {Verdict::withdrawn, "withdrawn"}}};
  return s;
}

template <>
const Spelling<VerdictSource>& spelling() {
  static const Spelling<VerdictSource> s{"verdicts",
                                         "source",
                                         {{VerdictSource::said, "said"},
                                          {VerdictSource::button, "button"},
                                          {VerdictSource::reaction, "reaction"},
                                          {VerdictSource::reask, "reask"},
                                          {VerdictSource::command, "command"},
                                          {VerdictSource::cancelled, "cancelled"},
                                          {VerdictSource::trivial, "trivial"}}};
  return s;
}

template <>
const Spelling<WordsOf>& spelling() {
  static const Spelling<WordsOf> s{
      "quotations",
      "words_of",
      {{WordsOf::others, "others"}, {WordsOf::sender, "sender"}, {WordsOf::bot, "bot"}}};
  return s;
}

const std::vector<std::string>& log_outcomes() {
  static const std::vector<std::string> outcomes = {
      "answered", "asked", "declined", "expired", "failed",    "over_budget", "queued", "running",
      "success",  "error", "blocked",  "timeout", "cancelled", "interrupted", "joined"};
  return outcomes;
}

void throw_unknown(const char* table, const char* column, std::string_view text) {
  throw base::PermanentError(fmt::format(
      "the database holds \"{1}\" in {0}, which this program does not know: another version wrote it, or the "
      "file is damaged",
      fmt::format("{}.{}", table, column), text));
}

}  // namespace store
