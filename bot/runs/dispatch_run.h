#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <stop_token>
#include <string>

#include "bot/runs/wording.h"
#include "bot/runtime/services.h"
#include "dispatch/project/workspace.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"
#include "store/job_queue.h"
#include "store/people.h"
#include "store/projects.h"

namespace bot::runs {

/// Carries out one dispatch (steps 7 and 8 of a message's way): locks the project, runs the specialist, keeps
/// the note current, posts the result. One object per job; thread rule: one thread.
class DispatchRun {
 public:
  /// `place` is left to others while a person is awaited.
  DispatchRun(runtime::Services& services, store::Database& db, const store::Job& job,
              runtime::RunSlots::Place& place);

  /// Returns when the dispatch is finished, or given back to the queue because the project is in use
  /// elsewhere or the program stops.
  /// Throws base::Stopped when `stop` is requested while the result is being retold; it is on disk then.
  void run(std::stop_token stop);

 private:
  /// The report of a run that began now; nothing if the dispatch was finished at the last moment.
  std::optional<dispatch::Report> work(dispatch::ProjectWorkspace& workspace, RunFacts& facts);
  dispatch::Task make_task(dispatch::ProjectWorkspace& workspace);
  /// The result that an earlier process wrote before it died, if it came that far.
  std::optional<dispatch::Report> earlier_result(const dispatch::ProjectWorkspace& workspace) const;
  void finish(const RunFacts& facts, const dispatch::Report& report, store::DispatchOutcome outcome,
              std::stop_token stop);
  void finish_unstarted(store::DispatchOutcome outcome, const std::string& problem);
  void wait_for_holder(const std::string& holder);
  std::string retell(const RunFacts& facts, const dispatch::Report& report, std::stop_token stop);
  std::vector<store::Button> cancel_button() const;
  /// Adds which attached files could not be had; those that were placed are not the specialist's work.
  void note_attachments(RunFacts& facts);
  /// Shows what the specialist asks, refuses what waits for too long, and minds the run's place.
  void attend(const dispatch::Event& event);
  void close_requests(const std::string& why);
  /// Passes what waits in the project's queue on to the specialist, which takes it up when it can.
  void pass_on(const dispatch::Event& event, dispatch::Mailbox* mailbox);
  void note_taken_up();
  /// Ends the run when all that run now have used up the day's budget.
  void watch_budget(const dispatch::Event& event);

  runtime::Services& services_;
  store::Database& db_;
  const store::Job job_;
  runtime::RunSlots::Place& place_;
  bool awaits_ = false;  ///< a person
  std::deque<std::shared_ptr<const dispatch::Request>> unasked_;
  dispatch::Specialist* specialist_ = nullptr;  ///< known once run() has begun
  bool session_begun_ = false;
  std::chrono::steady_clock::time_point next_look_;
  std::chrono::steady_clock::time_point next_count_;
  std::string over_budget_;  ///< why the run was ended by watch_budget()
  std::set<store::DispatchId> passed_on_;
  std::deque<store::DispatchId> taken_up_;
  store::DispatchLog log_;
  store::DispatchRecord record_;
  store::Project project_;
  store::Conversation conversation_;
};

}  // namespace bot::runs
