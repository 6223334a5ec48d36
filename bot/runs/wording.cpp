#include "bot/runs/wording.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"

namespace bot::runs {
namespace {

using dispatch::FileChange;

constexpr std::size_t kFilesShown = 8;

std::string money(double usd) {
  return usd < 0.005 ? std::string("under $0.01") : fmt::format("${:.2f}", usd);
}

/// Inline code; a back-tick in a file's name would end it.
std::string code(std::string text) {
  std::replace(text.begin(), text.end(), '`', '\'');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return "`" + text + "`";
}

std::vector<std::string> paths(const std::vector<FileChange>& files, FileChange::Kind kind) {
  std::vector<std::string> names;
  for (const auto& file : files) {
    if (file.kind == kind) {
      names.push_back(code(file.path));
    }
  }
  return names;
}

struct KindName {
  FileChange::Kind kind;
  const char* word;
};
constexpr std::array kKinds = {KindName{FileChange::Kind::created, "Created"},
                               KindName{FileChange::Kind::changed, "Changed"},
                               KindName{FileChange::Kind::deleted, "Deleted"}};

std::string files_text(const RunFacts& facts, std::size_t most) {
  std::string text;
  for (const auto& [kind, word] : kKinds) {
    if (const auto names = paths(facts.files, kind); !names.empty()) {
      text += fmt::format("{}{} {}", text.empty() ? "" : " · ", word, short_list(names, most));
    }
  }
  return text.empty() ? "No files changed" : text;
}

}  // namespace

std::string short_list(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  const auto shown = std::min(names.size(), most);
  for (std::size_t i = 0; i < shown; ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > shown ? fmt::format("{} and {} more", text, names.size() - shown) : text;
}

std::string doing_text(const std::string& tool, const std::string& detail) {
  struct Row {
    const char* tool;
    const char* verb;
  };
  constexpr std::array kVerbs = {Row{"Write", "Writing"},     Row{"Edit", "Editing"},
                                 Row{"MultiEdit", "Editing"}, Row{"NotebookEdit", "Editing"},
                                 Row{"Read", "Reading"},      Row{"Bash", "Running"},
                                 Row{"Glob", "Looking for"},  Row{"Grep", "Searching for"},
                                 Row{"WebFetch", "Fetching"}, Row{"WebSearch", "Searching the web for"},
                                 Row{"Task", "Delegating"}};
  for (const auto& row : kVerbs) {
    if (tool == row.tool) {
      return detail.empty() ? std::string(row.verb) : fmt::format("{} {}", row.verb, code(detail));
    }
  }
  return detail.empty() ? fmt::format("Using {}", tool) : fmt::format("Using {}: {}", tool, code(detail));
}

std::string progress_text(const Progress& progress) {
  auto text = fmt::format("On it: *{}* · {}", progress.slug, base::format_duration(progress.elapsed));
  if (progress.usd_so_far >= 0.005) {
    text += fmt::format(" · about {} so far", money(progress.usd_so_far));
  }
  if (!progress.doing.empty()) {
    text += "\n\n" + progress.doing + " …";
  }
  if (!progress.files.empty()) {
    std::vector<std::string> names;
    for (const auto& file : progress.files) {
      names.push_back(code(file.path) + (file.added > 0 ? fmt::format(" +{}", file.added) : "") +
                      (file.removed > 0 ? fmt::format(" −{}", file.removed) : ""));
    }
    text += "\n\nFiles so far: " + short_list(names, kFilesShown);
  }
  return text;
}

std::string outcome_text(store::DispatchOutcome outcome, const std::string& slug,
                         const std::string& problem) {
  using store::DispatchOutcome;
  switch (outcome) {
    case DispatchOutcome::success:
      return fmt::format("**Done: {}.**", slug);
    case DispatchOutcome::error:
      return fmt::format("**Failed: {}.** {}", slug, problem);
    case DispatchOutcome::blocked:
      return fmt::format("**Blocked: {}.** {}", slug, problem);
    case DispatchOutcome::timeout:
      return fmt::format("**Out of time: {}.** {}", slug, problem);
    case DispatchOutcome::cancelled:
      return fmt::format("**Stopped: {}.** {}", slug, problem);
    case DispatchOutcome::interrupted:
      return fmt::format("**Interrupted: {}.** {}", slug, problem);
  }
  return problem;
}

std::string facts_text(const RunFacts& facts, const dispatch::Report& report) {
  auto text = files_text(facts, kFilesShown);
  if (!facts.files_complete) {
    text += " (the folder is too large to compare it whole)";
  }
  text += fmt::format("\n\n{} · {}", base::format_duration(report.duration),
                      (report.usd_is_estimate && report.usd >= 0.005 ? "about " : "") + money(report.usd));
  text += facts.demo ? " (a pretended price: demo)" : "";
  if (report.turns > 0) {
    text += fmt::format(" · {} {}", report.turns, report.turns == 1 ? "turn" : "turns");
  }
  text += " · " + code(base::abbreviate_home(facts.folder));
  if (!report.denials.empty()) {
    std::vector<std::string> names;
    for (const auto& denial : report.denials) {
      names.push_back(denial.detail.empty() ? denial.tool
                                            : fmt::format("{} {}", denial.tool, code(denial.detail)));
    }
    text += "\n\nNot allowed: " + short_list(names, kFilesShown);
  }
  for (const auto& problem : facts.problems) {
    text += "\n\n" + problem;
  }
  if (facts.session_replaced) {
    text += "\n\nThe earlier session was gone, so it began a new one and did not remember the earlier work.";
  }
  if (facts.resumed_times > 0) {
    text += fmt::format("\n\nThe program was restarted while this ran; it was resumed {}.",
                        facts.resumed_times == 1 ? "once" : fmt::format("{} times", facts.resumed_times));
  }
  text += facts.action == store::DispatchAction::review
              ? ""
              : fmt::format("\n\nTo go on, say what to change in *{}*.", facts.slug);
  return text;
}

std::string facts_for_model(const RunFacts& facts, const dispatch::Report& report) {
  auto text = fmt::format("Outcome: {}\nFiles: {}\nTurns: {}\n", to_string(report.outcome),
                          files_text(facts, 40), report.turns);
  for (const auto& denial : report.denials) {
    text += fmt::format("Refused action: {} {}\n", denial.tool, denial.detail);
  }
  for (const auto& problem : facts.problems) {
    text += problem + "\n";
  }
  return text;
}

std::string facts_json(const RunFacts& facts, const dispatch::Report& report) {
  nlohmann::json files = nlohmann::json::array();
  for (const auto& file : facts.files) {
    const auto row =
        std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return k.kind == file.kind; });
    files.push_back({{"path", file.path}, {"change", base::ascii_lower(row->word)}});
  }
  nlohmann::json denials = nlohmann::json::array();
  for (const auto& denial : report.denials) {
    denials.push_back({{"tool", denial.tool}, {"detail", denial.detail}});
  }
  return base::dump_json({{"files", files},
                          {"files_complete", facts.files_complete},
                          {"denials", denials},
                          {"turns", report.turns},
                          {"duration_ms", report.duration.count()},
                          {"stop_reason", report.stop_reason},
                          {"model", report.model},
                          {"problem", report.problem},
                          {"session_replaced", facts.session_replaced},
                          {"resumed_times", facts.resumed_times}});
}

}  // namespace bot::runs
