#include "bot/texts/results.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/clock.h"
#include "bot/markup/literal_markdown.h"
#include "bot/texts/patience.h"
#include "bot/texts/tasks.h"

namespace bot::texts {
namespace {

constexpr std::size_t kFilesShown = 8;
/// A clean stop and start that took no longer than this is not mentioned.
constexpr std::chrono::minutes kShortStop{1};

std::string headline(const char* word, const std::string& project, const std::string& problem) {
  return fmt::format("**{}: {}.** {}", word, project, problem);
}

std::string times(int n) {
  return n == 1 ? "once" : n == 2 ? "twice" : fmt::format("{} times", n);
}

std::vector<std::string> as_code(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const auto& path : paths) {
    names.push_back(markup::inline_code(path));
  }
  return names;
}

/// Time, cost, steps and folder.
std::string measures(const Result& result) {
  auto text = fmt::format("{} · {}{}", base::format_duration(result.duration),
                          result.usd_is_estimate && result.usd >= 0.005 ? "about " : "", money(result.usd));
  text += result.demo ? " (demo: nothing was charged)" : "";
  if (result.steps > 0) {
    text += fmt::format(" · {} {}", result.steps, result.steps == 1 ? "step" : "steps");
  }
  return result.folder.empty() ? text : text + " · " + markup::inline_code(result.folder);
}

std::string denied_actions(const Result& result) {
  std::vector<std::string> names;
  for (const auto& denied : result.denied) {
    names.push_back(denied.detail.empty()
                        ? denied.tool
                        : fmt::format("{} {}", denied.tool, markup::inline_code(denied.detail)));
  }
  return "Not allowed: " + short_list(names, kFilesShown);
}

/// Empty of a run that nothing cut.
std::string resumed(const Result& result) {
  if (result.resumed_times == 0 && result.longest_cut < kShortStop) {
    return {};
  }
  const auto later = result.longest_cut.count() > 0
                         ? fmt::format(", {}{} after it was cut", result.resumed_times > 1 ? "at most " : "",
                                       roughly_in_words(result.longest_cut))
                         : std::string();
  return fmt::format("\n\nThe bot was restarted during this run; the run was resumed {}{}.",
                     times(std::max(result.resumed_times, 1)), later);
}

}  // namespace

std::string done(const std::string& project) {
  return fmt::format("**Done: {}.**", project);
}

std::string failed(const std::string& project, const std::string& problem) {
  return headline("Failed", project, problem);
}

std::string blocked(const std::string& project, const std::string& problem) {
  return headline("Blocked", project, problem);
}

std::string out_of_time(const std::string& project, const std::string& problem) {
  return headline("Out of time", project, problem);
}

std::string interrupted(const std::string& project, const std::string& problem) {
  return headline("Interrupted", project, problem);
}

std::string cancelled(const std::string& problem) {
  return "**Cancelled.** " + problem;
}

std::string not_started(const std::string& project) {
  return fmt::format("*{}* had not started.", project);
}

std::string was_interrupted(const std::string& project) {
  return fmt::format("*{}* had been interrupted by a restart. {}", project, kFilesKept);
}

std::string restarted_while_stopping(const std::string& project) {
  return fmt::format("The bot was restarted while *{}* was being stopped. {}", project, kFilesKept);
}

std::string crashed_each_time(const std::string& project) {
  return fmt::format(
      "The bot crashed each time it worked on *{}*, the last time with nothing else at work, so it was not started "
      "again. {} The operator can look at the crashes with `frontdesk doctor`. Press Continue to try once more.",
      project, kFilesKept);
}

std::string cut_long_ago(std::chrono::seconds ago) {
  return fmt::format(
      "The bot was stopped during this run, {} ago, so it does not go on unasked. {} Press Continue to go on where it "
      "was cut, or Cancel to leave it.",
      roughly_in_words(ago), kFilesKept);
}

std::string not_begun_long_ago(std::chrono::seconds ago) {
  return fmt::format(
      "The bot was stopped before this run began, {} ago, so it does not begin unasked. Press Continue to begin it, "
      "or Cancel to leave it.",
      roughly_in_words(ago));
}

std::string result_not_in_folder(const std::string& why) {
  return fmt::format("The result could not be written into the project folder: {}.", why);
}

std::string specialist_gone(const std::string& specialist) {
  return fmt::format(
      "The specialist \"{}\" is no longer configured. Ask again, and another one will take the task.",
      specialist);
}

std::string files_changed(const Files& files, std::size_t most) {
  struct Row {
    const char* word;
    const std::vector<std::string>& paths;
  };
  std::string text;
  for (const auto& [word, paths] :
       {Row{"Created", files.created}, Row{"Changed", files.changed}, Row{"Deleted", files.deleted}}) {
    if (!paths.empty()) {
      text += fmt::format("{}{} {}", text.empty() ? "" : " · ", word, short_list(as_code(paths), most));
    }
  }
  return text.empty() ? "No files changed" : text;
}

std::string details(const Result& result) {
  auto text = files_changed(result.files, kFilesShown);
  if (!result.files_complete) {
    text += " (the folder is too large to compare all of it)";
  }
  text += "\n\n" + measures(result);
  if (!result.denied.empty()) {
    text += "\n\n" + denied_actions(result);
  }
  for (const auto& problem : result.problems) {
    text += "\n\n" + problem;
  }
  if (result.session_replaced) {
    text +=
        "\n\nThe earlier session was gone, so the specialist started a new one and did not remember the "
        "earlier work.";
  }
  text += resumed(result);
  if (!result.is_review) {
    text += fmt::format("\n\nTo continue, say what to change in *{}*.", result.project);
  }
  return text;
}

}  // namespace bot::texts
