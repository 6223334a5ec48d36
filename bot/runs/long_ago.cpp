#include "bot/runs/long_ago.h"

#include "base/log.h"
#include "bot/chat/platform.h"
#include "bot/runs/dispatch_desk.h"
#include "bot/runs/further_tasks.h"
#include "bot/runs/legs.h"
#include "bot/runs/run_facts.h"
#include "bot/texts/buttons.h"
#include "bot/texts/results.h"
#include "store/job_queue.h"
#include "store/outbox.h"
#include "store/projects.h"

namespace bot::runs {

void show_question_to_go_on(store::Database& db, const store::Conversation& conversation,
                            const store::DispatchRecord& dispatch, const std::string& slug,
                            const std::string& problem, base::Timestamp now) {
  constexpr auto kInterrupted = store::DispatchOutcome::interrupted;
  store::Outbox outbox(db);
  outbox.edit(dispatch.note, outcome_text(kInterrupted, slug, texts::kAskedBelow), {}, now);
  const auto asked = store::DispatchLog(db).decision(dispatch.decision).message;
  outbox.post(conversation,
              {with_further(db, dispatch, outcome_text(kInterrupted, slug, problem)),
               {{store::ButtonKind::resume, dispatch.id.value, texts::kContinue},
                {store::ButtonKind::drop, dispatch.id.value, texts::kCancel}},
               store::Conversations(db).message(asked).external_id,
               dispatch.id},
              now);
}

void ask_about_old_orders(runtime::Services& services, store::Database& db) {
  constexpr auto kInterrupted = store::DispatchOutcome::interrupted;
  const auto now = services.clock.now();
  store::DispatchLog log(db);
  auto old = log.unbegun(runtime::kDispatchJob);
  std::erase_if(old, [&](const auto& order) { return now - order.seen <= kGoesOnUnasked; });
  if (old.empty()) {
    return;
  }
  {
    store::Transaction transaction(db, services.notifier);
    store::Projects projects(db);
    for (const auto& [dispatch, seen] : old) {
      const auto problem =
          texts::not_begun_long_ago(std::chrono::duration_cast<std::chrono::seconds>(now - seen));
      log.finish(dispatch.id, kInterrupted, problem, "{}", 0, now);
      show_question_to_go_on(db, store::Conversations(db).get(dispatch.conversation), dispatch,
                             projects.get(dispatch.project).slug, problem, now);
      store::JobQueue(db).drop(runtime::kDispatchJob, dispatch.id.value);
    }
    transaction.commit();
  }
  for (const auto& [dispatch, seen] : old) {
    base::log_info("dispatch {} was ordered long ago and never begun: its chat is asked whether it is to",
                   chat::dispatch_name(dispatch.id));
    count_finished(services, db, dispatch, to_string(kInterrupted), to_string(kInterrupted));
  }
}

}  // namespace bot::runs
