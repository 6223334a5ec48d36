#include "bot/turn.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/error.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/approval_desk.h"
#include "bot/attachments.h"
#include "bot/files_out.h"
#include "bot/pair.h"
#include "dispatch/project_workspace.h"
#include "router/conversation_window.h"
#include "router/scorer.h"
#include "store/ledger.h"
#include "store/projects.h"

namespace bot {
namespace {

constexpr int kMaxAttempts = 5;
constexpr int kContextMessages = 200;
/// About 16,000 tokens.
constexpr std::size_t kContextBytes = 64'000;
constexpr int kListLimit = 30;
/// What the specialist is told of the conversation when a person hands it a message by button.
constexpr int kGivenMessages = 6;
constexpr std::size_t kGivenBytes = 2'000;

constexpr const char* kOldButton = "This button belongs to something that is settled already.";

/// Shows "thinking" for as long as it lives.
class Thinking {
 public:
  Thinking(ChatPlatform* platform, std::string chat_id) : platform_(platform), chat_id_(std::move(chat_id)) {
    show(ChatPlatform::Presence::thinking);
  }
  ~Thinking() { show(ChatPlatform::Presence::idle); }
  Thinking(const Thinking&) = delete;
  Thinking& operator=(const Thinking&) = delete;

 private:
  void show(ChatPlatform::Presence presence) {
    if (platform_ != nullptr) {
      platform_->show_presence(chat_id_, presence);
    }
  }

