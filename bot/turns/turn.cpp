#include "bot/turns/turn.h"

#include <algorithm>
#include <iterator>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/log_event.h"
#include "bot/chat/capabilities.h"
#include "bot/messages/enclosures.h"
#include "bot/messages/files_out.h"
#include "bot/runs/answer_text.h"
#include "bot/runs/budget_alerts.h"
#include "bot/runs/further_tasks.h"
#include "bot/runtime/calibration.h"
#include "bot/texts/approvals.h"
#include "bot/texts/buttons.h"
#include "bot/texts/errors.h"
#include "bot/turns/console_thresholds.h"
#include "router/conversation_window.h"
#include "router/scoring/judgement.h"
#include "store/drafts.h"

namespace bot::turns {
namespace {

/// Exceptions; the end of the program is no attempt.
constexpr int kMaxAttempts = 20;
constexpr int kContextMessages = 200;
/// About 16,000 tokens.
constexpr std::size_t kContextBytes = 64'000;

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

std::string trouble_text(llm::ModelError::Kind kind) {
  using Kind = llm::ModelError::Kind;
  switch (kind) {
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

const char* rule_of(llm::ModelError::Kind kind) {
  return kind == llm::ModelError::Kind::refused ? kModelRefusedRule : "model-error";
}

/// As `log show` takes it.
std::string outside_id(const store::Conversation& conversation, const store::Message& message) {
  return message.external_id.empty() ? "" : conversation.section + ":" + message.external_id;
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

void Turn::run(std::stop_token stop) {
  base::crash_point(base::CrashPoint::turn_claimed, message_.id.value);
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
  if (store::People(db_).standing(person_.id).blocked) {
    settle([] {});  // since they wrote it
    return;
  }
  learn_name(stop);
  read_surroundings(message_, stop);
  if (message_.button) {
    on_button(*message_.button, stop);
    return;
  }
  if (schedule_of(message_)) {
    on_text(message_.text, true, stop);  // whatever it looks like, it answers nothing and commands nothing
    return;
  }
  if (const auto command = chat::parse_command(message_.text)) {
    on_command(*command, stop);
    return;
  }
  if (is_approval_text()) {
    on_approval_text();
    return;
  }
  if (const auto answer = chat::parse_yes_no(message_.text)) {
    if (const auto question = question_before()) {
      on_yes_no(*question, *answer, stop);
      return;
    }
    if (on_note_answer(*answer)) {
      return;
    }
  }
  take_along_waiting(stop);
  on_text(message_.text, true, stop);
}

void Turn::give_up(const std::string& rule, const std::string& reason, const store::Post& said) {
  base::log_error("message {} could not be answered; giving up: {}", message_.id.value, reason);
  settle([&] {
    if (!message_.button) {
      log_rule({.name = rule, .p = p_unread(), .reason = reason, .outcome = store::DecisionOutcome::failed});
    }
    outbox_.post(conversation_, said, services_.clock.now());
  });
}

double Turn::p_unread() {
  return router::judge({}, std::nullopt, router::Scorer::built_in(), runtime::calibration_in_force(db_),
                       conversation_.section + ":" + conversation_.chat_id)
      .p;
}

router::Thresholds Turn::thresholds() {
  return with_console(services_.policy()->routing, db_)
      .thresholds(conversation_.section, conversation_.chat_id, person_.user_id);
}

void Turn::charge(store::Purpose purpose, const llm::Usage& usage) {
  const auto usd = services_.price(usage);
  charged_.push_back(store::Ledger(db_).add(
      {conversation_.id, person_.id, std::nullopt, purpose, services_.provider_of(usage),
       services_.model_of(usage), usage.input, usage.cache_read, usage.cache_write, usage.output, usd},
      services_.clock.now()));
  services_.metrics.spent(purpose, usd);
  services_.metrics.used(purpose, {usage.input, usage.cache_read, usage.cache_write, usage.output});
  runs::tell_spent_shares(services_, db_, person_.id, conversation_);
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

bool Turn::settle(const std::function<void()>& write) {
  settled_.clear();
  {
    store::Transaction transaction(db_, services_.notifier);
    store::JobQueue queue(db_);
    const auto is_other_now = [this](const store::Message& message) {
      return conversations_.message(message.id).text != message.text;
    };
    if (is_other_now(message_) || std::any_of(taken_along_.begin(), taken_along_.end(), is_other_now)) {
      // The person changed it meanwhile: it is answered as it is now.
      queue.give_back(job_);
      transaction.commit();
      return false;
    }
    store::Drafts drafts(db_);
    const auto before = drafts.calls_before({job_.ref});
    write();
    if (before) {
      drafts.take_over({job_.ref}, conversation_.id, *before);
    }
    if (tools_) {
      tools_->carry_out();
    }
    if (!taken_along_.empty()) {  // the job is that of the first of them
      for (auto message = std::next(taken_along_.begin()); message != taken_along_.end(); ++message) {
        queue.withdraw(job_.kind, message->id.value);
      }
      queue.withdraw(job_.kind, message_.id.value);
    }
    if (!queue.complete(job_)) {
      return false;
    }
    base::crash_point(base::CrashPoint::turn_settling, message_.id.value);
    transaction.commit();
  }
  base::crash_point(base::CrashPoint::turn_settled, message_.id.value);
  for (const auto& [action, outcome] : settled_) {
    services_.metrics.decision(action, outcome);
  }
  return true;
}

std::string Turn::with_commands_spelled(const std::string& text) const {
  const auto* platform = services_.platform(conversation_.section);
  return chat::with_command_prefix(
      text, (platform != nullptr ? platform->features() : chat::Features()).command_prefix);
}

void Turn::settle_with_text(const std::string& text) {
  settle([&] {
    outbox_.post(conversation_, {with_commands_spelled(text), {}, message_.external_id},
                 services_.clock.now());
  });
}

void Turn::settle_with_file(store::Post post) {
  post.reply_to = message_.external_id;
  settle([&] { outbox_.post(conversation_, post, services_.clock.now()); });
}

store::DecisionId Turn::log_rule(const Rule& rule) {
  router::Decision decision;
  decision.p = rule.p;
  decision.thresholds = thresholds();
  decision.cause = "rule:" + rule.name;
  decision.reason = rule.reason;
  auto r = record(decision, rule.proposal);
  // Without a judgement beside it the decision alone says where its thresholds came from.
  for (const auto* const from : {&decision.thresholds.ask_from, &decision.thresholds.dispatch_from}) {
    if (!from->empty() && *from != "default" && *from != "global" && *from != "chat" && *from != "user") {
      r.layer = *from;
    }
  }
  r.action = rule.action;
  r.outcome = rule.outcome;
  r.follows = rule.follows;
  return log_decision(r);
}

store::DecisionId Turn::log_decision(const store::DecisionRecord& decision) {
  log_taken_along(decision);
  const auto id = log_.add_decision(decision, services_.clock.now());
  store::Ledger(db_).charge_to(id, charged_);
  if (decision.outcome || decision.action == store::DecisionAction::answer) {
    const auto outcome = decision.outcome ? to_string(*decision.outcome) : std::string("answered");
    settled_.emplace_back(decision.action, outcome);
    if (decision.follows) {
      settled_.emplace_back(log_.decision(*decision.follows).action, outcome);
    }
  }
  base::log_event("decided", {{"message", message_.id.value},
                              {"id", outside_id(conversation_, message_)},
                              {"decision", id.value},
                              {"action", to_string(decision.action)},
                              {"p", decision.p},
                              {"cause", decision.cause},
                              {"outcome", decision.outcome ? to_string(*decision.outcome) : ""}});
  return id;
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
    base::log_error("{} (message {}): the secretary's model failed: {}", outside_id(conversation_, message_),
                    message_.id.value, e.what());
    draft.withdraw();
    tools_.reset();
    settle([&] {
      log_rule({.name = rule_of(e.kind),
                .p = proposed.routing->p_alone(),
                .reason = e.what(),
                .proposal = proposed.logged_proposal(),
                .outcome = store::DecisionOutcome::failed});
      outbox_.post(conversation_, {with_commands_spelled(trouble_text(e.kind)), {}, message_.external_id},
                   services_.clock.now());
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
  store::People people(db_);
  auto messages = conversations_.context_of_turn(conversation_, message_.id, kContextMessages);
  messages.back().text = text;
  put_waiting_last(messages);
  auto& routing = proposed.routing.emplace(services_, db_, conversation_, person_, messages,
                                           TurnRouting::Said{all_words(text), brings_foreign_words()});
  demand_budget();
  messages::tell_enclosures(db_, messages);
  const auto window = router::conversation_window(messages, people, kContextBytes);
  const auto down = specialist_down();
  const bool offer = offer_specialist && !down && routing.tool_is_of_use();
  const auto may_go_on = [this] { demand_budget(); };
  base::crash_point(base::CrashPoint::turn_asking, message_.id.value);
  auto turn = services_.secretary.propose(window, tools, offer, on_usage, stop, may_go_on, draft.listener());
  base::crash_point(base::CrashPoint::turn_answered, message_.id.value);
  proposed.proposal = turn.proposal;
  if (tools.brought_foreign_text()) {
    routing.note_foreign_words();
  }
  auto& decision = proposed.decision;
  decision = offer ? routing.decide(proposed.proposal, turn.logprob) : routing.decide_alone();
  apply_hard_rules(proposed, offer_specialist, down);
  if (proposed.proposal && decision.action == router::Decision::Action::answer) {
    draft.withdraw();
    demand_budget();
    turn = services_.secretary.propose(window, tools, false, on_usage, stop, may_go_on, draft.listener());
  }
  proposed.text = runs::answer_text(turn.answer);
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
    store::People people(db_);
    auto messages = conversations_.context(conversation_, until, kContextMessages);
    if (const auto command = messages.empty() ? std::nullopt : chat::parse_command(messages.back().text)) {
      messages.back().text = command->argument;
    }
    messages::tell_enclosures(db_, messages);
    const auto window = router::conversation_window(messages, people, kContextBytes);
    const auto on_usage = [this](const llm::Usage& usage) { charge(store::Purpose::secretary, usage); };
    const auto turn = services_.secretary.propose(
        window, tools, false, on_usage, std::move(stop), [this] { demand_budget(); }, draft.listener());
    return {runs::answer_text(turn.answer)};
  } catch (const OverBudget& e) {
    draft.withdraw();
    tools_.reset();
    return {texts::not_answered(e.budget), "budget", "the budget is used up",
            store::DecisionOutcome::over_budget};
  } catch (const llm::ModelError& e) {
    base::log_error("{} (message {}): the secretary's model failed: {}", outside_id(conversation_, message_),
                    message_.id.value, e.what());
    draft.withdraw();
    tools_.reset();
    return {with_commands_spelled(trouble_text(e.kind)), rule_of(e.kind), e.what(),
            store::DecisionOutcome::failed};
  }
}

}  // namespace bot::turns
