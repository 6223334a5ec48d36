#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "bot/access/permissions.h"
#include "bot/chat/commands.h"
#include "bot/runs/budget.h"
#include "bot/runs/dispatch_desk.h"
#include "bot/runtime/services.h"
#include "bot/runtime/work.h"
#include "bot/turns/draft.h"
#include "bot/turns/routing_outcomes.h"
#include "bot/turns/turn_routing.h"
#include "router/decision.h"
#include "router/secretary_tools.h"
#include "store/approvals.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/job_queue.h"
#include "store/ledger.h"
#include "store/outbox.h"
#include "store/reminders.h"
#include "store/snapshot.h"
#include "store/tool_calls.h"

namespace bot::turns {

/// The rule in the log where the model, or a filter of its provider, refused to answer.
inline constexpr const char* kModelRefusedRule = "model-refused";

/// Answers one message or click (steps 3 to 6 of a message's way). One object per job; thread rule: one
/// thread.
class Turn final : public runtime::Work {
 public:
  Turn(runtime::Services& services, store::Database& db, const store::Job& job);

  /// Does the turn; its last transaction also completes the job, and claims `next`. Throws base::Stopped when
  /// the program stops (nothing has happened then), and whatever the database throws.
  void run(runtime::Successor* next, std::stop_token stop) override;
  void run(std::stop_token stop) { run(nullptr, std::move(stop)); }

  /// Within the transaction that claims the job: reads what a turn of the secretary is most likely to need,
  /// which is cheaper there.
  void read_ahead();

 private:
  void answer(std::stop_token stop);
  /// What the secretary wants to do about a message, and what became of it.
  struct Proposed {
    std::string text;  ///< the answer, or what comes before the run's message
    std::optional<router::Proposal> proposal;
    std::vector<router::Proposal> further;  ///< proposed beside it, and only told
    bool speaks_of_failure = false;         ///< the text tells what failed beside the proposal
    router::Decision decision;
    std::optional<TurnRouting> routing;  ///< how p came about
    bool made_up = false;                ///< the program made the proposal of the sender's own words

    /// As the log keeps it; empty: nothing was proposed.
    std::string logged_proposal() const;
    bool was_cut_off = false;  ///< the model, or a filter of its provider, refused to go on
  };
  /// A budget does not let the secretary go on.
  struct OverBudget {
    texts::UsedUp budget;
  };
  /// What the person wrote, no command: the answer to a question, or for the secretary.
  void on_words(const std::stop_token& stop);
  void on_text(const std::string& text, bool offer_specialist, std::stop_token stop);
  /// Asks the secretary and decides. Throws llm::ModelError and OverBudget; what `proposed` holds by then is
  /// for the log.
  void propose(const std::string& text, bool offer_specialist, Proposed& proposed, Draft& draft,
               std::stop_token stop);
  /// Whether words of others came along with what is answered: they may have caused what the secretary
  /// proposes, so that the sender is asked, however sure it is.
  bool brings_foreign_words();
  /// What the model is asked with: the words, with what came along with them, and the pictures among that.
  struct Seen {
    std::vector<llm::ChatMessage> window;
    std::size_t own_pictures = 0;  ///< that the model was to see
    std::vector<std::string> problems =
        {};  ///< sentences: what of this turn's own pictures nobody can look at
  };
  /// `own_from`: the first of the messages that are answered; the caller has told what came along. Takes the
  /// messages. Throws base::Stopped.
  Seen look(std::vector<store::Message>& messages, std::size_t own_from, const std::stop_token& stop,
            std::optional<store::Snapshot>* snapshot = nullptr);
  /// The model's words as they can be shown: where the person is asked about a call, as said before that.
  std::string words_of(const router::Secretary::Answer& answer);
  /// Inside settle(): posts what the model said in answer, if anything.
  void post_words(const std::string& text, const std::vector<store::Button>& buttons);
  /// The answer with what must be said of pictures that the model has not seen.
  std::string with_picture_notes(std::string text, const Seen& seen,
                                 const router::Secretary::Turn& turn) const;
  /// What the person says in this turn, together with the messages that waited before it.
  /// What waited was written before the last answer was, but nobody has answered it.
  void put_waiting_last(std::vector<store::Message>& messages) const;
  std::string all_words(const std::string& text) const;
  // What decides before p does.
  /// Why no specialist can work, if none can.
  std::optional<std::string> specialist_down() const;
  /// Whether it goes on with what a specialist is working on for this person in this chat.
  bool is_for_running_project(const router::Proposal& proposal);
  void apply_hard_rules(Proposed& proposed, bool offer_specialist, const std::optional<std::string>& down);
  /// The task in the person's own words, with what was said before them.
  router::Proposal own_words_proposal(store::MessageId message, const std::string& reason);

