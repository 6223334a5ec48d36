#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "dispatch/project/workspace.h"
#include "dispatch/task/specialist.h"
#include "store/states.h"

namespace bot::runs {

// What the program itself says about a run. Pure functions of what was observed.

/// How a run is going, for the message that is edited while it works.
struct Progress {
  std::string slug;
  std::string doing;  ///< "Writing app.py"; may be empty
  struct File {
    std::string path;  ///< relative
    int added = 0, removed = 0;
  };
  std::vector<File> files;  ///< touched so far, in order
  std::chrono::milliseconds elapsed{0};
  double usd_so_far = 0;
};
std::string progress_text(const Progress& progress);

/// "Writing app.py" for a tool call of the specialist.
std::string doing_text(const std::string& tool, const std::string& detail);

/// What the program knows about a finished run.
struct RunFacts {
  std::string slug;
  std::filesystem::path folder;
  store::DispatchAction action = store::DispatchAction::run;
  std::vector<dispatch::FileChange> files;
  bool files_complete = true;
  bool session_replaced = false;
  int resumed_times = 0;                   ///< after the program's own death
  std::vector<std::string> problems = {};  ///< sentences about attached files that could not be had
  bool demo = false;                       ///< the scripted model did it, so the price is pretended
};

/// The first lines of the result: the outcome, failures first.
std::string outcome_text(store::DispatchOutcome outcome, const std::string& slug, const std::string& problem);
/// The last lines: files, turns, time, cost, refused actions, how to go on.
std::string facts_text(const RunFacts& facts, const dispatch::Report& report);
/// The same facts, plain, for the model that summarizes.
std::string facts_for_model(const RunFacts& facts, const dispatch::Report& report);
/// The same facts as JSON, for the log.
std::string facts_json(const RunFacts& facts, const dispatch::Report& report);

/// "app.py, test_app.py and 3 more".
std::string short_list(const std::vector<std::string>& names, std::size_t most);

}  // namespace bot::runs
