// How a turn ends: in one transaction, with what it decided and what it cost.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/crash_point.h"
#include "base/log_event.h"
#include "bot/runs/budget_alerts.h"
#include "bot/turns/turn.h"
#include "store/drafts.h"
#include "store/in_transaction.h"
#include "store/routing_log.h"

namespace bot::turns {

std::string Turn::outside_id() const {
  return message_.external_id.empty() ? "" : conversation_.section + ":" + message_.external_id;
}

void Turn::charge(store::Purpose purpose, const llm::Usage& usage) {
  const auto usd = services_.price(usage);
  unbooked_.push_back(
      {{conversation_.id, person_.id, std::nullopt, purpose, services_.provider_of(usage),
        services_.model_of(usage), usage.input, usage.cache_read, usage.cache_write, usage.output, usd},
       services_.clock.now()});
  services_.metrics.spent(purpose, usd);
  services_.metrics.used(purpose, {usage.input, usage.cache_read, usage.cache_write, usage.output});
}

void Turn::book(std::optional<store::DecisionId> decision) {
  for (; booking_ < unbooked_.size(); ++booking_) {
    const auto& charge = unbooked_[booking_];
    charged_.push_back(store::Ledger(db_).add(charge.entry, charge.at, decision));
  }
}

void Turn::booked() {
  if (std::exchange(booking_, 0) > 0) {
    unbooked_.clear();
    runs::tell_spent_shares(services_, db_, person_.id, conversation_);
  }
}

void Turn::book_rest() {
  if (unbooked_.empty()) {
    return;
  }
  booking_ = 0;
  store::in_transaction(db_, &services_.notifier, [this] {
    book(std::nullopt);
    return true;
  });
  booked();
}

bool Turn::settle(const std::function<void()>& write) {
  bool written = false;
  booking_ = 0;
  settled_.clear();
  const auto charged_before = charged_.size();
  const bool kept = store::in_transaction(db_, &services_.notifier, [&] {
    store::JobQueue queue(db_);
    const auto is_other_now = [this](const store::Message& message) {
      return conversations_.message(message.id).text != message.text;
    };
    if (is_other_now(message_) || std::any_of(taken_along_.begin(), taken_along_.end(), is_other_now)) {
      // The person changed it meanwhile: it is answered as it is now.
      queue.give_back(job_);
      return true;
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
    book(std::nullopt);
    if (!taken_along_.empty()) {  // the job is that of the first of them
      for (auto message = std::next(taken_along_.begin()); message != taken_along_.end(); ++message) {
        queue.withdraw(job_.kind, message->id.value);
      }
      queue.withdraw(job_.kind, message_.id.value);
    }
    if (!queue.complete(job_)) {
      return false;
    }
    if (next_ != nullptr) {
      next_->claim();
    }
    base::crash_point(base::CrashPoint::turn_settling, message_.id.value);
    written = true;
    return true;
  });
  if (!kept) {
    booking_ = 0;
    charged_.resize(charged_before);
    return false;
  }
  if (written && next_ != nullptr) {
    next_->keep();
  }
  booked();
  if (written) {
    base::crash_point(base::CrashPoint::turn_settled, message_.id.value);
    for (const auto& [action, outcome] : settled_) {
      services_.metrics.decision(action, outcome);
    }
  }
  return written;
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
  r.action = rule.action;
  r.outcome = rule.outcome;
  r.follows = rule.follows;
  return log_unjudged(r, decision.thresholds);
}

store::DecisionId Turn::log_unjudged(const store::DecisionRecord& decision,
                                     const router::Thresholds& thresholds) {
  const auto id = log_decision(decision, thresholds);
  store::RoutingLog(db_).add_origins(id, origins_of(thresholds));
  return id;
}

store::DecisionId Turn::log_decision(const store::DecisionRecord& decision,
                                     const router::Thresholds& thresholds) {
  log_taken_along(decision, thresholds);
  const auto id = log_.add_decision(decision, services_.clock.now());
  store::Ledger(db_).charge_to(id, charged_);
  book(id);
  if (decision.outcome || decision.action == store::DecisionAction::answer) {
    const auto outcome = decision.outcome ? to_string(*decision.outcome) : std::string("answered");
    settled_.emplace_back(decision.action, outcome);
    if (decision.follows) {
      settled_.emplace_back(log_.decision(*decision.follows).action, outcome);
    }
  }
  base::log_event("decided", {{"message", message_.id.value},
                              {"id", outside_id()},
                              {"decision", id.value},
                              {"action", to_string(decision.action)},
                              {"p", decision.p},
                              {"cause", decision.cause},
                              {"outcome", decision.outcome ? to_string(*decision.outcome) : ""}});
  return id;
}

}  // namespace bot::turns
