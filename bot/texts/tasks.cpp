#include "bot/texts/tasks.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "bot/markup/literal_markdown.h"

namespace bot::texts {
namespace {

constexpr std::size_t kFilesShown = 8;
/// Of a task that others may have led to. The beginning says what it is about, the end what else it wants.
constexpr std::size_t kTaskShown = 1'200;

std::string said_of(const TaskInQuestion& asked) {
  const char* const came = asked.others == OthersWords::tool      ? "what a tool returned came into this turn"
                           : asked.others == OthersWords::picture ? "a picture came along"
                                                                  : "your message holds words of others";
  return fmt::format(
      "I ask in any case, because {}, and that orders nothing: is it what you want? The specialist would be told:\n\n"
      "{}\n\n",
      came, markup::fenced(base::keep_ends(base::visible(asked.task), kTaskShown)));
}

}  // namespace

std::string confirm_task(const TaskInQuestion& asked) {
  return fmt::format(
      "This looks like a task for the specialist: *{}* ({}).\n\n{}Shall I give it to the specialist? It takes a "
      "few minutes and costs more than a quick answer.",
      asked.what, asked.is_new ? asked.project : "in the project " + asked.project,
      asked.others == OthersWords::none ? std::string() : said_of(asked));
}

std::string suggested_task(const std::string& description, const std::string& project) {
  if (description.empty()) {
    return project.empty() ? "one that it did not describe" : project;
  }
  return project.empty() ? description : fmt::format("{} ({})", description, project);
}

std::string also_suggested(const std::vector<std::string>& tasks) {
  if (tasks.size() == 1) {
    return fmt::format(
        "The assistant also suggested another task: {}. It has not begun; ask for it when you want it.",
        tasks.front());
  }
  std::string list;
  for (const auto& task : tasks) {
    list += "\n- " + task;
  }
  return fmt::format(
      "The assistant also suggested these tasks. They have not begun; ask for them when you want them.\n{}",
      list);
}

std::string new_project_instead(const std::string& asked_for) {
  return fmt::format("This chat has no project \"{}\", so I am starting a new one.", asked_for);
}

std::string queued_in_project(const std::string& project, int position) {
  return fmt::format(
      "Queued: *{}* is already being worked on. This task is number {} in its queue and starts by itself.",
      project, position);
}

std::string queued_for_place(const std::string& project, int places) {
  return places == 1 ? fmt::format("Queued: *{}* starts as soon as the running task ends.", project)
                     : fmt::format("Queued: *{}* starts as soon as one of the {} running tasks ends.",
                                   project, places);
}

std::string queued_for_memory(const std::string& project) {
  return fmt::format("Queued: *{}* starts as soon as the server has enough free memory.", project);
}

std::string often_interrupted(const std::string& project) {
  return fmt::format(
      "The work on *{}* was interrupted ten times, because the program was stopped each time. It goes on; you can also "
      "cancel it.",
      project);
}

std::string in_use_elsewhere(const std::string& project, const std::string& holder) {
  return fmt::format("Waiting: *{}* is in use by another run on the server ({}). It starts when that ends.",
                     project, holder);
}

std::string on_it(const std::string& project, const std::string& specialist) {
  return fmt::format("On it: *{}*{} …", project, specialist.empty() ? "" : " with " + specialist);
}

std::string adding_to_running(const std::string& project) {
  return fmt::format("Adding this to the task already running on *{}* …", project);
}

std::string added_to_running(const std::string& project) {
  return fmt::format("Added to the task already running on *{}*; its result will include this.", project);
}

std::string progress(const Progress& progress) {
  auto text = fmt::format("On it: *{}* · {}", progress.project, base::format_duration(progress.elapsed));
  if (progress.usd_so_far >= 0.005) {
    text += fmt::format(" · about {} so far", money(progress.usd_so_far));
  }
  if (!progress.doing.empty()) {
    text += "\n\n" + progress.doing + " …";
  }
  if (!progress.background.empty()) {
    text += "\n\n" + in_background(progress.background);
  }
  if (!progress.files.empty()) {
    std::vector<std::string> names;
    for (const auto& file : progress.files) {
      names.push_back(markup::inline_code(file.path) +
                      (file.added > 0 ? fmt::format(" +{}", file.added) : "") +
                      (file.removed > 0 ? fmt::format(" −{}", file.removed) : ""));
    }
    text += "\n\nFiles so far: " + short_list(names, kFilesShown);
  }
  return text;
}

std::string in_background(const std::vector<std::string>& works) {
  std::vector<std::string> names;
  for (const auto& work : works) {
    names.push_back(markup::inline_code(work));
  }
  return "In the background: " + short_list(names, kFilesShown);
}

std::string doing(const std::string& tool, const std::string& detail) {
  struct Row {
    const char* tool;
    const char* verb;
  };
  constexpr std::array kVerbs = {Row{"Write", "Writing"},     Row{"Edit", "Editing"},
                                 Row{"MultiEdit", "Editing"}, Row{"NotebookEdit", "Editing"},
                                 Row{"Read", "Reading"},      Row{"Bash", "Running"},
                                 Row{"Glob", "Looking for"},  Row{"Grep", "Searching for"},
                                 Row{"WebFetch", "Fetching"}, Row{"WebSearch", "Searching the web for"},
                                 Row{"Task", "Delegating"},   Row{"Agent", "Delegating"}};
  const auto shown = detail.empty() ? detail : markup::inline_code(detail);
  for (const auto& row : kVerbs) {
    if (tool == row.tool) {
      return detail.empty() ? std::string(row.verb) : fmt::format("{} {}", row.verb, shown);
    }
  }
  return detail.empty() ? fmt::format("Using {}", tool) : fmt::format("Using {}: {}", tool, shown);
}

std::string waiting(const std::string& reason) {
  return "Waiting: " + reason;
}

std::string short_list(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  const auto shown = std::min(names.size(), most);
  for (std::size_t i = 0; i < shown; ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > shown ? fmt::format("{} and {} more", text, names.size() - shown) : text;
}

std::string money(double usd) {
  return usd < 0.005 ? std::string("under $0.01") : fmt::format("${:.2f}", usd);
}

}  // namespace bot::texts