  /// Inside settle().
  void carry_out(Proposed& proposed);
  /// Under an answer of the secretary: give it to the specialist, and thumbs.
  std::vector<store::Button> answer_buttons(store::DecisionId id, const router::Decision& decision);
  void on_command(const chat::Command& command, std::stop_token stop);
  void on_button(const std::string& id, std::stop_token stop);
  /// Whoever pressed a button in the console does it for that person; nothing where it was pressed in the
  /// chat.
  void act_for_owner(const store::Conversations::FoundButton& found);
  /// Who pressed, for the log: "the sender".
  std::string presser() const;
  void on_yes_no_button(const store::Button& button, std::stop_token stop);
  void on_yes_no(const store::DecisionRecord& question, chat::YesNo answer, std::stop_token stop);
  /// The secretary's tools, for this turn's chat and person; settle() carries out what is ordered by them.
  router::SecretaryTools& secretary_tools();
  /// Returns a sentence where this person may not.
  std::optional<std::string> cancel_for_model(const store::DispatchRecord& dispatch);
  /// The secretary's answer without the specialist, or what to say instead.
  struct OwnAnswer {
    std::string text;
    // For the log, where there was a question before it.
    std::string rule = "question-reply";
    std::string reason = "the sender answered no";
    store::DecisionOutcome outcome = store::DecisionOutcome::declined;
  };
  /// To the conversation up to that message; `draft` hears it.
  OwnAnswer own_answer(store::MessageId until, Draft& draft, std::stop_token stop);
  /// What tools have done in this turn, to be put behind why it failed.
  std::string made_before_failure();
  /// What is said to a call of a tool that was shown.
  void on_call_button(const store::Button& button, const std::stop_token& stop);
  void on_approval_button(const store::Conversations::FoundButton& found);
  /// The question of the secretary that this message comes right after, if it asked this person one.
  std::optional<store::DecisionRecord> question_before();
  /// Whether pressing Change on that plan was the last thing that this person did in this chat.
  bool pressed_change(const store::Approval& plan);
  /// What waits in this chat and could be meant by the words of this message.
  std::vector<store::Approval> open_requests();
  /// Those of them that were shown before the message was written.
  std::vector<store::Approval> asked_before();
  /// A question to this person in this chat that was shown before the message, and what it is about, as
  /// Markdown.
  struct OpenQuestion {
    enum class Kind { call, task, specialist, note };
    Kind kind;
    std::int64_t row;  ///< the call, the decision, the approval, or the note
    store::MessageId shown;
    std::string what;
    std::string task = {};  ///< the task that is proposed, as JSON; empty: it is about none
  };
  /// All that are open, in the order in which they were shown.
  std::vector<OpenQuestion> open_questions();
  /// Those of which a yes or no could mean several; empty where it does not.
  std::vector<OpenQuestion> which_question();
  void ask_which(const std::vector<OpenQuestion>& open);
  /// Inside settle(): the list of them, each with its number, which its message shows from now on.
  std::string numbered_lines(const std::vector<OpenQuestion>& open);
  /// A yes or no that says which question it answers, by its number or as a reply to its message. It answers
  /// that one or none.
  struct NamedAnswer {
    enum class Meaning {
      question,
      settled,         ///< a question that is no longer open
      unknown_number,  ///< that no question shows
      none_there,      ///< a message that asks nothing, where a word alone would answer what is open
      other_words,     ///< the same where it would answer nothing: words like any others
      begun            ///< what an attempt of this turn that was cut has begun; the chat was told
    };
    Meaning meaning = Meaning::question;
    chat::YesNo answer = chat::YesNo::no;
    std::optional<OpenQuestion> question = {};  ///< of Meaning::question
    int number = 0;                             ///< of Meaning::unknown_number
  };
  std::optional<NamedAnswer> named_answer();
  NamedAnswer answer_by_reply(chat::YesNo word, const std::optional<store::MessageId>& replied,
                              const std::vector<OpenQuestion>& open);
  /// Whose ever it is: the question that this message of ours still asks.
  std::optional<OpenQuestion> question_at(store::MessageId shown);
  void on_named_answer(const NamedAnswer& named, const std::stop_token& stop);
  void on_answer_to(const OpenQuestion& question, chat::YesNo answer, const std::stop_token& stop);
  /// Whether the person has written since then what is no yes or no.
  bool went_on_since(store::MessageId shown);
  /// Whether the message answers what a specialist asks this person in this chat.
  bool is_approval_text();
  void on_approval_text();
  void on_approval_word(const store::Approval& approval, chat::YesNo answer);
  /// Continue, or Try again: the task of a dispatch is ordered once more.
  void on_again_button(const store::Conversations::FoundButton& found);
  void on_give_button(store::DecisionId answered);
  /// `shown`: the button is still there.
  void on_just_answer_button(store::DispatchId dispatch, bool shown, std::stop_token stop);
  /// False where somebody has pressed that before, or it is over.
  bool stop_for_answer(const store::DispatchRecord& dispatch);
  // After the program's end (decision 0015).
  /// Says so instead of an answer, and writes that rule into the log.
  void give_up(const std::string& rule, const std::string& reason, const store::Post& said);
  /// The buttons under what tells that a message was often interrupted, and under what was given up. `shown`
  /// is the message with the button.
  void on_interrupted_button(const store::Conversations::FoundButton& found);
  void on_drop_button(store::MessageId dropped, store::MessageId shown);
  /// Of a task that was cut long ago.
  void on_drop_task_button(const store::Conversations::FoundButton& found);
  void on_retry_button(store::MessageId given_up, store::MessageId shown);
  void on_thumb_button(const store::Conversations::FoundButton& found);
  // What is remembered, and looked up in what was said.
  void on_note_button(const store::Conversations::FoundButton& found);
  /// Whether yes or no was the answer to the question whether to keep a note.
  bool on_note_answer(chat::YesNo answer);
  /// Whether the person has the tools of that server, as its section says now.
  bool may_use(const std::string& server) const;
  /// Inside settle(): what the secretary asked before is of the conversation that is over.
  void close_older_questions();
  std::vector<store::ToolCallRecord> calls_asked_before();
  bool on_call_answer(chat::YesNo answer, const std::stop_token& stop);
  bool note_before();
  void on_memory(const std::string& page);
  void on_timezone(const std::string& words);
  void on_search(const std::string& words);
  /// Whether what the click means is still on offer, be it under another id since the message was edited.
  bool is_offered(const store::Conversations::FoundButton& found);

