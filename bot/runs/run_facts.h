#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "bot/texts/results.h"
#include "dispatch/project/workspace.h"
#include "dispatch/task/specialist.h"
#include "store/states.h"

namespace bot::runs {

/// What the program knows about a finished run.
struct RunFacts {
  std::string slug;
  std::filesystem::path folder;
  store::DispatchAction action = store::DispatchAction::run;
  std::vector<dispatch::FileChange> files;
  bool files_complete = true;
  bool session_replaced = false;
  bool over_budget = false;             ///< a day's or a month's budget ended it
  int resumed_times = 0;                ///< after the program's own death
  std::chrono::seconds longest_cut{0};  ///< how long the program's end had cut it, at most
  std::vector<std::string> problems =
      {};                    ///< sentences, such as those about attached files that could not be had
  bool tells_folder = true;  ///< otherwise the chat can open the files itself
  bool demo = false;         ///< the scripted model did it, so nothing was charged
};

/// The first lines of the result: the outcome, failures first.
std::string outcome_text(store::DispatchOutcome outcome, const std::string& slug, const std::string& problem);
/// The last lines: files, time, cost, refused actions, how to continue.
std::string facts_text(const RunFacts& facts, const dispatch::Report& report);
/// The same facts, plain, for the model that summarizes.
std::string facts_for_model(const RunFacts& facts, const dispatch::Report& report);
/// The same facts as JSON, for the log.
std::string facts_json(const RunFacts& facts, const dispatch::Report& report);

}  // namespace bot::runs
