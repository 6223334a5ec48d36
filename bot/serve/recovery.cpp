#include "bot/serve/recovery.h"

#include <string>

#include <fmt/core.h>

#include "base/crash_point.h"
#include "base/log.h"
#include "bot/chat/platform.h"
#include "bot/texts/buttons.h"
#include "bot/texts/errors.h"
#include "bot/texts/tasks.h"
#include "store/conversations.h"
#include "store/crash_log.h"
#include "store/dispatch_log.h"
#include "store/job_queue.h"
#include "store/outbox.h"
#include "store/projects.h"

namespace bot::serve {
namespace {

/// So often cut, and the chat is told, once.
constexpr int kToldAfter = 10;

bool is_turn(const store::Job& job) {
  return job.kind == runtime::kTurnJob || job.kind == runtime::kQuickTurnJob;
}

/// For the operator, as `frontdesk log` calls it.
std::string name_of(const store::Job& job) {
  if (is_turn(job)) {
    return fmt::format("the turn of message {}", job.ref);
  }
  if (job.kind == runtime::kDispatchJob) {
    return "dispatch " + chat::dispatch_name({job.ref});
  }
  return fmt::format("{} {}", job.kind, job.ref);
}

/// A delivery or the end of a question has no chat to tell: it is itself what the chat is told.
void tell_often_cut(store::Database& db, const store::Job& job, base::Timestamp now) {
  store::Conversations conversations(db);
  if (is_turn(job)) {
    const auto message = conversations.message({job.ref});
    store::Outbox(db).post(conversations.get(message.conversation),
                           {texts::kOftenCut,
                            {{store::ButtonKind::drop, message.id.value, texts::kCancel}},
                            message.external_id},
                           now);
  } else if (job.kind == runtime::kDispatchJob) {
    const auto dispatch = store::DispatchLog(db).dispatch({job.ref});
    store::Outbox(db).post(conversations.get(dispatch.conversation),
                           {texts::often_interrupted(store::Projects(db).get(dispatch.project).slug),
                            {{store::ButtonKind::cancel, dispatch.id.value, texts::kCancel}}},
                           now);
  }
}

void tell_of_job(const store::Job& job, bool fault) {
  if (!fault) {
    base::log_info("{} was cut and goes on (cut {} times)", name_of(job), job.cuts);
  } else if (job.trial == store::JobTrial::proven) {
    base::log_error("{} was the only one at work when the program died for the {}. time: it is given up",
                    name_of(job), job.marks);
  } else {
    base::log_warning("{} was at work when the program died of its own fault (mark {}){}", name_of(job),
                      job.marks, job.marks >= store::kMarksOfSuspect ? "; it runs alone now" : "");
  }
}

}  // namespace

void Recovery::recover(store::Database& db) {
  const auto now = services_.clock.now();
  auto fault = faults_.left();
  store::Transaction transaction(db);
  if (fault && store::CrashLog(db).knows(*fault)) {
    fault.reset();  // it was written down, but the mark could not be taken away any more
  }
  const auto jobs = store::JobQueue(db).recover(now, fault);
  store::Crash crash;
  for (const auto& job : jobs) {
    tell_of_job(job, fault.has_value());
    if (!fault && job.cuts == kToldAfter) {
      tell_often_cut(db, job, now);
    }
    crash.work += (crash.work.empty() ? "" : ", ") + name_of(job);
    crash.proven |= job.trial == store::JobTrial::proven;
  }
  // Without a thread that died nothing but the work says that it was this program that did.
  if (fault && (fault->work || !jobs.empty())) {
    base::log_error("the last process (pid {}) died of its own fault: {}; at work: {}", fault->pid,
                    fault->cause, crash.work.empty() ? "nothing" : crash.work);
    crash.fault = *std::move(fault);
    store::CrashLog(db).add(crash);
  }
  base::crash_point(base::CrashPoint::recovering);
  transaction.commit();
  faults_.begin();
  base::crash_point(base::CrashPoint::recovered);
  if (!jobs.empty()) {
    base::log_info("{} {} that an earlier process left unfinished will be resumed", jobs.size(),
                   jobs.size() == 1 ? "job" : "jobs");
  }
}

}  // namespace bot::serve
