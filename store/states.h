#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// Every state and kind that the database keeps, value by value. "->" names what a row in that state can
// become. In the database a value is the text of its name; the two that C++ reserves say how they are spelled
// there. SQL in store/ spells them as literals, because SQLite uses a partial index only for a literal.

namespace store {

/// Of a job in the queue (jobs.state). A job that is done has no state: its row is deleted.
enum class JobState {
  /// Waits for a worker: new, given back, or due again later (jobs.not_before). -> running (JobQueue::claim);
  /// deleted (withdraw).
  ready,
  /// A worker carries it out. -> deleted (complete); ready (retry after a failure, give_back at a clean stop,
  /// recover after a crash).
  running
};

/// What is thought of a job during which the program died of its own fault (jobs.trial; NULL for others).
enum class JobTrial {
  /// It runs, and nothing else does. -> NULL (it ended, or its time alone did), proven.
  alone,
  /// The program died of its own fault again while it ran alone. Its worker only says so. Final.
  proven
};

/// What a person was made in the console (people.role; NULL for others). What the configuration makes them
/// counts, too.
enum class PersonRole {
  approver,  ///< may allow what specialists ask for
  admin      ///< may also pair people, and is told of budgets
};

/// What was decided about a message (decisions.action). Written once, never changed.
enum class DecisionAction {
  answer,   ///< the secretary answers it itself
  ask,      ///< the sender is asked first; the decision has a QuestionState
  dispatch  ///< a specialist gets it; a dispatch belongs to the decision
};

/// Of the question that a decision `ask` put to the sender (decisions.question; NULL for other decisions).
enum class QuestionState {
  /// Not answered yet. -> yes, no, expired.
  open,
  yes,     ///< the sender wants the specialist. Final.
  no,      ///< the sender does not. Final.
  expired  ///< nobody answered in time. Final.
};

/// What became of a decision where neither its question nor its dispatch says it (decisions.became; NULL
/// otherwise). Final.
enum class DecisionOutcome {
  failed,       ///< the model failed or refused; the decision's cause says which
  over_budget,  ///< a budget stopped the answer or the dispatch
  declined,     ///< it is the sender's No to a question
  joined        ///< the message was answered together with a later one
};

/// What a specialist is to do (dispatches.action, and `action` in a proposal). Written once, never changed.
enum class DispatchAction {
  run,     ///< something new, in a fresh session
  resume,  ///< go on in the project's last session
  review   ///< look at the project independently, and change nothing
};

/// Of a dispatch (dispatches.state).
enum class DispatchState {
  /// Waits for its turn in its project, for a place, or for the next start of the program. -> running
  /// (DispatchLog::begin); finished, when it is cancelled, cannot be started, or is passed on to a run that
  /// is going on (join).
  queued,
  /// A specialist works on it. -> finished (finish); queued (give_back at a clean stop); running again, when
  /// it is begun once more after a crash.
  running,
  /// It has a DispatchOutcome. Final: to go on, another dispatch is ordered.
  finished
};

/// How a dispatch ended (dispatches.outcome; NULL until it is finished). Final.
enum class DispatchOutcome {
  success,     ///< the specialist came to its end; also of one that was passed on to another (joined_id)
  error,       ///< it failed, could not be started, or the day's budget was used up while it worked
  blocked,     ///< it came to its end, but was not allowed something that it needed
  timeout,     ///< it took too long, or gave no sign of life for too long
  cancelled,   ///< a person stopped it, or the budget was used up before it began
  interrupted  ///< the program or machine went down during the run, which was not taken up again
};

/// What a specialist asks for while it works (approvals.kind). Written once, never changed.
enum class ApprovalKind {
  permission,  ///< may I do this?
  question,    ///< which of these?
  plan         ///< this is what I would do; shall I?
};

/// Of a request for approval (approvals.state).
enum class ApprovalState {
  /// Nobody has answered it. -> any other.
  open,
  allowed,           ///< this once; of a plan: go. Final.
  allowed_for_task,  ///< and all of that kind until the end of the run. Final.
  denied,            ///< refused; of a plan: stop, or change it as the comment says. Final.
  answered,          ///< every part of a question has its answer. Final.
  expired  ///< nobody answered in time, it was withdrawn, or the run ended; never counts as allowed. Final.
};

/// Who wrote a message (messages.author).
enum class Author {
  user,      ///< a person in the chat
  assistant  ///< this program
};

/// What a click does (buttons.kind). Fixed when the button is made.
enum class ButtonKind {
  yes,              ///< give it to the specialist: the answer to a question of the secretary
  no,               ///< do not
  give,             ///< give what the secretary answered to the specialist after all
  resume,           ///< go on with a run that broke off; "continue" in the database
  cancel,           ///< stop a dispatch
  allow,            ///< allow once; of a plan: go
  allow_for_task,   ///< allow all of that kind until the end of the run
  deny,             ///< deny; of a plan: stop
  change,           ///< the next words say what is to be different in the plan
  option,           ///< one of the answers to a specialist's question
  file,             ///< send a file of the project
  raise,            ///< raise for today the budget that stopped a decision
  just_answer,      ///< stop the dispatch, and let the secretary answer
  good,             ///< the answer or the result was right
  bad,              ///< it was not
  drop,             ///< leave what was interrupted: a message again and again, or a task long ago
  retry,            ///< try once more what was given up because the program crashed each time
  remember,         ///< keep the note that was asked about
  leave,            ///< do not keep it
  forget,           ///< delete a note
  snooze,           ///< a reminder comes ten minutes later, or once more
  change_reminder,  ///< the next words say what is to be different in a reminder
  delete_reminder,  ///< a reminder comes no more
  do_call,          ///< make the call of a tool that is shown; "do" in the database
  change_call,      ///< the next words say what is to be different in it
  refuse_call       ///< do not make it
};

/// Of a call of one of the secretary's tools (tool_calls.state).
enum class ToolCallState {
  /// Shown to the person, who has said nothing. -> running, refused, replaced, expired.
  open,
  /// The server was asked to do it. -> done, failed, uncertain.
  running,
  done,       ///< the server says so. Final.
  failed,     ///< the server says that it could not, or was never reached. Final.
  uncertain,  ///< cut, by a crash, a stop or the end of its time: nobody knows what it did. Final.
  refused,    ///< the person said No. Final.
  replaced,   ///< another call was shown in its place. Final.
  expired     ///< nobody answered in time, or before the program ended. Final.
};

/// What happens when a reminder is due (reminders.does). Written once.
enum class ReminderDoes {
  say,  ///< its text is posted
  turn  ///< the secretary is given its text, as if its owner had written it then
};

/// What a call to a chat platform does (outbox.kind).
enum class CallKind {
  message,  ///< posts something new
  edit      ///< changes what a message of ours says
};

/// Of a call to a chat platform (outbox.state).
enum class DeliveryState {
  /// Nobody has tried to make it; "new" in the database. An edit can still be replaced by a later one. ->
  /// attempted, dead.
  unattempted,
  /// Tried at least once, and tried again until it succeeds or is given up. -> delivered, dead.
  attempted,
  delivered,  ///< the platform took it. Final.
  /// Refused for good, not delivered in three days, or the program crashed each time. -> attempted, where a
  /// person wants it tried again.
  dead
};

/// Whether nothing more happens to the call.
constexpr bool is_settled(DeliveryState state) {
  return state == DeliveryState::delivered || state == DeliveryState::dead;
}

/// Of one of the platform's own messages that show a message of ours (pieces.state).
enum class PartState {
  /// Before the first byte is sent, until it is known what came of it. -> sent, uncertain; deleted where it
  /// certainly never arrived (MessageParts::forget).
  attempted,
  /// The platform has it under an id. -> deleted when it is taken away.
  sent,
  /// Nobody can tell whether it arrived; it is not sent again. -> deleted when it is taken away.
  uncertain
};

/// What a paid call was for (ledger.purpose).
enum class Purpose {
  secretary,  ///< a turn of the secretary
  summary,    ///< a specialist's report retold for the chat
  specialist  ///< a specialist's run
};

/// How words that are not the sender's own came along with a message (quotations.kind). Written once.
enum class QuotationKind {
  forward,  ///< the message passes them on
  reply,    ///< the message is an answer to them
  quote,    ///< the message cites them
  shared,   ///< the message holds them: a card, an unfolded link, what an inline bot wrote
  thread    ///< they were said before the message in the thread that the bot was called into
};

/// What somebody says of a decision afterwards (verdicts.verdict). Written once.
enum class Verdict {
  right,
  should_answer,
  should_dispatch,
  bad_result,  ///< it went to the right one, and what came of it is bad
  withdrawn    ///< what the same person said before counts no more
};

/// How somebody said it (verdicts.source). Written once.
enum class VerdictSource {
  said,       ///< an operator, in so many words
  button,     ///< a button under the answer, the note or the result
  reaction,   ///< an emoji under it
  reask,      ///< the same was asked again soon after the answer
  command,    ///< /dispatch soon after the answer
  cancelled,  ///< the dispatch was stopped as soon as it had begun
  trivial     ///< the specialist only said a few words
};

/// Whether it follows from what a person did next, and not from what they meant to say of the decision.
constexpr bool is_from_use(VerdictSource source) {
  return source >= VerdictSource::reask;
}

/// Whose words they are (quotations.words_of). Written once.
enum class WordsOf {
  others,  ///< or of nobody knows whom
  sender,  ///< of whoever sent the message that they came along with
  bot      ///< of this bot
};

/// Where the values of a type stand in the database, and their texts there.
template <typename State>
struct Spelling {
  const char* table;
  const char* column;
  std::vector<std::pair<State, const char*>> values;
};

/// That of each type above.
template <typename State>
const Spelling<State>& spelling();

/// As the database and `frontdesk log` spell it.
template <typename State>
requires std::is_enum_v<State> std::string to_string(State state) {
  for (const auto& [value, text] : spelling<State>().values) {
    if (value == state) {
      return text;
    }
  }
  return {};
}

/// Everything that the log can say of what became of a decision: its own outcome, that of its question, or
/// that of its dispatch.
const std::vector<std::string>& log_outcomes();

/// The value with that text; nothing where there is none. For texts from outside; what the database holds is
/// read with stored().
template <typename State>
std::optional<State> parse(std::string_view text) {
  for (const auto& [value, name] : spelling<State>().values) {
    if (name == text) {
      return value;
    }
  }
  return std::nullopt;
}

[[noreturn]] void throw_unknown(const char* table, const char* column, std::string_view text);

/// The value with that text. Throws base::PermanentError that names table, column and text where there is
/// none.
template <typename State>
State stored(std::string_view text) {
  if (const auto state = parse<State>(text)) {
    return *state;
  }
  throw_unknown(spelling<State>().table, spelling<State>().column, text);
}

}  // namespace store
