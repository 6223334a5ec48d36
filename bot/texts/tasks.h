#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bot::texts {

// What is said about a task for the specialist until it ends.

/// Whereby words that are not the person's came into a turn.
enum class OthersWords { none, message, tool, picture };

/// A task to be asked about.
struct TaskInQuestion {
  std::string what;  ///< the project is about
  std::string project;
  bool is_new = true;
  OthersWords others = OthersWords::none;
  std::string task;  ///< for the specialist, shown where words of others may have led to it
};

/// The question before a task is handed over, as Markdown.
std::string confirm_task(const TaskInQuestion& asked);

/// "what it is about (project)"; either may be empty, where the model did not say it.
std::string suggested_task(const std::string& description, const std::string& project);

/// What was suggested in the same breath; a suggested_task() each.
std::string also_suggested(const std::vector<std::string>& tasks);

/// Before the note of a task for a project that is not there.
std::string new_project_instead(const std::string& asked_for);

// The note of a task that has not started.
std::string queued_in_project(const std::string& project, int position);
/// `places`: how many tasks may run at once.
std::string queued_for_place(const std::string& project, int places);
std::string queued_for_memory(const std::string& project);
std::string in_use_elsewhere(const std::string& project, const std::string& holder);
/// `specialist` is empty where there is only one.
std::string on_it(const std::string& project, const std::string& specialist);

/// Beside the note of one that the end of the program cut ten times.
std::string often_interrupted(const std::string& project);

// The note of a task that is added to one that runs.
std::string adding_to_running(const std::string& project);
std::string added_to_running(const std::string& project);

/// How a run is going, for the note that is edited while it works.
struct Progress {
  std::string project;
  std::string doing;  ///< "Writing app.py"; may be empty
  struct File {
    std::string path;  ///< relative
    int added = 0, removed = 0;
  };
  std::vector<File> files;              ///< touched so far, in order
  std::vector<std::string> background;  ///< what runs beside its turn
  std::chrono::milliseconds elapsed{0};
  double usd_so_far = 0;
};
std::string progress(const Progress& progress);

// What stands in Progress::doing.
/// "Writing app.py" for a tool call of the specialist.
std::string doing(const std::string& tool, const std::string& detail);
inline constexpr const char* kStarting = "Starting";
inline constexpr const char* kThinking = "Thinking";
/// Behind "Waiting: ".
inline constexpr const char* kCliIsAbsent = "the specialist's program is not there just now";
inline constexpr const char* kWaitingForAnswer = "Waiting for your answer";
inline constexpr const char* kWaitingForBackground = "Waiting for what runs in the background";
inline constexpr const char* kReadingAddition = "Reading what you added";
std::string waiting(const std::string& reason);

/// "In the background: `npm test`"; `works` is not empty.
std::string in_background(const std::vector<std::string>& works);

/// "app.py, test_app.py and 3 more".
std::string short_list(const std::vector<std::string>& names, std::size_t most);

/// "$0.12", or "under $0.01".
std::string money(double usd);

}  // namespace bot::texts