  ChatPlatform* const platform_;
  const std::string chat_id_;
};

std::string question_text(const router::Proposal& proposal) {
  const auto what = proposal.description.empty() ? proposal.slug : proposal.description;
  return fmt::format(
      "This looks like work for the specialist: *{}* ({}).\n\nShall I give it to the specialist? It takes "
      "some minutes and "
      "costs more than an answer of mine.",
      what, proposal.action == "run" ? proposal.slug : "in the project " + proposal.slug);
}

}  // namespace

Turn::Turn(Services& services, store::Database& db, const store::Job& job)
    : services_(services),
      db_(db),
      job_(job),
      conversations_(db),
      message_(conversations_.message({job.ref})),
      conversation_(conversations_.get(message_.conversation)),
      person_(store::People(db).get(message_.person.value())),
      desk_(services, db),
      rights_(services, db, conversation_.section),
      outbox_(db),
      log_(db) {}

void Turn::run(std::stop_token stop) {
  if (job_.attempt > kMaxAttempts) {
    base::log_error("message {} could not be answered in {} attempts; giving up", message_.id.value,
                    kMaxAttempts);
    settle_with_text(
        "Something in this program broke each time it tried to answer this. The operator finds more in the "
        "log.");
    return;
  }
  if (message_.button) {
    on_button(*message_.button, stop);
    return;
  }
  if (const auto command = parse_command(message_.text)) {
    on_command(*command, stop);
    return;
  }
  if (is_approval_text()) {
    on_approval_text();
    return;
  }
  if (const auto answer = parse_yes_no(message_.text)) {
    if (const auto question = question_before()) {
      on_yes_no(*question, *answer, stop);
      return;
    }
  }
  on_text(message_.text, true, stop);
}

router::Thresholds Turn::thresholds() const {
  return services_.policy()->routing.thresholds(conversation_.section, conversation_.chat_id,
                                                person_.user_id);
}

void Turn::charge(const std::string& purpose, const llm::Usage& usage) {
  const auto usd = services_.price(usage);
  store::Ledger(db_).add(
      {conversation_.id, person_.id, std::nullopt, purpose, services_.model.provider(),
       services_.model.model(), usage.input, usage.cache_read, usage.cache_write, usage.output, usd},
      services_.clock.now());
  services_.metrics.spent(purpose, usd);
}

store::DecisionRecord Turn::record(const router::Decision& decision,
                                   const std::optional<router::Proposal>& proposal) const {
  store::DecisionRecord r;
  r.message = message_.id;
  r.conversation = conversation_.id;
  r.person = person_.id;
  r.action = to_string(decision.action);
  r.p = decision.p;
  r.ask_at = decision.thresholds.ask_at;
  r.dispatch_at = decision.thresholds.dispatch_at;
  r.layer = decision.thresholds.layer;
  r.cause = decision.cause;
  r.reason = decision.reason;
  r.proposal = proposal ? to_json(*proposal) : "";
  return r;
}

bool Turn::settle(const std::function<void()>& write) {
  {
    store::Transaction transaction(db_);
    write();
    if (!store::JobQueue(db_).complete(job_)) {
      return false;
    }
    transaction.commit();
  }
  services_.doorbell.ring();
  return true;
}

void Turn::settle_with_text(const std::string& text) {
  settle([&] { outbox_.post(conversation_, {text, {}, message_.external_id}, services_.clock.now()); });
}

void Turn::settle_with_file(store::Post post) {
  post.reply_to = message_.external_id;
  settle([&] { outbox_.post(conversation_, post, services_.clock.now()); });
}

store::DecisionId Turn::log_rule(const std::string& rule, const std::string& action, double p,
                                 const std::string& reason, const std::optional<router::Proposal>& proposal) {
  router::Decision decision;
  decision.p = p;
  decision.thresholds = thresholds();
  decision.cause = "rule:" + rule;
  decision.reason = reason;
  auto r = record(decision, proposal);
  r.action = action;
  services_.metrics.decision(action);
  return log_.add_decision(r, services_.clock.now());
}

bool Turn::refuse_over_budget(double p, const std::optional<router::Proposal>& proposal) {
  const auto sentence = desk_.over_budget(person_);
  if (sentence) {
    log_rule("budget", "answer", p, *sentence, proposal);
    outbox_.post(conversation_, {*sentence, {}, message_.external_id}, services_.clock.now());
  }
  return sentence.has_value();
}

router::SecretaryTools Turn::secretary_tools() {
  return {db_,
          services_.clock,
          {conversation_.id, person_.id, services_.settings.secretary.timezone,
           [this](const store::DispatchRecord& dispatch) { return cancel_for_model(dispatch); }}};
}

std::optional<std::string> Turn::cancel_for_model(const store::DispatchRecord& dispatch) {
  if (auto refused = rights_.refusal_to_stop(person_, dispatch.person, conversation_)) {
    return refused;
  }
  {
    store::Transaction transaction(db_);
    desk_.request_stop(dispatch, person_.id);
    transaction.commit();
  }
  services_.runs.stop(dispatch.id);
  services_.doorbell.ring();
  return std::nullopt;
}

void Turn::on_text(const std::string& text, bool offer_specialist, std::stop_token stop) {
  const auto limits = thresholds();
  const bool offer = offer_specialist && limits.ask_at <= router::highest_score();
  const auto started = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  };
  auto tools = secretary_tools();
  const auto on_usage = [this](const llm::Usage& usage) { charge("secretary", usage); };
  router::Secretary::Turn turn;
  router::Decision decision;
  std::optional<router::Proposal> proposal;
  try {
    const Thinking thinking(services_.platform(conversation_.section), conversation_.chat_id);
    store::People people(db_);
    auto messages = conversations_.context_of_turn(conversation_, message_.id, kContextMessages);
    messages.back().text = text;
    tell_attachments(db_, messages);
    const auto window = router::conversation_window(messages, people, kContextBytes);
    turn = services_.secretary.propose(window, tools, offer, on_usage, stop);
    proposal = turn.proposal;
    decision = router::decide(proposal, router::score(proposal), limits);
    if (!offer_specialist) {
      decision.cause = "rule:answer-command";
      decision.p = router::kDeclined;
      decision.offer_specialist = false;
      decision.reason = "the sender asked for an answer of the secretary";
    }
    if (proposal && decision.action == router::Decision::Action::answer) {
      turn = services_.secretary.propose(window, tools, false, on_usage, stop);
    }
    services_.metrics.model_call("secretary", seconds(), true);
  } catch (const llm::ModelError& e) {
    services_.metrics.model_call("secretary", seconds(), false);
    base::log_error("message {}: the secretary's model failed: {}", message_.id.value, e.what());
    settle([&] {
      log_rule("model-error", "answer", router::score(proposal), e.what(), proposal);
      outbox_.post(conversation_, {e.sentence(), {}, message_.external_id}, services_.clock.now());
    });
    return;
  }

