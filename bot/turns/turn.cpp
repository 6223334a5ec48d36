#include "bot/turns/turn.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/crash_point.h"
#include "base/log.h"
#include "bot/chat/capabilities.h"
#include "bot/messages/enclosures.h"
#include "bot/messages/files_out.h"
#include "bot/runs/further_tasks.h"
#include "bot/texts/approvals.h"
#include "bot/texts/buttons.h"
#include "bot/texts/errors.h"
#include "bot/texts/reminders.h"
#include "bot/tools/asked_calls.h"
#include "bot/turns/console_thresholds.h"
#include "store/drafts.h"
#include "store/in_transaction.h"
#include "store/snapshot.h"

namespace bot::turns {
namespace {

/// Exceptions; the end of the program is no attempt.
constexpr int kMaxAttempts = 20;
constexpr int kContextMessages = 200;

/// Shows "thinking" for as long as it lives.
class Thinking {
 public:
  Thinking(chat::Platform* platform, std::string chat_id)
      : platform_(chat::capability<chat::ShowsTyping>(platform)), chat_id_(std::move(chat_id)) {
    show(Presence::thinking);
  }
  ~Thinking() { show(Presence::idle); }
  Thinking(const Thinking&) = delete;
  Thinking& operator=(const Thinking&) = delete;

 private:
  using Presence = chat::ShowsTyping::Presence;
  void show(Presence presence) {
    if (platform_ != nullptr) {
      platform_->show_presence(chat_id_, presence);
    }
  }

