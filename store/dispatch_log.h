#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// Why a turn was answered, asked about or dispatched. Written before anything is carried out.
struct DecisionRecord {
  DecisionId id = {};

  MessageId message;
  ConversationId conversation;
  PersonId person;
  DecisionAction action = DecisionAction::answer;
  double p = 0;
  double ask_at = 0;
  double dispatch_at = 0;
  std::string layer;     ///< which setting the thresholds came from: global, chat, user
  std::string cause;     ///< policy, or rule:<name>
  std::string reason;    ///< in words
  std::string proposal;  ///< JSON of what the secretary proposed, empty where it proposed nothing
  std::optional<QuestionState> question = {};  ///< of an ask
  std::optional<DecisionOutcome> outcome = {};
  std::optional<DecisionId> follows = {};  ///< the question that it is the answer to
};

/// What the next turns want to know of a decision, and of the message that it is about.
struct RecentDecision {
  DecisionId id;
  DecisionAction action = DecisionAction::answer;
  std::string cause;
  std::optional<QuestionState> question;
  std::optional<DecisionOutcome> outcome;
  std::optional<DecisionId> follows;
  base::Timestamp said;
  bool by_button = false;  ///< it was a click
};

/// A specialist at work, or done.
struct DispatchRecord {
  DispatchId id = {};
  DecisionId decision;
  ConversationId conversation;
  PersonId person;
  ProjectId project;
  MessageId note;  ///< the message that is edited while the work goes on
  DispatchAction action = DispatchAction::run;
  std::string prompt;
  std::string specialist;
  DispatchState state = DispatchState::queued;
  std::optional<DispatchOutcome> outcome = {};  ///< once it is finished
  std::string session_id;                       ///< chosen by us, or of the session that it resumes
  bool session_begun = false;                   ///< the CLI has said that it works in that session
  bool resumes_session = false;                 ///< it began with the session of an earlier run
  int attempts = 0;                             ///< how often a live specialist was started for it
  std::string record = {};  ///< the name of its result file in the project's log folder, without the folder
  bool cancel_requested = false;
  std::optional<DispatchId> joined = {};  ///< the run to which it was passed on
  /// The specialist's own words. While it is `running`: its report as JSON, from its end until that is told.
  std::string result = {};
  std::string facts = "{}";  ///< JSON of what the program knows: files, turns, denials
  double usd = 0;
  base::Timestamp created;
  std::optional<base::Timestamp> started;
  std::optional<base::Timestamp> finished;
};

/// One process of a specialist that worked on a dispatch. There are several where the program's end cut it.
struct Leg {
  std::string record;  ///< as in DispatchRecord, of this process
  base::Timestamp started;
  std::optional<base::Timestamp> ended;
  std::optional<base::Timestamp> seen;  ///< at work last, as far as that was noted
  bool interrupted = false;             ///< cut, and another one is to go on with it
  int turns = 0;                        ///< so far, or of one that was cut
};

/// How long they have worked; of one that nobody has ended, until it was seen last.
std::chrono::milliseconds time_worked(const std::vector<Leg>& legs);

/// Decisions and the runs that follow from them. Thread rule: that of the Database.
class DispatchLog {
 public:
  explicit DispatchLog(Database& db) : db_(db) {}

  DecisionId add_decision(const DecisionRecord& decision, base::Timestamp now);
  DecisionRecord decision(DecisionId id);
  /// The newest of a conversation.
  std::optional<DecisionRecord> last_decision(ConversationId conversation);
  /// The newest of that person there.
  std::optional<DecisionRecord> last_decision(ConversationId conversation, PersonId person);
  /// The newest `limit` of a conversation, newest first.
  std::vector<RecentDecision> last_decisions(ConversationId conversation, int limit);
  /// The newest about that message.
  std::optional<DecisionRecord> decision_about(MessageId message);
  /// The decision about the message itself: the question that this one answers, else this one.
  DecisionRecord asked(DecisionId id);
  /// The newest question to that person in the conversation that is still open.
  std::optional<DecisionRecord> open_question(ConversationId conversation, PersonId person);
  /// What became of the question that the decision put; nothing where there is none.
  std::optional<QuestionState> question_of(DecisionId id);
  /// Settles an open question; false if somebody already did.
  bool answer_question(DecisionId id, QuestionState answer, base::Timestamp now);

