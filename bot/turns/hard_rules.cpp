#include <algorithm>

#include "bot/turns/turn.h"
#include "store/projects.h"

namespace bot::turns {
namespace {

using Action = router::Decision::Action;

bool is_decided_by_p(const router::Decision& decision) {
  return decision.rule().empty();
}

}  // namespace

std::optional<std::string> Turn::specialist_down() const {
  std::optional<std::string> first;
  for (const auto& specialist : services_.specialists.all()) {
    const auto problem = specialist->missing();
    if (!problem) {
      return std::nullopt;
    }
    first = first ? first : problem;
  }
  return first;
}

bool Turn::is_for_running_project(const router::Proposal& proposal) {
  const auto project = store::Projects(db_).find(proposal.slug);
  if (proposal.action != store::DispatchAction::resume || !project ||
      !store::is_of(*project, conversation_)) {
    return false;
  }
  const auto open = log_.open_of(project->id);
  return open && open->state == store::DispatchState::running && open->person == person_.id &&
         !open->cancel_requested;
}

void Turn::apply_hard_rules(Proposed& proposed, bool offer_specialist,
                            const std::optional<std::string>& down) {
  auto& decision = proposed.decision;
  const auto set = [&](const char* rule, Action action, std::string reason) {
    decision.cause = std::string("rule:") + rule;
    decision.action = action;
    decision.reason = std::move(reason);
  };
  const auto& named = proposed.proposal ? proposed.proposal->specialist : std::string();
  const auto* specialist = named.empty() ? nullptr : services_.specialists.find(named);
  const auto missing = specialist != nullptr ? specialist->missing() : std::nullopt;
  if (!offer_specialist) {
    set("answer-command", Action::answer, "the sender asked for an answer of the secretary");
    decision.offer_specialist = false;
  } else if (down || missing) {
    set("specialist-down", Action::answer, down ? *down : *missing);
    decision.offer_specialist = false;
  } else if (proposed.routing->is_always_dispatched() && !proposed.proposal) {
    proposed.proposal =
        own_words_proposal(message_.id, "the operator gives everything here to the specialist");
    proposed.made_up = true;
    proposed.routing->follow_operator(true, decision);
  } else if (proposed.proposal && is_decided_by_p(decision) && !proposed.routing->has_foreign_words() &&
             is_for_running_project(*proposed.proposal)) {
    set("running-project", Action::dispatch, "the same person's work on that project is going on");
  }
}

}  // namespace bot::turns
