#pragma once

#include <stop_token>
#include <string>

#include "bot/runs/run_context.h"
#include "bot/runs/run_facts.h"
#include "dispatch/task/specialist.h"

namespace bot::runs {

/// Ends a run: writes the result into the log, says it in the chat, and completes the job. Thread rule: one
/// thread.
class RunCompletion {
 public:
  explicit RunCompletion(const RunContext& run) : run_(run) {}

  /// Of a run that worked. Throws base::Stopped when `stop` is requested while the result is being retold; it
  /// is on disk then.
  void finish(const RunFacts& facts, const dispatch::Report& report, std::stop_token stop);
  /// Of a run that did not start, or that cannot be continued.
  void finish_unstarted(store::DispatchOutcome outcome, const std::string& problem);
  /// Of one that was cut so long ago that a person is asked whether it is to go on. It ends here: going on is
  /// a dispatch of its own, in the same session, so that nothing waits for the answer.
  void ask_to_go_on(std::chrono::seconds ago);
  /// Of one that a budget did not let start.
  void finish_over_budget(const std::string& problem);

 private:
  /// The specialist's answer as the chat gets it; empty where there is none.
  std::string retell(const RunFacts& facts, const dispatch::Report& report, std::stop_token stop);
  /// A run that did nothing but say a few words was not needed: a label.
  void note_if_trivial(const RunFacts& facts, const dispatch::Report& report);
  void charge_summary(const llm::Usage& usage);
  enum class Why { plain, over_budget, long_ago };
  void end_unstarted(store::DispatchOutcome outcome, const std::string& problem, Why why);
  void tell_unstarted(store::DispatchOutcome outcome, const std::string& problem, Why why,
                      base::Timestamp now);
  void count(store::DispatchOutcome outcome, bool over_budget);
  /// False where another worker has the job now; then the caller must not commit.
  bool complete_job();

  const RunContext& run_;
};

/// Adds which attached files could not be had; those that were placed are not the specialist's work.
void note_attachments(const RunContext& run, RunFacts& facts);

}  // namespace bot::runs