  settle([&] {
    const auto now = services_.clock.now();
    if (decision.action != router::Decision::Action::answer && refuse_over_budget(decision.p, proposal)) {
      return;
    }
    const auto id = log_.add_decision(record(decision, proposal), now);
    services_.metrics.decision(to_string(decision.action));
    switch (decision.action) {
      case router::Decision::Action::answer: {
        store::Post post{turn.text, {}, message_.external_id};
        if (decision.offer_specialist) {
          post.buttons.push_back({store::ButtonKind::give, id.value, "Give it to the specialist"});
        }
        outbox_.post(conversation_, post, now);
        break;
      }
      case router::Decision::Action::ask:
        outbox_.post(conversation_,
                     {question_text(*proposal),
                      {{store::ButtonKind::yes, id.value, "Yes"}, {store::ButtonKind::no, id.value, "No"}},
                      message_.external_id},
                     now);
        break;
      case router::Decision::Action::dispatch:
        desk_.order(conversation_, person_, id, *proposal, DispatchDesk::SlugOrigin::named, turn.text,
                    message_.external_id);
        break;
    }
  });
}

void Turn::demand(const std::string& text) {
  // "/dispatch task-api add paging" goes on in task-api when this chat has it.
  const auto first = text.substr(0, text.find_first_of(" \n\t"));
  const auto rest = std::string(base::trim(text.substr(first.size())));
  const auto known = store::Projects(db_).find(first);
  const bool ours = known && known->conversation == std::optional(conversation_.id);
  if (ours && rest.empty()) {
    settle_with_text(
        fmt::format("Write behind it what is to be done in {0}: `/dispatch {0} add a test`.", first));
    return;
  }
  const auto origin = ours ? DispatchDesk::SlugOrigin::named : DispatchDesk::SlugOrigin::made_up;
  router::Proposal proposal;
  proposal.confidence = router::Confidence::high;
  proposal.reason = "the sender demanded it";
  if (ours) {
    proposal.action = "resume";
    proposal.slug = known->slug;
    proposal.prompt = rest;
  } else {
    proposal.action = "run";
    proposal.slug = dispatch::make_slug(text);
    proposal.description = base::ellipsize(text.substr(0, text.find('\n')), 100);
    proposal.prompt = text;
  }
  settle([&] {
    if (refuse_over_budget(router::kDemanded, proposal)) {
      return;
    }
    const auto id =
        log_rule("dispatch-command", "dispatch", router::kDemanded, "the sender wrote /dispatch", proposal);
    desk_.order(conversation_, person_, id, proposal, origin, {}, message_.external_id);
  });
}

void Turn::on_command(const Command& command, std::stop_token stop) {
  switch (command.name) {
    case Command::Name::dispatch:
      return command.argument.empty()
                 ? settle_with_text(
                       "Write what the specialist is to do behind it: `/dispatch build me a small web page`.")
                 : demand(command.argument);
    case Command::Name::answer:
      return command.argument.empty()
                 ? settle_with_text("Write your question behind it: `/answer what is a mutex?`")
                 : on_text(command.argument, false, stop);
    case Command::Name::status:
      return settle_with_text(status_text());
    case Command::Name::projects:
      return settle_with_text(projects_text());
    case Command::Name::file:
      return settle_with_file(FilesOut(services_, db_).requested(conversation_, command.argument));
    case Command::Name::cancel:
      return on_cancel(command.argument);
    case Command::Name::fresh:
      settle([&] {
        conversations_.start_context_at(conversation_.id, {message_.id.value + 1});
        outbox_.post(
            conversation_,
            {"A new conversation: I no longer look at what was said before. The projects are still there.",
             {},
             message_.external_id},
            services_.clock.now());
      });
      return;
    case Command::Name::whoami:
      return settle_with_text(whoami_text());
    case Command::Name::pair:
      return on_pair(command.argument);
    case Command::Name::help:
      return settle_with_text(command_help());
    case Command::Name::unknown:
      return settle_with_text(unknown_command(command));
  }
}

