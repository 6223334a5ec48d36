#include <utility>

#include "bot/turns/turn.h"

namespace bot::turns {
namespace {

/// Of one person's waiting messages that one answer is given to; so all of them are in what the model sees.
constexpr int kMostTakenAlong = 100;

}  // namespace

bool Turn::is_for_secretary() {
  return !message_.button && !chat::parse_command(message_.text) && !is_approval_text() &&
         !(chat::parse_yes_no(message_.text) && question_before());
}

void Turn::take_along_waiting() {
  for (const auto ref : store::JobQueue(db_).behind(job_, kMostTakenAlong)) {
    auto waiting = conversations_.message({ref});
    if (waiting.person != person_.id) {
      continue;
    }
    auto job = job_;
    job.ref = ref;
    // What comes behind a command, or an answer to a question, is not to be answered before it.
    if (!Turn(services_, db_, job).is_for_secretary()) {
      return;
    }
    taken_along_.push_back(std::exchange(message_, std::move(waiting)));
  }
}

void Turn::log_taken_along(const store::DecisionRecord& decision) {
  for (const auto& message : taken_along_) {
    auto joined = decision;
    joined.message = message.id;
    joined.action = store::DecisionAction::answer;
    joined.cause = "rule:joined";
    joined.reason = "answered together with a later message of the same person";
    joined.proposal.clear();
    joined.outcome = store::DecisionOutcome::joined;
    log_.add_decision(joined, services_.clock.now());
    services_.metrics.decision(joined.action, to_string(*joined.outcome));
  }
}

}  // namespace bot::turns
