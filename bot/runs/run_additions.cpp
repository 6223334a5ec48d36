#include "bot/runs/run_additions.h"

#include "base/log.h"
#include "bot/messages/attachments.h"
#include "bot/runs/dispatch_desk.h"
#include "bot/runs/further_tasks.h"
#include "bot/texts/tasks.h"
#include "store/outbox.h"

namespace bot::runs {
namespace {

constexpr std::chrono::milliseconds kLookForAdditions{500};

}  // namespace

void RunAdditions::take(const dispatch::Event& event) {
  using Kind = dispatch::Event::Kind;
  session_begun_ = session_begun_ || event.kind == Kind::session_begun;
  if (event.kind == Kind::added) {
    taken_up_.push_back({event.addition});
  }
  note_taken_up();
  const auto now = std::chrono::steady_clock::now();
  if (mailbox_ == nullptr || !session_begun_ || now < next_look_) {
    return;
  }
  next_look_ = now + kLookForAdditions;
  try {
    for (const auto& waiting : store::DispatchLog(run_.db).waiting_of(run_.project.id)) {
      if (handed_on_.contains(waiting.id)) {
        continue;
      }
      if (!fits(waiting)) {
        return;  // in their order: what waits behind it waits for it
      }
      hand_on(waiting);
    }
  } catch (const std::exception& e) {
    base::log_warning("dispatch {}: what waits cannot be passed on now: {}",
                      chat::dispatch_name(run_.record.id), e.what());
  }
}

bool RunAdditions::fits(const store::DispatchRecord& waiting) {
  const auto& record = run_.record;
  // What wants a session or a specialist of its own does not. Nor does another person's: what this one
  // allowed, and pays for, is not theirs. Nor does what came with files, which are fetched when a run begins.
  const bool other_session = !waiting.session_id.empty() &&
                             waiting.session_id != store::DispatchLog(run_.db).dispatch(record.id).session_id;
  return waiting.action == store::DispatchAction::resume && waiting.specialist == record.specialist &&
         waiting.person == record.person && !other_session && !waiting.cancel_requested &&
         waiting.attempts == 0 &&
         messages::waiting_attachments(run_.db, waiting, run_.services.clock.now()).empty();
}

void RunAdditions::hand_on(const store::DispatchRecord& waiting) {
  store::Transaction transaction(run_.db, run_.services.notifier);
  store::Outbox(run_.db).edit(waiting.note,
                              with_further(run_.db, waiting, texts::adding_to_running(run_.project.slug)), {},
                              run_.services.clock.now());
  transaction.commit();
  handed_on_.insert(waiting.id);
  mailbox_->push(dispatch::Addition{waiting.id.value, waiting.prompt});
}

void RunAdditions::note_taken_up() {
  // Until it is noted it waits in the queue, so nothing is lost where this fails.
  try {
    for (; !taken_up_.empty(); taken_up_.pop_front()) {
      const auto id = taken_up_.front();
      store::DispatchLog log(run_.db);
      store::Transaction transaction(run_.db, run_.services.notifier);
      const auto now = run_.services.clock.now();
      const bool joins = log.join(id, run_.record.id, now);
      if (joins) {
        store::JobQueue(run_.db).withdraw(runtime::kDispatchJob, id.value);
        const auto joined = log.dispatch(id);
        store::Outbox(run_.db).edit(
            joined.note, with_further(run_.db, joined, texts::added_to_running(run_.project.slug)), {}, now);
        DispatchDesk(run_.services, run_.db).refresh_queue(run_.project.id);
      }
      transaction.commit();
      if (joins) {
        const auto joined = to_string(store::DecisionOutcome::joined);
        count_finished(run_.services, run_.db, log.dispatch(id), joined, joined);
      }
      run_.record.prompt = log.dispatch(run_.record.id).prompt;
      base::log_info("dispatch {}: {} is passed on to it", chat::dispatch_name(run_.record.id),
                     chat::dispatch_name(id));
    }
  } catch (const std::exception& e) {
    base::log_warning("dispatch {}: {}", chat::dispatch_name(run_.record.id), e.what());
  }
}

}  // namespace bot::runs