std::string Turn::whoami_text() {
  return fmt::format(
      "You are `{}:{}`{} in the chat `{}:{}`. Your role here: {}. The place: {}.", person_.section,
      person_.user_id, person_.name.empty() ? "" : " (" + person_.name + ")", conversation_.section,
      conversation_.chat_id, to_string(rights_.role(person_)),
      conversation_.in_group ? "the group `" + store::place_of(conversation_) + "`" : "direct messages");
}

void Turn::on_pair(const std::string& code) {
  // Whoever is no admin must not learn whether there is such a code.
  if (rights_.role(person_) != Role::admin) {
    settle_with_text("Only an admin may do that.");
    return;
  }
  if (conversation_.in_group) {
    settle_with_text("Please do that in a direct message to me.");
    return;
  }
  if (code.empty()) {
    settle_with_text("Write behind it the code that the person was shown: `/pair ABCD-EFGH`.");
    return;
  }
  settle([&] {
    const auto now = services_.clock.now();
    const auto admitted = store::People(db_).admit(code, now, person_.section);
    outbox_.post(conversation_, {pairing_answer(admitted), {}, message_.external_id}, now);
  });
}

std::string Turn::status_text() {
  std::string text;
  const auto now = services_.clock.now();
  store::Projects projects(db_);
  for (const auto& d : log_.open(conversation_.id)) {
    if (d.state == "running") {
      text += fmt::format("- *{}*: running for {}\n", projects.get(d.project).slug,
                          base::format_duration(now - d.started.value_or(d.created)));
    } else {
      text += "- " + desk_.waiting_text(d) + "\n";
    }
  }
  return text.empty() ? "Nothing is running and nothing waits in this chat." : text;
}

std::string Turn::projects_text() {
  const auto list = secretary_tools().list(kListLimit);
  return list.empty() ? "This chat has no projects yet. Ask for something to be built." : list;
}

void Turn::on_cancel(const std::string& slug) {
  std::vector<store::DispatchId> stopped;
  std::vector<std::string> names;
  settle([&] {
    store::Projects projects(db_);
    std::string refusals;
    for (const auto& d : log_.open(conversation_.id)) {
      const auto name = projects.get(d.project).slug;
      if (!slug.empty() && name != slug) {
        continue;
      }
      if (const auto refused = rights_.refusal_to_stop(person_, d.person, conversation_)) {
        refusals += fmt::format("{}*{}* goes on. {}", refusals.empty() ? "" : "\n\n", name, *refused);
      } else if (desk_.request_stop(d, person_.id)) {
        stopped.push_back(d.id);
        names.push_back(name);
      }
    }
    std::string text;
    if (stopped.empty() && !refusals.empty()) {
      text = refusals;
    } else if (stopped.empty()) {
      text = slug.empty()
                 ? "Nothing is running and nothing waits in this chat."
                 : fmt::format("Nothing is running or waiting in a project \"{}\" of this chat.", slug);
    } else {
      for (const auto& name : names) {
        text += (text.empty() ? "Stopping *" : "*, *") + name;
      }
      text += "*.";
      text += refusals.empty() ? "" : "\n\n" + refusals;
    }
    outbox_.post(conversation_, {text, {}, message_.external_id}, services_.clock.now());
  });
  for (const auto id : stopped) {
    services_.runs.stop(id);
  }
}