  // What people do says who should have dealt with a message. Inside settle().
  /// Writes down what this message says of that decision, or of the question that it answers.
  void label(store::DecisionId decision, store::Verdict verdict, store::VerdictSource source);
  /// The decision to answer what the person wrote just before, if that is what was decided.
  std::optional<store::DecisionRecord> answered_just_now(const std::optional<store::DecisionRecord>& last);
  /// Where the same is asked again soon after its answer, that answer was none.
  void note_reask(const std::optional<store::DecisionRecord>& before, const TurnRouting& now);
  /// The same for /dispatch.
  void note_demand_after_answer(const std::string& demanded);
  /// The same for a dispatch that whoever ordered it stops at once.
  void note_early_cancel(const store::DispatchRecord& dispatch);
  /// Whether it is no command, click or answer to a question.
  bool is_for_secretary();
  /// What else this person has written here and waits is answered with this message: from now on the turn is
  /// about the last of them.
  void take_along_waiting(const std::vector<std::int64_t>& waiting, std::stop_token stop);
  /// What waits behind this one in its lane.
  std::vector<std::int64_t> waiting_behind();
  /// Inside settle(): the decisions about those that are answered along with that one.
  void log_taken_along(const store::DecisionRecord& decision, const router::Thresholds& thresholds);
  /// Of a message that is not read any more, since reading it may be what ended the program.
  double p_unread();
  void learn_name(std::stop_token stop);
  /// Whether the service may be asked for what the message does not hold.
  bool asks_service() const;
  /// Asks the service for what the message does not hold.
  void read_surroundings(store::Message& message, std::stop_token stop);
  void on_cancel(const std::string& slug);
  /// Inside settle(): requests the end of what is meant, and returns what to say.
  std::string cancel(const std::string& slug, std::vector<store::DispatchId>& stopped);
  std::vector<store::DispatchRecord> meant_by_cancel(const std::string& slug);
  void on_cancel_button(store::DispatchId dispatch);
  void on_pair(const std::string& code);
  /// Where the message was not written by its sender just now, but comes by a schedule.
  std::optional<store::Reminders::Origin> schedule_of(const store::Message& message);
  void on_reminders(const std::string& argument);
  void on_reminder_button(const store::Conversations::FoundButton& found);
  std::string whoami_text();
  std::string why_text();
  void demand(const std::string& text);
  std::string status_text();
  std::string open_tasks_text();
  std::string projects_text();

