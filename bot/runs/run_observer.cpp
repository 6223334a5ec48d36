#include "bot/runs/run_observer.h"

#include <algorithm>

#include "base/log.h"
#include "bot/runs/approval_desk.h"
#include "bot/runs/budget.h"
#include "bot/runs/budget_alerts.h"
#include "bot/runs/end_write.h"
#include "bot/runs/specialist_prompts.h"
#include "bot/texts/budget.h"
#include "store/approvals.h"
#include "store/ledger.h"

namespace bot::runs {
namespace {

constexpr std::chrono::milliseconds kCountBudget{500};

ProgressNote::Before before(const RunContext& run) {
  auto legs = store::DispatchLog(run.db).legs(run.record.id);
  std::erase_if(legs, [](const store::Leg& leg) { return !leg.ended; });
  return {store::time_worked(legs), store::Ledger(run.db).spent_on(run.record.id)};
}

}  // namespace

RunObserver::RunObserver(RunContext& run, runtime::RunSlots::Place& place,
                         std::shared_ptr<dispatch::Mailbox> additions)
    : run_(run),
      place_(place),
      additions_(run, std::move(additions)),
      note_(run.services, run.db, run.record, run.project.slug, run.buttons(), before(run)),
      spending_(run.db, run.record),
      leg_(run.db, run.record.id) {}

void RunObserver::take(const dispatch::Event& event) {
  if (event.kind == dispatch::Event::Kind::session_begun) {
    store::DispatchLog(run_.db).mark_session_begun(run_.record.id, event.text);
  }
  take_request(event);
  additions_.take(event);
  leg_.take(event, run_.services.clock.now());
  book(event);
  watch_budget();
  note_.take(event);
}

void RunObserver::finish(const dispatch::Report& report, const std::function<void()>& keep,
                         const std::stop_token& stop) {
  double booked = 0;
  write_the_end(run_.db, "the result of dispatch " + chat::dispatch_name(run_.record.id), stop, [&] {
    auto spending = spending_;  // what is rolled back was not booked
    store::Transaction transaction(run_.db);
    spending.settle(report, run_.services.clock.now());
    keep();
    transaction.commit();
    booked = spending.booked();
  });
  try {
    count_spending(booked);
    tell_spent_shares(run_.services, run_.db, run_.record.person, run_.conversation);
    additions_.note_taken_up();
  } catch (const std::exception& e) {
    base::log_warning("dispatch {}: which additions it took up is not noted: {}",
                      chat::dispatch_name(run_.record.id), e.what());
  }
}

void RunObserver::book(const dispatch::Event& event) {
  const auto& record = run_.record;
  try {
    spending_.note(event, run_.services.clock.now());
    count_spending(spending_.booked());
  } catch (const std::exception& e) {
    base::log_warning("dispatch {}: its cost cannot be booked now: {}", chat::dispatch_name(record.id),
                      e.what());
  }
  run_.services.runs.note_unbooked(record.id, record.person,
                                   std::max(0.0, event.usd_so_far - spending_.booked()));
}

void RunObserver::count_spending(double booked) {
  if (booked > counted_usd_) {
    run_.services.metrics.spent(store::Purpose::specialist, booked - counted_usd_);
    counted_usd_ = booked;
  }
}

void RunObserver::take_request(const dispatch::Event& event) {
  const auto id = run_.record.id;
  if (event.kind == dispatch::Event::Kind::asks) {
    if (!unasked_.add(event.request, std::chrono::steady_clock::now())) {
      run_.services.runs.reply(id, {event.request->id,
                                    event.request->hash,
                                    dispatch::Reply::Verdict::deny,
                                    too_many_requests_reply(),
                                    {}});
      return;
    }
    awaits_ = true;
  }
  if (!awaits_) {
    return;
  }
  // A database that is busy or full must not end the run; it is tried again with the next event.
  try {
    ApprovalDesk desk(run_.services, run_.db);
    if (event.kind == dispatch::Event::Kind::withdrawn) {
      unasked_.withdraw(event.text);
      desk.withdraw(id, event.text);
    }
    desk.expire_overdue(id);
    if (!store::Approvals(run_.db).open_of(id).empty()) {
      return;
    }
    if (!unasked_.empty()) {
      const auto now = std::chrono::steady_clock::now();
      if (const auto next = unasked_.next(now)) {
        show(*next);
        unasked_.note_shown(now);
        place_.leave_to_others();
      }
    } else {
      awaits_ = false;
      place_.take_back();
    }
  } catch (const std::exception& e) {
    base::log_error("dispatch {}: what it asks cannot be shown now: {}", chat::dispatch_name(id), e.what());
  }
}

void RunObserver::show(const dispatch::Request& request) {
  const auto decision = store::DispatchLog(run_.db).decision(run_.record.decision);
  ApprovalDesk(run_.services, run_.db)
      .ask(run_.record.id, run_.conversation, run_.project.slug,
           store::Conversations(run_.db).message(decision.message).external_id, request);
}

void RunObserver::watch_budget() {
  const auto& record = run_.record;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_count_ || !over_budget_.empty()) {
    return;
  }
  next_count_ = now + kCountBudget;
  tell_spent_shares(run_.services, run_.db, record.person, run_.conversation);
  try {
    if (const auto budget =
            Budgets(run_.services, run_.db, record.person, run_.conversation).used_up_by_runs()) {
      over_budget_ = texts::used_up_meanwhile(*budget);
      run_.services.runs.stop(record.id);
    }
  } catch (const std::exception& e) {
    base::log_warning("dispatch {}: the budget cannot be looked at now: {}", chat::dispatch_name(record.id),
                      e.what());
  }
}

}  // namespace bot::runs