void Turn::on_button(const std::string& id, std::stop_token stop) {
  const auto found = conversations_.find_button(id);
  if (!found || conversations_.message(found->message).conversation != conversation_.id) {
    settle_with_text("I do not know this button.");
    return;
  }
  const auto& button = found->button;
  if (!found->shown) {
    settle_with_text(kOldButton);
    return;
  }
  switch (button.kind) {
    case store::ButtonKind::yes:
    case store::ButtonKind::no: {
      const auto question = log_.decision({button.ref});
      if (question.person != person_.id) {
        const auto asked = store::People(db_).get(question.person);
        settle_with_text(fmt::format("Only {} can answer this question.",
                                     asked.name.empty() ? asked.user_id : asked.name));
        return;
      }
      on_yes_no(question, button.kind == store::ButtonKind::yes ? YesNo::yes : YesNo::no, stop);
      return;
    }
    case store::ButtonKind::give:
      on_give_button({button.ref});
      return;
    case store::ButtonKind::resume:
      on_resume_button({button.ref});
      return;
    case store::ButtonKind::file:
      settle_with_file(FilesOut(services_, db_).offered(conversation_, {button.ref}));
      return;
    case store::ButtonKind::allow:
    case store::ButtonKind::allow_for_task:
    case store::ButtonKind::deny:
    case store::ButtonKind::change:
    case store::ButtonKind::option:
      on_approval_button(*found);
      return;
    case store::ButtonKind::cancel:
      on_cancel_button({button.ref});
      return;
  }
}

void Turn::on_cancel_button(store::DispatchId dispatch) {
  std::optional<std::string> refused;
  settle([&] {
    const auto record = log_.dispatch(dispatch);
    refused = rights_.refusal_to_stop(person_, record.person, conversation_);
    if (!refused && !desk_.request_stop(record, person_.id)) {
      outbox_.post(conversation_, {kOldButton, {}, {}}, services_.clock.now());
    } else if (refused) {
      outbox_.post(conversation_, {*refused, {}, {}}, services_.clock.now());
    }
  });
  if (!refused) {
    services_.runs.stop(dispatch);
  }
}

