#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bot/runs/legs.h"
#include "bot/runs/run_facts.h"
#include "bot/runs/run_spending.h"
#include "dispatch/task/specialist.h"
#include "store/database.h"
#include "store/dispatch_log.h"

namespace bot::runs {

/// Writes a run from the shell into the bot's log: a message of the user of this machine in the section
/// "shell", the decision "rule:shell", and the dispatch. The run does not depend on it: where the database
/// cannot be used, a warning is logged once and nothing more is written. Thread rule: one thread.
class ShellLog {
 public:
  ShellLog(const std::filesystem::path& database, const std::string& specialist);
  ~ShellLog();

  struct Run {
    std::string slug;
    std::string description;
    store::DispatchAction action;
    std::string prompt;
    std::string session_id;
    bool resumes = false;
    std::string record;
  };
  void begin(const Run& run);
  /// Books what an event says of cost and time.
  void take(const dispatch::Event& event);
  void finish(const RunFacts& facts, const dispatch::Report& report);

 private:
  void attempt(const std::function<void()>& write);

  const std::string specialist_;
  std::unique_ptr<store::Database> db_;
  std::optional<store::DispatchRecord> dispatch_;
  std::unique_ptr<RunSpending> spending_;
  std::unique_ptr<LegClock> leg_;
};

/// Who worked last on the project, by the bot's log; nothing where it does not know, or cannot be used.
std::optional<std::string> last_specialist(const std::filesystem::path& database, const std::string& slug);

/// Reports shell runs whose process is gone without a word, as after a power cut, as interrupted: the log
/// says that they run, and nobody holds their project.
void settle_lost_shell_runs(store::Database& db, const std::filesystem::path& projects_dir);

}  // namespace bot::runs
