#include "bot/runs/run_observer.h"

#include <algorithm>

#include "base/log.h"
#include "bot/runs/approval_desk.h"
#include "bot/runs/budget.h"
#include "bot/texts/budget.h"
#include "store/approvals.h"

namespace bot::runs {
namespace {

constexpr std::chrono::milliseconds kCountBudget{500};

}  // namespace

RunObserver::RunObserver(RunContext& run, runtime::RunSlots::Place& place,
                         std::shared_ptr<dispatch::Mailbox> additions)
    : run_(run),
      place_(place),
      additions_(run, std::move(additions)),
      note_(run.services, run.db, run.record.id, run.record.note, run.project.slug, run.buttons()),
      spending_(run.db, run.record) {}

void RunObserver::take(const dispatch::Event& event) {
  if (event.kind == dispatch::Event::Kind::session_begun) {
    store::DispatchLog(run_.db).mark_session_begun(run_.record.id, event.text);
  }
  take_request(event);
  additions_.take(event);
  book(event);
  watch_budget();
  note_.take(event);
}

void RunObserver::finish(const dispatch::Report& report) {
  additions_.note_taken_up();
  try {
    store::Transaction transaction(run_.db);
    spending_.settle(report, run_.services.clock.now());
    transaction.commit();
  } catch (const std::exception& e) {
    base::log_error("dispatch {}: only an estimate of its cost is booked: {}",
                    chat::dispatch_name(run_.record.id), e.what());
  }
}

void RunObserver::book(const dispatch::Event& event) {
  const auto& record = run_.record;
  try {
    spending_.note(event, run_.services.clock.now());
  } catch (const std::exception& e) {
    base::log_warning("dispatch {}: its cost cannot be booked now: {}", chat::dispatch_name(record.id),
                      e.what());
  }
  run_.services.runs.note_unbooked(record.id, record.person,
                                   std::max(0.0, event.usd_so_far - spending_.booked()));
}

void RunObserver::take_request(const dispatch::Event& event) {
  const auto id = run_.record.id;
  if (event.kind == dispatch::Event::Kind::asks) {
    unasked_.push_back(event.request);
    awaits_ = true;
    place_.leave_to_others();
  }
  if (!awaits_) {
    return;
  }
  // A database that is busy or full must not end the run; it is tried again with the next event.
  try {
    ApprovalDesk desk(run_.services, run_.db);
    if (event.kind == dispatch::Event::Kind::withdrawn) {
      std::erase_if(unasked_, [&](const auto& request) { return request->id == event.text; });
      desk.withdraw(id, event.text);
    }
    for (; !unasked_.empty(); unasked_.pop_front()) {
      const auto decision = store::DispatchLog(run_.db).decision(run_.record.decision);
      desk.ask(id, run_.conversation, run_.project.slug,
               store::Conversations(run_.db).message(decision.message).external_id, *unasked_.front());
    }
    desk.expire_overdue(id);
    if (store::Approvals(run_.db).open_of(id).empty()) {
      awaits_ = false;
      place_.take_back();
    }
  } catch (const std::exception& e) {
    base::log_error("dispatch {}: what it asks cannot be shown now: {}", chat::dispatch_name(id), e.what());
  }
}

void RunObserver::watch_budget() {
  const auto& record = run_.record;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_count_ || !over_budget_.empty()) {
    return;
  }
  next_count_ = now + kCountBudget;
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