void Turn::on_approval_button(const store::Conversations::FoundButton& found) {
  ApprovalDesk desk(services_, db_);
  std::optional<store::DispatchId> stopped;
  const bool done = settle([&] {
    const auto& button = found.button;
    const auto approval = store::Approvals(db_).get(button.ref);
    // A question of several parts may have gone on to its next message.
    const auto sentence = approval.message == found.message
                              ? desk.take_button(approval, button.kind, button.label, person_)
                              : std::string(kOldButton);
    if (!sentence.empty()) {
      outbox_.post(conversation_, {sentence, {}, message_.external_id}, services_.clock.now());
    } else if (approval.kind == "plan" && button.kind == store::ButtonKind::deny) {
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
  const bool may_mean_any = rights_.is_approver(person_) && parse_yes_no(message_.text) && !question_before();
  std::erase_if(approvals, [&](const auto& approval) {
    return approval.person != person_.id && !may_mean_any &&
           !(rights_.is_approver(person_) && pressed_change(approval));
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
  if (!parse_yes_no(message_.text)) {
    return approvals.back().kind != "permission";
  }
  // What others are asked to choose is not answered by a word of an approver.
  return std::any_of(approvals.begin(), approvals.end(), [&](const auto& approval) {
    return approval.person == person_.id || approval.kind != "question";
  });
}

void Turn::on_approval_text() {
  ApprovalDesk desk(services_, db_);
  bool taken = false;
  const bool done = settle([&] {
    const auto approvals = asked_before();
    std::string sentence = "The specialist no longer waits for this.";
    if (open_requests().size() > 1) {
      sentence =
          "More than one question waits for you, so I cannot tell which you mean: please use the buttons.";
    } else if (!approvals.empty()) {
      sentence = desk.take_text(approvals.back(), message_.text, person_);
      taken = sentence.empty();
    }
    outbox_.post(conversation_, {taken ? "Passed on to the specialist." : sentence, {}, message_.external_id},
                 services_.clock.now());
  });
  if (done && taken) {
    desk.send();
  }
}

std::string Turn::own_answer(store::MessageId until, std::stop_token stop) {
  const Thinking thinking(services_.platform(conversation_.section), conversation_.chat_id);
  auto tools = secretary_tools();
  try {
    store::People people(db_);
    auto messages = conversations_.context(conversation_, until, kContextMessages);
    tell_attachments(db_, messages);
    const auto window = router::conversation_window(messages, people, kContextBytes);
    return services_.secretary
        .propose(
            window, tools, false, [this](const llm::Usage& usage) { charge("secretary", usage); }, stop)
        .text;
  } catch (const llm::ModelError& e) {
    base::log_error("message {}: the secretary's model failed: {}", message_.id.value, e.what());
    return e.sentence();
  }
}

void Turn::on_yes_no(const store::DecisionRecord& question, YesNo answer, std::stop_token stop) {
  // After a "no" the secretary answers the question itself, as well as it can.
  const bool open = question.question == "open";
  const auto own = open && answer == YesNo::no ? own_answer(question.message, stop) : std::string();
  settle([&] {
    const auto now = services_.clock.now();
    if (!log_.answer_question(question.id, answer == YesNo::yes ? "yes" : "no", now)) {
      outbox_.post(conversation_, {kOldButton, {}, message_.external_id}, now);
      return;
    }
    if (const auto asked = conversations_.message_with_button(store::ButtonKind::yes, question.id.value)) {
      outbox_.edit(*asked,
                   fmt::format("{}\n\n**{}**", conversations_.message(*asked).text,
                               answer == YesNo::yes ? "Yes." : "No."),
                   {}, now);
    }
    const auto proposal = router::proposal_from_json(question.proposal);
    if (answer == YesNo::no) {
      log_rule("declined", "answer", question.p, "the sender answered no", proposal);
      outbox_.post(conversation_, {own, {}, message_.external_id}, now);
      return;
    }
    if (refuse_over_budget(question.p, proposal)) {
      return;
    }
    const auto id = log_rule("confirmed", "dispatch", question.p, "the sender answered yes", proposal);
    desk_.order(conversation_, person_, id, proposal, DispatchDesk::SlugOrigin::named, {},
                message_.external_id);
  });
}

void Turn::on_give_button(store::DecisionId answered) {
  const auto decision = log_.decision(answered);
  std::vector<store::Message> given = {conversations_.message(decision.message)};
  const auto words = given.front().text;
  tell_attachments(db_, given);
  const auto& text = given.front().text;
  // The words alone may mean nothing without what was said before them.
  std::string before;
  auto earlier = conversations_.context(conversation_, {decision.message.value - 1}, kGivenMessages);
  tell_attachments(db_, earlier);
  for (const auto& m : earlier) {
    before += fmt::format("{}: {}\n", m.author == store::Author::user ? "Person" : "Assistant",
                          base::keep_ends(m.text, kGivenBytes));
  }
  const auto prompt =
      before.empty()
          ? text
          : fmt::format("{}\n\nWhat was said in the chat before that, for context:\n{}", text, before);
  settle([&] {
    const auto now = services_.clock.now();
    if (const auto shown = conversations_.message_with_button(store::ButtonKind::give, answered.value)) {
      outbox_.edit(*shown, conversations_.message(*shown).text, {}, now);
    }
    const router::Proposal proposal{
        "run",  dispatch::make_slug(words), base::ellipsize(words.substr(0, words.find('\n')), 100),
        prompt, router::Confidence::high,   "the sender pressed the button"};
    if (refuse_over_budget(router::kDemanded, proposal)) {
      return;
    }
    const auto id = log_rule("give-button", "dispatch", router::kDemanded, proposal.reason, proposal);
    desk_.order(conversation_, person_, id, proposal, DispatchDesk::SlugOrigin::made_up, {},
                message_.external_id);
  });
}

void Turn::on_resume_button(store::DispatchId interrupted) {
  const auto earlier = log_.dispatch(interrupted);
  settle([&] {
    const auto now = services_.clock.now();
    if (const auto shown = conversations_.message_with_button(store::ButtonKind::resume, interrupted.value)) {
      outbox_.edit(*shown, conversations_.message(*shown).text, {}, now);
    }
    if (refuse_over_budget(router::kDemanded, std::nullopt)) {
      return;
    }
    const auto id = log_rule("continue-button", "dispatch", router::kDemanded, "the sender pressed Continue");
    desk_.order_again(conversation_, person_, id, earlier, message_.external_id);
  });
}

}  // namespace bot
