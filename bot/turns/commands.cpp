
#include <fmt/core.h>

#include "base/utf8.h"
#include "bot/access/pairing.h"
#include "bot/access/person_name.h"
#include "bot/messages/files_out.h"
#include "bot/turns/turn.h"
#include "dispatch/project/workspace.h"
#include "router/scorer.h"
#include "store/projects.h"

namespace bot::turns {
namespace {

constexpr int kListLimit = 30;

}  // namespace

void Turn::demand(const std::string& text) {
  // "/dispatch task-api add paging" goes on in task-api when this chat has it.
  const auto first = text.substr(0, text.find_first_of(" \n\t"));
  const auto rest = std::string(base::trim(text.substr(first.size())));
  const auto known = store::Projects(db_).find(first);
  const bool ours = known && store::is_of(*known, conversation_);
  if (ours && rest.empty()) {
    settle_with_text(
        fmt::format("Write behind it what is to be done in {0}: `/dispatch {0} add a test`.", first));
    return;
  }
  const auto origin = ours ? runs::DispatchDesk::SlugOrigin::named : runs::DispatchDesk::SlugOrigin::made_up;
  router::Proposal proposal;
  proposal.confidence = router::Confidence::high;
  proposal.reason = "the sender demanded it";
  if (ours) {
    proposal.action = store::DispatchAction::resume;
    proposal.slug = known->slug;
    proposal.prompt = rest;
  } else {
    proposal.action = store::DispatchAction::run;
    proposal.slug = dispatch::make_slug(text);
    proposal.description = base::ellipsize(text.substr(0, text.find('\n')), 100);
    proposal.prompt = text;
  }
  settle([&] {
    if (refuse_over_budget(router::kDemanded, proposal)) {
      return;
    }
    const auto id = log_rule("dispatch-command", store::DecisionAction::dispatch, router::kDemanded,
                             "the sender wrote /dispatch", proposal);
    desk_.order(conversation_, person_, id, proposal, origin, {}, message_.external_id);
  });
}

void Turn::on_command(const chat::Command& command, std::stop_token stop) {
  switch (command.name) {
    case chat::Command::Name::dispatch:
      return command.argument.empty()
                 ? settle_with_text(
                       "Write what the specialist is to do behind it: `/dispatch build me a small web page`.")
                 : demand(command.argument);
    case chat::Command::Name::answer:
      return command.argument.empty()
                 ? settle_with_text("Write your question behind it: `/answer what is a mutex?`")
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
        outbox_.post(
            conversation_,
            {"A new conversation: I no longer look at what was said before. The projects are still there.",
             {},
             message_.external_id},
            services_.clock.now());
      });
      return;
    case chat::Command::Name::whoami:
      return settle_with_text(whoami_text());
    case chat::Command::Name::pair:
      return on_pair(command.argument);
    case chat::Command::Name::help:
      return settle_with_text(chat::command_help());
    case chat::Command::Name::unknown:
      return settle_with_text(chat::unknown_command(command));
  }
}

std::string Turn::whoami_text() {
  return fmt::format(
      "You are `{}:{}`{} in the chat `{}:{}`. Your role here: {}. The place: {}.", person_.section,
      person_.user_id, person_.name.empty() ? "" : " (" + access::name_in_markdown(person_) + ")",
      conversation_.section, conversation_.chat_id, to_string(permissions_.role(person_)),
      conversation_.in_group ? "the group `" + store::place_of(conversation_) + "`" : "direct messages");
}

void Turn::on_pair(const std::string& code) {
  // Whoever is no admin must not learn whether there is such a code.
  if (permissions_.role(person_) != access::Role::admin) {
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
    outbox_.post(conversation_, {access::pairing_answer(admitted), {}, message_.external_id}, now);
  });
}

std::string Turn::status_text() {
  std::string text;
  const auto now = services_.clock.now();
  store::Projects projects(db_);
  for (const auto& d : log_.open(conversation_.id)) {
    text += "- " +
            (d.state == store::DispatchState::running
                 ? fmt::format("*{}*: running for {}", projects.get(d.project).slug,
                               base::format_duration(now - d.started.value_or(d.created)))
                 : desk_.waiting_text(d)) +
            (d.conversation == conversation_.id ? "\n" : " (asked for in another thread)\n");
  }
  return text.empty() ? "Nothing is running and nothing waits in this chat." : text;
}

std::string Turn::projects_text() {
  const auto list = secretary_tools().list(kListLimit);
  return list.empty() ? "This chat has no projects yet. Ask for something to be built." : list;
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
  std::vector<std::string> names;
  settle([&] {
    store::Projects projects(db_);
    std::string refusals;
    const auto meant = meant_by_cancel(slug);
    const bool is_clear = !slug.empty() || meant.size() < 2 || meant.front().conversation == conversation_.id;
    if (!is_clear) {
      outbox_.post(
          conversation_,
          {"Several are at work in other threads of this chat; write which one behind `cancel`:\n\n" +
               status_text(),
           {},
           message_.external_id},
          services_.clock.now());
      return;
    }
    for (const auto& d : meant) {
      const auto name = projects.get(d.project).slug;
      if (const auto refused = permissions_.refusal_to_stop(person_, d.person, conversation_)) {
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

}  // namespace bot::turns
