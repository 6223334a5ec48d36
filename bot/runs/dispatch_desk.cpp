#include "bot/runs/dispatch_desk.h"

#include <fmt/core.h>

#include "base/log_event.h"
#include "base/utf8.h"
#include "bot/runs/further_tasks.h"
#include "bot/runs/repair_buttons.h"
#include "bot/runs/specialist_prompts.h"
#include "bot/texts/results.h"
#include "bot/texts/tasks.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/review.h"
#include "store/job_queue.h"
#include "store/outbox.h"
#include "store/projects.h"

namespace bot::runs {
namespace {

using store::DispatchAction;

constexpr std::size_t kMaxSlug = 64;

}  // namespace

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
  return with_further(db_, dispatch, state_text(dispatch));
}

std::string DispatchDesk::state_text(const store::DispatchRecord& dispatch) {
  store::Projects projects(db_);
  const auto slug = projects.get(dispatch.project).slug;
  const auto ahead =
      store::JobQueue(db_).ahead(runtime::kDispatchJob, dispatch.project.value, dispatch.id.value);
  if (ahead > 0) {
    return texts::queued_in_project(slug, ahead);
  }
  const int places = services_.settings.dispatch.concurrency;
  if (store::DispatchLog(db_).holding_a_place() >= places) {
    return texts::queued_for_place(slug, places);
  }
  if (services_.slots.is_short_of_memory()) {
    return texts::queued_for_memory(slug);
  }
  const bool several = services_.specialists.all().size() > 1;
  return texts::on_it(slug, several ? dispatch.specialist : std::string());
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
  const auto note =
      store::Outbox(db_).post(conversation,
                              {introduction.empty() ? waiting : introduction + "\n\n" + waiting,
                               note_buttons(services_, db_, conversation, record), reply_to, record.id},
                              now);
  log.set_note(record.id, note);
  base::log_event("dispatched", {{"message", log.decision(record.decision).message.value},
                                 {"id", reply_to.empty() ? "" : conversation.section + ":" + reply_to},
                                 {"decision", record.decision.value},
                                 {"dispatch", chat::dispatch_name(record.id)},
                                 {"specialist", record.specialist}});
  return record.id;
}

store::DispatchId DispatchDesk::order(const store::Conversation& conversation, const store::Person& person,
                                      store::DecisionId decision, const router::Proposal& proposal,
                                      SlugOrigin origin, const std::string& introduction,
                                      const std::string& reply_to) {
  const auto choice = choose_project(conversation, proposal, origin);
  auto words = introduction;
  if (proposal.action != DispatchAction::run && choice.action == DispatchAction::run) {
    words += words.empty() ? "" : "\n\n";
    words += texts::new_project_instead(base::ellipsize(proposal.slug, 64));
  }
  return write(conversation, person, decision, choice, proposal.prompt,
               choose_specialist(choice, proposal.specialist), words, reply_to, {});
}

store::DispatchId DispatchDesk::order_again(const store::Conversation& conversation,
                                            const store::Person& person, store::DecisionId decision,
                                            const store::DispatchRecord& interrupted,
                                            const std::string& reply_to) {
  const bool goes_on = interrupted.session_begun && interrupted.action != DispatchAction::review;
  const Choice choice{store::Projects(db_).get(interrupted.project),
                      goes_on ? DispatchAction::resume : interrupted.action};
  // One that never came into its session was to go on in another's, or in the project's last one.
  const bool has_session = goes_on || (choice.action == DispatchAction::resume &&
                                       (interrupted.resumes_session || !interrupted.started.has_value()));
  return write(conversation, person, decision, choice,
               goes_on ? continue_prompt(interrupted.prompt) : interrupted.prompt,
               choose_specialist(choice, interrupted.specialist), {}, reply_to,
               has_session ? interrupted.session_id : "");
}

bool DispatchDesk::request_stop(const store::DispatchRecord& dispatch, store::PersonId by) {
  store::DispatchLog log(db_);
  if (!log.request_cancel(dispatch.id, by)) {
    return false;
  }
  if (dispatch.state == store::DispatchState::queued && dispatch.attempts == 0 && !dispatch.session_begun) {
    const auto now = services_.clock.now();
    const auto slug = store::Projects(db_).get(dispatch.project).slug;
    const auto problem = texts::not_started(slug);
    log.finish(dispatch.id, store::DispatchOutcome::cancelled, problem, "{}", 0, now);
    store::Outbox(db_).edit(dispatch.note, with_further(db_, dispatch, texts::cancelled(problem)), {}, now);
    store::JobQueue(db_).withdraw(runtime::kDispatchJob, dispatch.id.value);
    refresh_queue(dispatch.project);
    const auto outcome = to_string(store::DispatchOutcome::cancelled);
    count_finished(services_, db_, dispatch, outcome, outcome);
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
      outbox.edit(waiting.note, text,
                  note_buttons(services_, db_, conversations.get(waiting.conversation), waiting),
                  services_.clock.now());
    }
  }
}

void count_finished(runtime::Services& services, store::Database& db, const store::DispatchRecord& dispatch,
                    const std::string& outcome, const std::string& decision_outcome) {
  services.metrics.dispatch_finished(
      dispatch.specialist, outcome,
      std::chrono::duration<double>(services.clock.now() - dispatch.created).count());
  store::DispatchLog log(db);
  const auto decision = log.decision(dispatch.decision);
  services.metrics.decision(decision.action, decision_outcome);
  if (decision.follows) {
    services.metrics.decision(log.decision(*decision.follows).action, decision_outcome);
  }
}

}  // namespace bot::runs
