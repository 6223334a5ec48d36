#include "bot/runs/dispatch_desk.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/utf8.h"
#include "bot/runs/wording.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/review.h"
#include "store/job_queue.h"
#include "store/ledger.h"
#include "store/outbox.h"
#include "store/projects.h"

namespace bot::runs {
namespace {

using store::DispatchAction;

constexpr std::size_t kMaxSlug = 64;
constexpr double kSmallestLimit = 0.0001;

}  // namespace

std::optional<std::string> DispatchDesk::over_budget(const store::Person& person) {
  const auto policy = services_.policy();
  const auto since = base::start_of_day(services_.clock.now(), services_.settings.secretary.timezone);
  store::Ledger ledger(db_);
  if (const auto limit = policy->budget.usd_per_day) {
    if (const auto spent = ledger.spent_since(since); spent >= *limit) {
      return fmt::format(
          "I did not start the specialist: today's budget of ${:.2f} is used up (${:.2f} spent). It begins "
          "anew at midnight; "
          "the operator can raise budget.usd_per_day.",
          *limit, spent);
    }
  }
  if (const auto limit = policy->budget.usd_per_user_per_day) {
    if (const auto spent = ledger.spent_since(since, person.id); spent >= *limit) {
      return fmt::format(
          "I did not start the specialist: your budget of ${:.2f} for today is used up (${:.2f} spent). It "
          "begins anew at "
          "midnight; the operator can raise budget.usd_per_user_per_day.",
          *limit, spent);
    }
  }
  return std::nullopt;
}

std::optional<double> DispatchDesk::left_today(store::PersonId person) {
  const auto budget = services_.policy()->budget;
  std::optional<double> left;
  if (!budget.usd_per_day && !budget.usd_per_user_per_day) {
    return left;
  }
  const auto since = base::start_of_day(services_.clock.now(), services_.settings.secretary.timezone);
  store::Ledger ledger(db_);
  if (budget.usd_per_day) {
    left = *budget.usd_per_day - ledger.spent_since(since) - services_.runs.spent();
  }
  if (budget.usd_per_user_per_day) {
    const auto own =
        *budget.usd_per_user_per_day - ledger.spent_since(since, person) - services_.runs.spent(person);
    left = std::min(left.value_or(own), own);
  }
  return left;
}

double DispatchDesk::most_for_a_run(store::PersonId person) {
  auto most = services_.policy()->budget.usd_per_run;
  if (const auto left = left_today(person)) {
    most = std::min(most.value_or(*left), *left);
  }
  // A limit that is reached already is still one.
  return most ? std::max(*most, kSmallestLimit) : 0;
}

DispatchDesk::Choice DispatchDesk::choose_project(const store::Conversation& conversation,
                                                  const router::Proposal& proposal, SlugOrigin origin) {
  store::Projects projects(db_);
  const auto now = services_.clock.now();
  const auto& root = services_.settings.dispatch.projects_dir;
  if (auto known = projects.find(proposal.slug);
      origin == SlugOrigin::named && known && store::is_of(*known, conversation)) {
    return {*std::move(known), proposal.action};
  }
  // A project that is not this chat's cannot be continued or reviewed from here, whatever the model says.
  const auto base = dispatch::is_slug(proposal.slug) ? proposal.slug : dispatch::make_slug(proposal.slug);
  auto slug = base;
  for (int n = 2; projects.find(slug) || dispatch::ProjectWorkspace::exists(root, slug); ++n) {
    const auto suffix = fmt::format("-{}", n);
    slug = std::string(base::truncate_utf8(base, kMaxSlug - suffix.size())) + suffix;
  }
  return {projects.create(slug, conversation.id, proposal.description, now), DispatchAction::run};
}

std::string DispatchDesk::waiting_text(const store::DispatchRecord& dispatch) {
  store::Projects projects(db_);
  const auto slug = projects.get(dispatch.project).slug;
  const auto ahead =
      store::JobQueue(db_).ahead(runtime::kDispatchJob, dispatch.project.value, dispatch.id.value);
  if (ahead > 0) {
    return fmt::format(
        "Queued: *{}* is being worked on; this is number {} in its queue and begins by itself.", slug, ahead);
  }
  if (store::DispatchLog(db_).running() >= services_.settings.dispatch.concurrency) {
    return fmt::format("Queued: *{}* begins as soon as one of the {} places is free.", slug,
                       services_.settings.dispatch.concurrency);
  }
  if (services_.slots.is_short_of_memory()) {
    return fmt::format("Queued: *{}* begins as soon as this machine has memory for another specialist.",
                       slug);
  }
  const bool several = services_.specialists.all().size() > 1;
  return fmt::format("On it: *{}*{} …", slug, several ? " with " + dispatch.specialist : "");
}

std::string DispatchDesk::choose_specialist(const Choice& choice, const std::string& named) {
  const auto& specialists = services_.specialists;
  if (specialists.find(named) != nullptr) {
    return named;
  }
  if (choice.action == DispatchAction::review) {
    dispatch::Task review;
    dispatch::make_review(review, {});
    for (const auto& specialist : specialists.all()) {
      if (!specialist->cannot(review)) {
        return specialist->name();
      }
    }
  }
  const auto last = choice.action == DispatchAction::resume
                        ? store::DispatchLog(db_).last_work_on(choice.project.id)
                        : std::nullopt;
  return last && specialists.find(last->specialist) != nullptr ? last->specialist
                                                               : specialists.usual().name();
}

store::DispatchId DispatchDesk::write(const store::Conversation& conversation, const store::Person& person,
                                      store::DecisionId decision, const Choice& choice,
                                      const std::string& prompt, const std::string& specialist,
                                      const std::string& introduction, const std::string& reply_to,
                                      const std::string& session_id) {
  const auto now = services_.clock.now();
  store::DispatchLog log(db_);
  store::DispatchRecord record;
  record.decision = decision;
  record.conversation = conversation.id;
  record.person = person.id;
  record.project = choice.project.id;
  record.action = choice.action;
  record.prompt = prompt;
  record.specialist = specialist;
  record.session_id = session_id;
  record.id = log.add_dispatch(record, now);
  store::JobQueue(db_).enqueue(runtime::kDispatchJob, choice.project.id.value, record.id.value, now);
  store::Projects(db_).touch(choice.project.id, now);
  const auto waiting = waiting_text(record);
  const auto note = store::Outbox(db_).post(conversation,
                                            {introduction.empty() ? waiting : introduction + "\n\n" + waiting,
                                             {{store::ButtonKind::cancel, record.id.value, "Cancel"}},
                                             reply_to,
                                             record.id},
                                            now);
  log.set_note(record.id, note);
  return record.id;
}

store::DispatchId DispatchDesk::order(const store::Conversation& conversation, const store::Person& person,
                                      store::DecisionId decision, const router::Proposal& proposal,
                                      SlugOrigin origin, const std::string& introduction,
                                      const std::string& reply_to) {
  const auto choice = choose_project(conversation, proposal, origin);
  auto words = introduction;
  if (proposal.action != DispatchAction::run && choice.action == DispatchAction::run) {
    words += fmt::format("{}This chat has no project \"{}\", so a new one is begun.",
                         words.empty() ? "" : "\n\n", base::ellipsize(proposal.slug, 64));
  }
  return write(conversation, person, decision, choice, proposal.prompt,
               choose_specialist(choice, proposal.specialist), words, reply_to, {});
}

store::DispatchId DispatchDesk::order_again(const store::Conversation& conversation,
                                            const store::Person& person, store::DecisionId decision,
                                            const store::DispatchRecord& interrupted,
                                            const std::string& reply_to) {
  const Choice choice{store::Projects(db_).get(interrupted.project),
                      interrupted.action == DispatchAction::review
                          ? DispatchAction::review
                          : (interrupted.session_begun ? DispatchAction::resume : DispatchAction::run)};
  const auto prompt =
      choice.action == DispatchAction::resume
          ? "Your earlier run was interrupted. Look at what is already done, continue where you left off and "
            "finish the task. The task was:\n\n" +
                interrupted.prompt
          : interrupted.prompt;
  return write(conversation, person, decision, choice, prompt,
               choose_specialist(choice, interrupted.specialist), {}, reply_to,
               choice.action == DispatchAction::resume ? interrupted.session_id : "");
}

bool DispatchDesk::request_stop(const store::DispatchRecord& dispatch, store::PersonId by) {
  store::DispatchLog log(db_);
  if (!log.request_cancel(dispatch.id, by)) {
    return false;
  }
  if (dispatch.state == store::DispatchState::queued && dispatch.attempts == 0 && !dispatch.session_begun) {
    const auto now = services_.clock.now();
    const std::string problem = "It had not begun.";
    log.finish(dispatch.id, store::DispatchOutcome::cancelled, problem, "{}", 0, now);
    const auto slug = store::Projects(db_).get(dispatch.project).slug;
    store::Outbox(db_).edit(dispatch.note, outcome_text(store::DispatchOutcome::cancelled, slug, problem), {},
                            now);
    store::JobQueue(db_).withdraw(runtime::kDispatchJob, dispatch.id.value);
    refresh_queue(dispatch.project);
  }
  return true;
}

void DispatchDesk::refresh_queue(store::ProjectId project) {
  store::DispatchLog log(db_);
  store::Outbox outbox(db_);
  store::Conversations conversations(db_);
  for (const auto& waiting : log.waiting_of(project)) {
    const auto text = waiting_text(waiting);
    if (conversations.message(waiting.note).text != text) {
      outbox.edit(waiting.note, text, {{store::ButtonKind::cancel, waiting.id.value, "Cancel"}},
                  services_.clock.now());
    }
  }
}

}  // namespace bot::runs
