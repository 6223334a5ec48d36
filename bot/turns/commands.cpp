
#include "bot/texts/commands.h"

#include "base/utf8.h"
#include "bot/access/pairing.h"
#include "bot/access/person_name.h"
#include "bot/access/time_zone.h"
#include "bot/markup/literal_markdown.h"
#include "bot/messages/enclosures.h"
#include "bot/messages/files_out.h"
#include "bot/texts/access.h"
#include "bot/tools/asked_calls.h"
#include "bot/turns/turn.h"
#include "dispatch/project/workspace.h"
#include "store/projects.h"
#include "store/tool_calls.h"

namespace bot::turns {
namespace {

constexpr int kListLimit = 30;
/// What was said before an order counts for its p: the last words of both.
constexpr int kMessagesBefore = 20;

}  // namespace

void Turn::demand(const std::string& text) {
  // "/dispatch task-api add paging" goes on in task-api when this chat has it.
  const auto first = text.substr(0, text.find_first_of(" \n\t"));
  const auto rest = std::string(base::trim(text.substr(first.size())));
  const auto known = store::Projects(db_).find(first);
  const bool ours = known && store::is_of(*known, conversation_);
  if (ours && rest.empty()) {
    settle_with_text(texts::task_missing(first));
    return;
  }
  const auto origin = ours ? runs::DispatchDesk::SlugOrigin::named : runs::DispatchDesk::SlugOrigin::made_up;
  router::Proposal proposal;
  proposal.reason = "the sender demanded it";
  if (ours) {
    proposal.action = store::DispatchAction::resume;
    proposal.slug = known->slug;
    proposal.prompt = messages::task_with_quotations(db_, rest, message_.id);
  } else {
    proposal.action = store::DispatchAction::run;
    proposal.slug = dispatch::make_slug(text);
    proposal.description = base::ellipsize(text.substr(0, text.find('\n')), 100);
    proposal.prompt = messages::task_with_quotations(db_, text, message_.id);
  }
  auto messages = conversations_.context_of_turn(conversation_, message_.id, kMessagesBefore + 1);
  TurnRouting routing(services_, db_, conversation_, person_, messages, {text, brings_foreign_words()});
  auto decision = routing.decide_alone();
  decision.action = store::DecisionAction::dispatch;
  decision.cause = "rule:dispatch-command";
  decision.reason = "the sender wrote /dispatch";
  settle([&] {
    if (refuse_over_budget(decision.p, to_json_of_own_words(proposal))) {
      return;
    }
    note_demand_after_answer(text);
    const auto id = log_decision(record(decision, to_json_of_own_words(proposal)), decision.thresholds);
    routing.keep(id, decision, services_.clock.now());
    desk_.order(conversation_, person_, id, proposal, origin, {}, message_.external_id);
  });
}

void Turn::on_command(const chat::Command& command, std::stop_token stop) {
  switch (command.name) {
    case chat::Command::Name::dispatch:
      return command.argument.empty() ? settle_with_text(texts::kTaskMissing) : demand(command.argument);
    case chat::Command::Name::answer:
      return command.argument.empty() ? settle_with_text(texts::kQuestionMissing)
                                      : on_text(command.argument, false, stop);
    case chat::Command::Name::status:
      return settle_with_text(status_text());
    case chat::Command::Name::projects:
      return settle_with_text(projects_text());
    case chat::Command::Name::file:
      return settle_with_file(messages::FilesOut(services_, db_).requested(conversation_, command.argument));
    case chat::Command::Name::cancel:
      return on_cancel(command.argument);
    case chat::Command::Name::fresh:
      settle([&] {
        conversations_.start_context_at(conversation_.id, {message_.id.value + 1});
        close_older_questions();
        outbox_.post(conversation_, {texts::kNewConversation, {}, message_.external_id},
                     services_.clock.now());
      });
      return;
    case chat::Command::Name::whoami:
      return settle_with_text(whoami_text());
    case chat::Command::Name::why:
      return settle_with_text(why_text());
    case chat::Command::Name::reminders:
      return on_reminders(command.argument);
    case chat::Command::Name::memory:
      return on_memory(command.argument);
    case chat::Command::Name::search:
      return on_search(command.argument);
    case chat::Command::Name::timezone:
      return on_timezone(command.argument);
    case chat::Command::Name::pair:
      return on_pair(command.argument);
    case chat::Command::Name::help:
      return settle_with_text(chat::command_help());
    case chat::Command::Name::unknown:
      return settle_with_text(chat::unknown_command(command));
  }
}

void Turn::on_timezone(const std::string& words) {
  const auto time_in = [this](const std::string& zone) {
    return base::format_minute(services_.clock.now(), zone);
  };
  store::People people(db_);
  const auto& usual = services_.settings.secretary.timezone;
  if (words.empty()) {
    const auto zone = access::time_zone_of(services_, db_, person_.id);
    settle_with_text(texts::time_zone(zone, people.time_zone(person_.id).has_value(), time_in(zone)));
    return;
  }
  const bool back = base::ascii_lower(words) == "default";
  const auto zone = back ? std::nullopt : base::time_zone_named(words);
  if (!back && !zone) {
    settle_with_text(
        texts::no_time_zone(markup::literal_markdown(base::ellipsize(base::one_line(words), 60))));
    return;
  }
  settle([&] {
    people.set_time_zone(person_.id, zone);
    outbox_.post(
        conversation_,
        {zone ? texts::time_zone_set(*zone, time_in(*zone)) : texts::time_zone_unset(usual, time_in(usual)),
         {},
         message_.external_id},
        services_.clock.now());
  });
}

std::string Turn::whoami_text() {
  return texts::whoami(
      {person_.section + ":" + person_.user_id, person_.name.empty() ? "" : access::name_in_markdown(person_),
       conversation_.section + ":" + conversation_.chat_id, to_string(permissions_.role(person_)),
       conversation_.in_group ? store::place_of(conversation_) : std::string()});
}

void Turn::on_pair(const std::string& code) {
  // Whoever is no admin must not learn whether there is such a code.
  if (permissions_.role(person_) != access::Role::admin) {
    settle_with_text(texts::kAdminsOnly);
    return;
  }
  if (conversation_.in_group) {
    settle_with_text(texts::kDirectOnly);
    return;
  }
  if (code.empty()) {
    settle_with_text(texts::kCodeMissing);
    return;
  }
  settle([&] {
    const auto now = services_.clock.now();
    const auto admitted = store::People(db_).admit(code, now, person_.section);
    outbox_.post(conversation_, {access::pairing_answer(admitted), {}, message_.external_id}, now);
  });
}

std::string Turn::status_text() {
  auto text = open_tasks_text();
  if (store::JobQueue(db_).has_open(runtime::kTurnJob, conversation_.id.value)) {
    text += texts::kAnswerUnderWay;
  }
  return text.empty() ? texts::kNothingRunning : text;
}

std::string Turn::open_tasks_text() {
  std::string text;
  const auto now = services_.clock.now();
  store::Projects projects(db_);
  for (const auto& d : log_.open(conversation_.id)) {
    text += "- " +
            (d.state == store::DispatchState::running
                 ? texts::running_for(projects.get(d.project).slug,
                                      base::format_duration(now - d.started.value_or(d.created)))
                 : desk_.waiting_text(d)) +
            (d.conversation == conversation_.id ? "" : texts::kInAnotherThread) + "\n";
  }
  for (const auto& call : store::ToolCalls(db_).open_of(conversation_.id, person_.id)) {
    text += texts::waits_for_your_answer(tools::call_name(call.server, call.tool)) + "\n";
  }
  return text;
}

std::string Turn::projects_text() {
  const auto zone = access::time_zone_of(services_, db_, person_.id);
  std::string text;
  for (const auto& project : store::Projects(db_).of(conversation_, kListLimit)) {
    const auto last = log_.last_of(project.id);
    text += texts::project_line(project.slug, project.description,
                                !last ? texts::kNoRunYet
                                : last->state == store::DispatchState::finished
                                    ? texts::last_run(last->outcome ? to_string(*last->outcome) : "")
                                    : to_string(last->state),
                                base::format_minute(project.updated, zone));
  }
  return text.empty() ? texts::kNoProjects : text;
}

std::vector<store::DispatchRecord> Turn::meant_by_cancel(const std::string& slug) {
  auto open = log_.open(conversation_.id);
  store::Projects projects(db_);
  if (!slug.empty()) {
    std::erase_if(open, [&](const auto& d) { return projects.get(d.project).slug != slug; });
    return open;
  }
  // Without a name it is what this thread began; where that is nothing, the only one that there is.
  auto own = open;
  std::erase_if(own, [&](const auto& d) { return d.conversation != conversation_.id; });
  return own.empty() ? open : own;
}

void Turn::on_cancel(const std::string& slug) {
  std::vector<store::DispatchId> stopped;
  settle([&] {
    outbox_.post(conversation_, {with_commands_spelled(cancel(slug, stopped)), {}, message_.external_id},
                 services_.clock.now());
  });
  for (const auto id : stopped) {
    services_.runs.stop(id);
  }
}

std::string Turn::cancel(const std::string& slug, std::vector<store::DispatchId>& stopped) {
  store::Projects projects(db_);
  const auto meant = meant_by_cancel(slug);
  const bool is_clear = !slug.empty() || meant.size() < 2 || meant.front().conversation == conversation_.id;
  if (!is_clear) {
    return texts::which_to_cancel(open_tasks_text());
  }
  std::vector<std::string> names;
  std::string refusals;
  for (const auto& d : meant) {
    const auto name = projects.get(d.project).slug;
    if (const auto refused = permissions_.refusal_to_stop(person_, d.person, conversation_)) {
      refusals += (refusals.empty() ? "" : "\n\n") + texts::not_stopped(name, *refused);
    } else if (desk_.request_stop(d, person_.id)) {
      note_early_cancel(d);
      stopped.push_back(d.id);
      names.push_back(name);
    }
  }
  if (!names.empty()) {
    return texts::stopping(names) + (refusals.empty() ? "" : "\n\n" + refusals);
  }
  return !refusals.empty() ? refusals
         : slug.empty()    ? texts::kNothingRunning
                           : texts::nothing_running_in(slug);
}

std::optional<std::string> Turn::cancel_for_model(const store::DispatchRecord& dispatch) {
  if (auto refused = permissions_.refusal_to_stop(person_, dispatch.person, conversation_)) {
    return refused;
  }
  {
    store::Transaction transaction(db_, services_.notifier);
    if (desk_.request_stop(dispatch, person_.id)) {
      note_early_cancel(dispatch);
    }
    transaction.commit();
  }
  services_.runs.stop(dispatch.id);
  return std::nullopt;
}

std::string Turn::with_commands_spelled(const std::string& text) const {
  const auto* platform = services_.platform(conversation_.section);
  return chat::with_command_prefix(
      text, (platform != nullptr ? platform->features() : chat::Features()).command_prefix);
}

}  // namespace bot::turns