  /// Whether a budget has stopped an answer or a dispatch of that person in the conversation since then, and
  /// the reason that was given names `budget`.
  bool was_over_budget(ConversationId conversation, PersonId person, base::Timestamp since,
                       const std::string& budget);
  /// A budget stopped the dispatch of that decision.
  void note_over_budget(DecisionId id);

  /// Queued. One dispatch per decision: a second one throws. Its note is named with set_note() once it is
  /// written.
  DispatchId add_dispatch(const DispatchRecord& dispatch, base::Timestamp now);
  DispatchRecord dispatch(DispatchId id);
  /// Names the message that shows the dispatch.
  void set_note(DispatchId id, MessageId note);
  /// Running from now on, for the `attempts`th time, writing to `record`, in `session_id`; false if it was
  /// finished meanwhile.
  bool begin(DispatchId id, const std::string& session_id, bool resumes_session, const std::string& record,
             base::Timestamp now);
  /// The specialist works in its session: from here on an interrupted run is resumed, not begun afresh.
  void mark_session_begun(DispatchId id, const std::string& session_id);
  /// The process that works on it was still at work then, after so many turns: what a kill leaves of it.
  void note_at_work(DispatchId id, int turns, base::Timestamp at);
  /// The process that works on it was cut at that time, after so many turns; another one is to go on.
  void interrupt(DispatchId id, int turns, base::Timestamp at);
  /// The processes that have worked on it, in their order.
  std::vector<Leg> legs(DispatchId id);
  /// Keeps the report of the run that has ended, as JSON, until finish(): it is not begun again.
  void keep_report(DispatchId id, const std::string& report);
  /// As if begin() had not been called, for a clean stop: the attempt does not count.
  void give_back(DispatchId id);
  void finish(DispatchId id, DispatchOutcome outcome, const std::string& result, const std::string& facts,
              double usd, base::Timestamp now);
  /// Passes a waiting dispatch on to one that is at work: that one's task grows by its prompt, and it is
  /// finished itself (its outcome says nothing). False if it no longer waits. From then on only dispatch()
  /// finds it.
  bool join(DispatchId waiting, DispatchId into, base::Timestamp now);
  /// False if it is already finished.
  bool request_cancel(DispatchId id, PersonId by);
  bool cancel_requested(DispatchId id);

  /// Those that wait or run, of the chat that the conversation is, or is a thread of.
  std::vector<DispatchRecord> open(ConversationId conversation);
  std::optional<DispatchRecord> open_of(ProjectId project);
  std::optional<DispatchRecord> last_of(ProjectId project);
  /// The last one that was no review.
  std::optional<DispatchRecord> last_work_on(ProjectId project);
  std::optional<DispatchRecord> last_finished_of(ProjectId project);
  /// Those of a project that wait, in their order.
  std::vector<DispatchRecord> waiting_of(ProjectId project);
  /// Those that wait and that nobody has begun or cancelled, with the last time at which the program was seen
  /// to live while they waited, as far as the database tells. For a start, before anything is done.
  struct Unbegun {
    DispatchRecord dispatch;
    base::Timestamp seen;
  };
  std::vector<Unbegun> unbegun(const std::string& job_kind);
  /// How many of the bot's own runs are at work.
  int running();
  /// Of these, those that hold a place: none of their requests waits for a person.
  int holding_a_place();
  /// Those of one chat section that are said to be at work.
  std::vector<DispatchRecord> running_in(const std::string& section);

 private:
  Database& db_;
};

}  // namespace store