  chat::ShowsTyping* const platform_;
  const std::string chat_id_;
};

std::string trouble_text(const llm::ModelError& error) {
  using Kind = llm::ModelError::Kind;
  if (dynamic_cast<const router::EndlessTools*>(&error) != nullptr) {
    return texts::kModelWithoutEnd;
  }
  switch (error.kind) {
    case Kind::unreachable:
      return texts::kModelUnreachable;
    case Kind::overloaded:
      return texts::kModelOverloaded;
    case Kind::unauthorized:
      return texts::kModelUnauthorized;
    case Kind::out_of_credit:
      return texts::kModelOutOfCredit;
    case Kind::misconfigured:
      return texts::kModelMisconfigured;
    case Kind::too_long:
      return texts::kConversationTooLong;
    case Kind::refused:
      return texts::kModelDeclined;
    case Kind::malformed:
      return texts::kModelUnusable;
  }
  return texts::kModelUnreachable;
}

/// Before a turn by schedule is made again, so that nobody need be there to ask for it; nothing where that is
/// of no use, or was done often enough.
std::optional<std::chrono::minutes> pause_before_again(llm::ModelError::Kind kind, int done) {
  using Kind = llm::ModelError::Kind;
  constexpr std::array kPauses{std::chrono::minutes(1), std::chrono::minutes(3), std::chrono::minutes(10)};
  const auto index = static_cast<std::size_t>(done);
  return (kind == Kind::unreachable || kind == Kind::overloaded) && index < kPauses.size()
             ? std::optional(kPauses.at(index))
             : std::nullopt;
}

bool has_daily_budget(const runtime::Budget& budget) {
  return budget.usd_per_day || budget.usd_per_user_per_day || !budget.chat_usd_per_day.empty();
}

const char* rule_of(llm::ModelError::Kind kind) {
  return kind == llm::ModelError::Kind::refused ? kModelRefusedRule : "model-error";
}

}  // namespace

Turn::Turn(runtime::Services& services, store::Database& db, const store::Job& job)
    : services_(services),
      db_(db),
      job_(job),
      conversations_(db),
      message_(conversations_.message({job.ref})),
      conversation_(conversations_.get(message_.conversation)),
      person_(store::People(db).get(message_.person.value())),
      desk_(services, db),
      permissions_(services, db, conversation_.section),
      outbox_(db),
      log_(db) {}

void Turn::read_ahead() {
  is_blocked_ = store::People(db_).standing(person_.id).blocked.has_value();
  if (message_.button || chat::parse_command(message_.text)) {
    return;
  }
  context_ = conversations_.context_of_turn(conversation_, message_.id, kContextMessages);
  // What may change before the turn goes on is read by it.
  if (context_->empty() || *is_blocked_ || job_.attempt > 1 || asks_service() || schedule_of(message_) ||
      chat::parse_yes_no(message_.text) || chat::parse_numbered_answer(message_.text) || is_approval_text() ||
      !waiting_behind().empty()) {
    return;
  }
  is_for_secretary_alone_ = true;
  may_have_enclosures_ = messages::has_enclosures(db_, *context_);
  secretary_tools().read_ahead();
  // A budget adds up what was spent today, for which no other writer should wait.
  if (!has_daily_budget(services_.policy()->budget)) {
    terms_ = TurnRouting::read_terms(services_, db_, conversation_, person_.id, person_.user_id);
  }
}

std::unique_ptr<runtime::Work> begin_turn(runtime::Services& services, store::Database& db,
                                          const store::Job& job) {
  auto turn = std::make_unique<Turn>(services, db, job);
  turn->read_ahead();
  return turn;
}

void Turn::run(runtime::Successor* next, std::stop_token stop) {
  next_ = next;
  try {
    answer(std::move(stop));
  } catch (...) {
    // It was paid for, whatever became of the turn.
    try {
      book_rest();
    } catch (const std::exception& e) {
      base::log_error("what the answer to message {} cost could not be written down: {}", message_.id.value,
                      e.what());
    }
    throw;
  }
  book_rest();
}

void Turn::answer(std::stop_token stop) {
  base::crash_point(base::CrashPoint::turn_claimed, message_.id.value);
  if (job_.attempt > 1 && services_.tools != nullptr) {
    tools::AskedCalls(services_, db_).settle_lost(conversation_);
  }
  if (job_.trial == store::JobTrial::proven) {
    give_up("program-crash", "the program crashed each time, the last time with nothing else at work",
            {texts::kCrashedEachTime,
             {{store::ButtonKind::retry, message_.id.value, texts::kRetry}},
             message_.external_id});
    return;
  }
  if (job_.attempt > kMaxAttempts) {
    give_up("model-error", "something in this program went wrong in each attempt",
            {texts::kCouldNotAnswer, {}, message_.external_id});
    return;
  }
  if (is_blocked_ ? *is_blocked_ : store::People(db_).standing(person_.id).blocked.has_value()) {
    settle([] {});  // since they wrote it
    return;
  }
  learn_name(stop);
  read_surroundings(message_, stop);
  if (message_.button) {
    on_button(*message_.button, stop);
    return;
  }
  // What comes by a schedule answers nothing and commands nothing, whatever it looks like.
  if (is_for_secretary_alone_ || schedule_of(message_)) {
    on_text(message_.text, true, stop);
    return;
  }
  if (const auto command = chat::parse_command(message_.text)) {
    on_command(*command, stop);
    return;
  }
  on_words(stop);
}

void Turn::on_words(const std::stop_token& stop) {
  const auto answer = chat::parse_yes_no(message_.text);
  const auto named = named_answer();
  if (named && named->meaning == NamedAnswer::Meaning::other_words) {
    take_along_waiting(waiting_behind(), stop);
    return on_text(message_.text, true, stop);
  }
  if (named) {
    return on_named_answer(*named, stop);
  }
  std::optional<store::Snapshot> snapshot(std::in_place, db_);
  const auto which = answer ? which_question() : std::vector<OpenQuestion>();
  const bool answers_request = !which.empty() || is_approval_text();
  const auto waiting = answers_request ? std::vector<std::int64_t>() : waiting_behind();
  snapshot.reset();
  if (answers_request) {
    which.empty() ? on_approval_text() : ask_which(which);
    return;
  }
  if (answer) {
    if (const auto question = question_before()) {
      on_yes_no(*question, *answer, stop);
      return;
    }
    if (on_note_answer(*answer) || on_call_answer(*answer, stop)) {
      return;
    }
  }
  take_along_waiting(waiting, stop);
  on_text(message_.text, true, stop);
}

router::Thresholds Turn::thresholds() {
  return with_console(services_.policy()->routing, db_)
      .thresholds(conversation_.section, conversation_.chat_id, person_.user_id);
}

store::DecisionRecord Turn::record(const router::Decision& decision, const std::string& proposal) const {
  store::DecisionRecord r;
  r.message = message_.id;
  r.conversation = conversation_.id;
  r.person = person_.id;
  r.action = decision.action;
  r.p = decision.p;
  r.ask_at = decision.thresholds.ask_at;
  r.dispatch_at = decision.thresholds.dispatch_at;
  r.layer = decision.thresholds.layer;
  r.cause = decision.cause;
  r.reason = decision.reason;
  r.proposal = proposal;
  return r;
}

void Turn::on_text(const std::string& text, bool offer_specialist, std::stop_token stop) {
  Proposed proposed;
  Draft draft(services_, db_, conversation_, message_, {job_.ref});
  try {
    propose(text, offer_specialist, proposed, draft, std::move(stop));
  } catch (const OverBudget& e) {
    draft.withdraw();
    tools_.reset();
    settle([&] { say_over_budget(e.budget, proposed.routing->p_alone(), proposed.logged_proposal()); });
    return;
  } catch (const llm::ModelError& e) {
    base::log_error("{} (message {}): the secretary's model failed: {}", outside_id(), message_.id.value,
                    e.what());
    draft.withdraw();
    tools_.reset();
    const bool is_scheduled = schedule_of(message_).has_value();
    // In the lane of the chat all that is said there would wait with it.
    const bool is_again = job_.lane != conversation_.id.value;
    const auto now = services_.clock.now();
    const auto pause = is_scheduled ? pause_before_again(e.kind, is_again ? job_.attempt : 0) : std::nullopt;
    if (pause && is_again) {
      store::in_transaction(db_, &services_.notifier, [&] {
        store::JobQueue(db_).retry(job_, now, now + *pause);
        return true;
      });
      return;
    }
    settle([&] {
      if (pause) {
        outbox_.post(conversation_, {texts::kScheduledTaskPutOff, {}, {}}, now);
        store::JobQueue(db_).enqueue(runtime::kTurnJob, -message_.id.value, message_.id.value, now,
                                     {.not_before = now + *pause, .owner = person_.id.value});
        return;
      }
      log_rule({.name = rule_of(e.kind),
                .p = proposed.routing->p_alone(),
                .reason = e.what(),
                .proposal = proposed.logged_proposal(),
                .outcome = store::DecisionOutcome::failed});
      store::Post said{
          with_commands_spelled(trouble_text(e)) + made_before_failure(), {}, message_.external_id};
      if (is_scheduled) {
        said.buttons = {{store::ButtonKind::retry, message_.id.value, texts::kRetry}};
      }
      outbox_.post(conversation_, said, now);
    });
    return;
  }
  if (proposed.decision.action != router::Decision::Action::answer) {
    draft.withdraw();
  }
  if (settle([&] { carry_out(proposed); })) {
    draft.leave();
  }
}

void Turn::propose(const std::string& text, bool offer_specialist, Proposed& proposed, Draft& draft,
                   std::stop_token stop) {
  const Thinking thinking(services_.platform(conversation_.section), conversation_.chat_id);
  auto& tools = secretary_tools();
  const auto on_usage = [this](const llm::Usage& usage) { charge(store::Purpose::secretary, usage); };
  std::optional<store::Snapshot> snapshot;
  if (may_have_enclosures_ || !terms_) {
    snapshot.emplace(db_);
  }
  auto messages = context_ && !context_->empty() && context_->back().id == message_.id
                      ? *std::exchange(context_, std::nullopt)
                      : conversations_.context_of_turn(conversation_, message_.id, kContextMessages);
  messages.back().text = text;
  put_waiting_last(messages);
  auto& routing = proposed.routing.emplace(services_, db_, conversation_, person_, messages,
                                           TurnRouting::Said{all_words(text), brings_foreign_words()},
                                           std::exchange(terms_, std::nullopt));
  demand_budget();
  if (may_have_enclosures_) {
    messages::tell_enclosures(db_, messages);
  }
  const auto own = taken_along_.size() + 1;
  auto seen = look(messages, messages.size() - std::min(own, messages.size()), stop, &snapshot);
  const auto down = specialist_down();
  const bool offer = offer_specialist && !down && routing.tool_is_of_use();
  const auto may_go_on = [this] { demand_budget(); };
  snapshot.reset();
  base::crash_point(base::CrashPoint::turn_asking, message_.id.value);
  auto turn = services_.secretary.propose(std::move(seen.window), tools, offer, on_usage, stop, may_go_on,
                                          draft.listener());
  base::crash_point(base::CrashPoint::turn_answered, message_.id.value);
  if (turn.saw_pictures && pictures_ > 0) {
    routing.note_pictures(pictures_);
  }
  proposed.proposal = turn.proposal;
  if (tools.brought_foreign_text()) {
    routing.note_tool_words();
  }
  auto& decision = proposed.decision;
  decision = offer ? routing.decide(proposed.proposal, turn.logprob) : routing.decide_alone();
  apply_hard_rules(proposed, offer_specialist, down);
  if (proposed.proposal && decision.action == router::Decision::Action::answer) {
    draft.withdraw();
    demand_budget();
    turn = services_.secretary.propose(std::move(turn.window), tools, false, on_usage, stop, may_go_on,
                                       draft.listener());
  }
  proposed.text = words_of(turn.answer);
  if (decision.action == router::Decision::Action::answer) {
    proposed.text = with_picture_notes(std::move(proposed.text), seen, turn);
  }
  proposed.further = std::move(turn.further);
  proposed.speaks_of_failure = turn.speaks_of_failure;
  proposed.was_cut_off = turn.answer.ending == llm::Ending::declined;
}

std::string Turn::Proposed::logged_proposal() const {
  return !proposal ? std::string() : made_up ? to_json_of_own_words(*proposal) : to_json(*proposal, further);
}

Turn::OwnAnswer Turn::own_answer(store::MessageId until, Draft& draft, std::stop_token stop) {
  const Thinking thinking(services_.platform(conversation_.section), conversation_.chat_id);
  auto& tools = secretary_tools();
  try {
    demand_budget();
    auto messages = conversations_.context(conversation_, until, kContextMessages);
    if (const auto command = messages.empty() ? std::nullopt : chat::parse_command(messages.back().text)) {
      messages.back().text = command->argument;
    }
    messages::tell_enclosures(db_, messages);
    auto seen = look(messages, messages.size() - std::min<std::size_t>(1, messages.size()), stop);
    const auto on_usage = [this](const llm::Usage& usage) { charge(store::Purpose::secretary, usage); };
    const auto turn = services_.secretary.propose(
        std::move(seen.window), tools, false, on_usage, std::move(stop), [this] { demand_budget(); },
        draft.listener());
    return {with_picture_notes(words_of(turn.answer), seen, turn)};
  } catch (const OverBudget& e) {
    draft.withdraw();
    tools_.reset();
    return {texts::not_answered(e.budget) + made_before_failure(), "budget", "the budget is used up",
            store::DecisionOutcome::over_budget};
  } catch (const llm::ModelError& e) {
    base::log_error("{} (message {}): the secretary's model failed: {}", outside_id(), message_.id.value,
                    e.what());
    draft.withdraw();
    tools_.reset();
    return {with_commands_spelled(trouble_text(e)) + made_before_failure(), rule_of(e.kind), e.what(),
            store::DecisionOutcome::failed};
  }
}

}  // namespace bot::turns