  /// Runs the function in a transaction together with completing the job; its commit wakes the workers.
  /// False if nothing of it happened, because somebody else has the job now.
  bool settle(const std::function<void()>& write);
  /// Commands in it as this chat service takes them.
  std::string with_commands_spelled(const std::string& text) const;
  /// The message as `log show` takes it.
  std::string outside_id() const;
  void settle_with_text(const std::string& text);
  void settle_with_file(store::Post post);

  /// Inside settle(): writes it into the log, and charges to it what this turn has paid for.
  store::DecisionId log_decision(const store::DecisionRecord& decision, const router::Thresholds& thresholds);
  /// The same for one that has no judgement, which would tell where its thresholds came from.
  store::DecisionId log_unjudged(const store::DecisionRecord& decision, const router::Thresholds& thresholds);
  store::DecisionRecord record(const router::Decision& decision, const std::string& proposal) const;
  /// A decision that a hard rule made.
  struct Rule {
    std::string name;
    store::DecisionAction action = store::DecisionAction::answer;
    double p = 0;
    std::string reason;
    std::string proposal = {};  ///< JSON; empty: there is none
    std::optional<store::DecisionOutcome> outcome = {};
    std::optional<store::DecisionId> follows = {};  ///< the question that it is the answer to
  };
  store::DecisionId log_rule(const Rule& rule);
  runs::Budgets budgets() { return {services_, db_, person_.id, conversation_}; }
  /// Inside settle(): says and logs that a budget does not let a specialist begin, where it does not.
  /// `follows` as above.
  bool refuse_over_budget(double p, const std::string& proposal,
                          std::optional<store::DecisionId> follows = {});
  /// Inside settle(): the same for an answer of the secretary. In full once, then in short.
  void say_over_budget(const texts::UsedUp& budget, double p, const std::string& proposal);
  void post_over_budget(const std::string& text, double p, const std::string& proposal,
                        std::optional<store::DecisionId> follows);
  /// Throws OverBudget where the secretary's model may not be called any more.
  void demand_budget();
  void on_raise_button(store::DecisionId stopped);
  router::Thresholds thresholds();
  // What was paid for is booked together with what comes next, be it the end of the turn or another call.
  void charge(store::Purpose purpose, const llm::Usage& usage);
  /// What nothing came after, in a transaction of its own.
  void book_rest();
  /// Within a transaction: writes down what was paid for since, as made for that decision.
  void book(std::optional<store::DecisionId> decision);
  /// After its commit.
  void booked();

  runtime::Services& services_;
  store::Database& db_;
  const store::Job job_;
  store::Conversations conversations_;
  store::Message message_;
  store::Conversation conversation_;
  store::Person person_;
  std::string in_console_;  ///< the name of whoever acts for person_ there
  runs::DispatchDesk desk_;
  const access::Permissions permissions_;
  store::Outbox outbox_;
  store::DispatchLog log_;
  std::vector<store::Message> taken_along_;  ///< earlier ones that are answered with message_, oldest first
  std::optional<router::SecretaryTools> tools_;
  /// Decisions that this turn has brought to their end, for the metrics once they are committed.
  std::vector<std::pair<store::DecisionAction, std::string>> settled_;
  std::size_t pictures_ = 0;        ///< of the messages that are answered, those that the model is shown
  std::optional<bool> is_blocked_;  ///< the sender, where that was read ahead
  std::optional<std::vector<store::Message>> context_;  ///< that of message_, where it was read ahead
  // Of a message of which it is known since it was claimed that it is for the secretary, alone:
  bool is_for_secretary_alone_ = false;
  bool may_have_enclosures_ = true;  ///< it, or any other message of context_
  std::optional<TurnRouting::Terms> terms_;
  runtime::Successor* next_ = nullptr;
  struct Charge {
    store::LedgerEntry entry;
    base::Timestamp at;
  };
  std::vector<Charge> unbooked_;
  std::size_t booking_ = 0;               ///< so many of them are written, but not committed
  std::vector<store::LedgerId> charged_;  ///< what this turn has booked
};

/// Within the transaction that claims the job.
std::unique_ptr<runtime::Work> begin_turn(runtime::Services& services, store::Database& db,
                                          const store::Job& job);

/// The task of a person's own words as the log keeps it: without a confidence, which nobody had.
std::string to_json_of_own_words(const router::Proposal& proposal);

/// Inside a transaction: that question of the secretary can no longer be answered, and its message says so.
/// False where it was not open.
bool close_question(runtime::Services& services, store::Database& db, store::DecisionId question,
                    const std::string& line);

/// Carries out a job of the kind runtime::kQuestionJob: the question of the secretary that it is about can no
/// longer be answered. Thread rule: that of the Database.
void expire_question(runtime::Services& services, store::Database& db, const store::Job& job);

}  // namespace bot::turns
