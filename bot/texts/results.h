#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bot::texts {

// What is said about a task for the specialist when it ends.

// The headline. `problem` is a sentence, or several.
std::string done(const std::string& project);
std::string failed(const std::string& project, const std::string& problem);
std::string blocked(const std::string& project, const std::string& problem);
std::string out_of_time(const std::string& project, const std::string& problem);
std::string interrupted(const std::string& project, const std::string& problem);
std::string cancelled(const std::string& problem);

// Problems that the program itself states.
inline constexpr const char* kFilesKept = "Files written so far are kept.";
std::string not_started(const std::string& project);
std::string was_interrupted(const std::string& project);
std::string restarted_while_stopping(const std::string& project);
std::string crashed_each_time(const std::string& project);
/// Of a run that was cut so long ago that it does not go on unasked.
std::string cut_long_ago(std::chrono::seconds ago);
/// Of one that was ordered and had not begun when the bot was stopped so long ago.
std::string not_begun_long_ago(std::chrono::seconds ago);
std::string specialist_gone(const std::string& specialist);

inline constexpr const char* kProcessGone = "The process that ran this is gone.";

inline constexpr const char* kFolderWasGone =
    "The project's folder was gone, so the specialist began in a new, empty one. What was made there before is not in it.";
inline constexpr const char* kClaimsTooMuch =
    "The specialist claims to have used more than it can have; what it really cost is not known.";
/// `why`: what the system says.
std::string result_not_in_folder(const std::string& why);

inline constexpr const char* kAskedBelow = "Whether it goes on is asked in the message below.";
inline constexpr const char* kNotContinued = "Cancelled; this is not continued.";
inline constexpr const char* kResultBelow = "The result is in the message below.";

struct Files {
  std::vector<std::string> created, changed, deleted;
};
/// "Created `a`, `b` · Deleted `c`", at most so many names of each kind; or that no files changed.
std::string files_changed(const Files& files, std::size_t most);

/// What is known about a finished run.
struct Result {
  std::string project;
  std::string folder;  ///< empty: it is not told
  bool is_review = false;
  Files files;
  bool files_complete = true;
  std::chrono::milliseconds duration{0};
  double usd = 0;
  bool usd_is_estimate = false;
  bool demo = false;  ///< a scripted model did it, so nothing was charged
  int steps = 0;
  struct Denied {
    std::string tool, detail;
  };
  std::vector<Denied> denied;
  std::vector<std::string>
      problems;  ///< sentences, such as those about attached files that could not be fetched
  bool session_replaced = false;
  int resumed_times = 0;  ///< after restarts of the bot
  /// The longest time for which the bot's end had cut it.
  std::chrono::seconds longest_cut{0};
};
/// The last lines of the result: files, time, cost, refused actions, how to continue.
std::string details(const Result& result);

}  // namespace bot::texts
