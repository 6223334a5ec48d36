#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "bot/runs/run_completion.h"
#include "bot/runs/run_context.h"
#include "bot/runs/run_facts.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/specialist.h"

namespace bot::runs {

/// Carries out one dispatch (steps 7 and 8 of a message's way): locks the project, runs the specialist, posts
/// the result. What happens meanwhile is RunObserver's. One object per job; thread rule: one thread.
class DispatchRun {
 public:
  /// `place` is left to others while a person is awaited.
  DispatchRun(runtime::Services& services, store::Database& db, const store::Job& job,
              runtime::RunSlots::Place& place);
  DispatchRun(const DispatchRun&) = delete;
  DispatchRun& operator=(const DispatchRun&) = delete;

  /// Returns when the dispatch is finished, or given back to the queue because the project is in use
  /// elsewhere or the program stops.
  /// Throws base::Stopped when `stop` is requested while the result is being retold; it is on disk then.
  void run(std::stop_token stop);

 private:
  // Each of these three returns true, or nothing, where it has settled the job.
  /// What was finished, cancelled or over budget before it began, or has no specialist any more.
  bool settle_before_start();
  std::optional<dispatch::ProjectWorkspace> open_workspace(RunFacts& facts, const std::stop_token& stop);
  /// What the program's own death cut, where it is not to be continued.
  bool settle_cut_run(dispatch::ProjectWorkspace& workspace, RunFacts& facts, std::stop_token stop);

  /// The report of a run that began now; nothing if the dispatch was finished at the last moment.
  std::optional<dispatch::Report> work(dispatch::ProjectWorkspace& workspace, RunFacts& facts,
                                       const std::stop_token& stop);
  /// Whether the run ended only because the program stops, and goes on after the next start.
  bool is_cut(const dispatch::Report& report) const;
  /// The report is in the database when it returns, unless the run was cut. `stop` ends the run,
  /// `program_stop` the attempts to write it down.
  dispatch::Report run_specialist(dispatch::ProjectWorkspace& workspace, dispatch::Task& task,
                                  const std::string& record, RunFacts& facts, const std::stop_token& stop,
                                  const std::stop_token& program_stop);
  /// Writes the files of the result; what hinders that is said in the facts.
  void save_files(dispatch::ProjectWorkspace& workspace, const std::string& record,
                  const dispatch::Report& report, RunFacts& facts);
  void close_requests(const std::string& why);
  /// The run, which has made so many turns since it began or went on, goes on in its session after the next
  /// start.
  void give_back(const dispatch::ProjectWorkspace& workspace, int turns);
  void wait_for_holder(const std::string& holder);

  RunContext run_;
  runtime::RunSlots::Place& place_;
  RunCompletion completion_;
  dispatch::Specialist* specialist_ = nullptr;  ///< known once settle_before_start() has returned false
};

}  // namespace bot::runs
