#include "bot/cli/shell_projects.h"

#include <algorithm>
#include <ostream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/runtime/settings.h"
#include "dispatch/project/catalog.h"
#include "dispatch/project/workspace.h"

namespace bot::cli {
namespace {

using dispatch::Outcome;
using dispatch::ProjectCatalog;
using dispatch::ProjectInfo;
using nlohmann::json;

constexpr int kResultLines = 20;
constexpr std::size_t kLongestDescription = 100;

ProjectCatalog catalog(const ShellProjects& options) {
  base::set_log_level(base::LogLevel::warning);
  return ProjectCatalog(runtime::load_shell_settings(options.config).dispatch.projects_dir);
}

std::string status_word(const dispatch::Report& report) {
  switch (report.outcome) {
    case Outcome::success:
      return "success";
    case Outcome::blocked:
      return "BLOCKED (permission denials)";
    default:
      return "error";
  }
}

std::string denials_text(const dispatch::Report& report) {
  std::string text;
  for (const auto& denial : report.denials) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", denial.tool,
                        denial.detail.empty() ? "" : " (" + denial.detail + ")");
  }
  return text;
}

std::string shortened(const std::string& text, std::size_t most) {
  return base::ellipsize(base::one_line(text), most);
}

json to_json(const ProjectInfo& project) {
  const auto or_null = [](const std::string& text) { return text.empty() ? json(nullptr) : json(text); };
  return {{"slug", project.slug},
          {"path", project.folder.string()},
          {"description", project.description},
          {"created", or_null(project.created)},
          {"updated", or_null(project.updated)},
          {"last_session", or_null(project.last_session)},
          {"last_run", or_null(project.last_run)}};
}

void print_lines(const std::vector<ProjectInfo>& projects, std::ostream& out) {
  std::size_t widest = 0;
  for (const auto& project : projects) {
    widest = std::max(widest, project.slug.size());
  }
  for (const auto& project : projects) {
    const auto time = dispatch::run_time(project.last_run);
    out << fmt::format("{:<{}}  {:<19}  {}\n", project.slug, widest,
                       project.last_run.empty() ? "never run"
                       : time.empty()           ? project.last_run
                                                : time,
                       shortened(project.description, kLongestDescription));
  }
  out << fmt::format("{} {}\n", projects.size(), projects.size() == 1 ? "project" : "projects");
}

void print_json(const std::vector<ProjectInfo>& projects, std::ostream& out) {
  auto list = json::array();
  for (const auto& project : projects) {
    list.push_back(to_json(project));
  }
  out << base::dump_json(list) << "\n";
}

}  // namespace

int tell_missing_project(const std::string& program, const std::string& slug, std::ostream& err) {
  err << fmt::format("{0}: Project not found: {1}; `{0} list` shows all.\n", program, slug);
  return 1;
}

int show_status(const ShellProjects& options, std::ostream& out, std::ostream& err) {
  const auto project = catalog(options).find(options.slug);
  if (!project) {
    return tell_missing_project(options.program, options.slug, err);
  }
  const auto report = ProjectCatalog::last_report(*project);
  if (options.json) {
    auto object = to_json(*project);
    object["running"] = project->holder.empty() ? json(nullptr) : json(project->holder);
    object["last_result"] = project->last_text ? json(*project->last_text) : json(nullptr);
    if (report) {
      auto denials = json::array();
      for (const auto& denial : report->denials) {
        denials.push_back({{"tool", denial.tool}, {"detail", denial.detail}});
      }
      object["status"] = to_string(report->outcome);
      object["duration_ms"] = report->duration.count();
      object["turns"] = report->turns;
      object["stop_reason"] = report->stop_reason.empty() ? json(nullptr) : json(report->stop_reason);
      object["denials"] = denials;
      object["usd"] = report->usd;
    }
    out << base::dump_json(object) << "\n";
    return 0;
  }
  out << fmt::format("Project: {}\nPath: {}\n", project->slug, project->folder.string());
  if (!project->description.empty()) {
    out << "Description: " << shortened(project->description, 1000) << "\n";
  }
  out << fmt::format("Last session: {}\nLast run: {}\n",
                     project->last_session.empty() ? "none" : shortened(project->last_session, 100),
                     project->last_run.empty() ? "none" : project->last_run);
  if (report) {
    out << fmt::format("  Status: {}\n  Duration: {:.1f}s\n  Turns: {}\n  Stop reason: {}\n",
                       status_word(*report), static_cast<double>(report->duration.count()) / 1000,
                       report->turns,
                       report->stop_reason.empty() ? "none" : shortened(report->stop_reason, 100));
    if (!report->denials.empty()) {
      out << "  Denials: " << shortened(denials_text(*report), 1000) << "\n";
    }
  }
  if (!project->holder.empty()) {
    out << "Running now: " << shortened(project->holder, 200) << "\n";
  }
  if (project->last_text) {
    out << "Last result:\n";
    const std::string_view text = *project->last_text;
    std::size_t begin = 0;
    for (int line = 0; line < kResultLines && begin < text.size(); ++line) {
      const auto end = std::min(text.find('\n', begin), text.size());
      out << base::strip_controls(text.substr(begin, end - begin)) << "\n";
      begin = end + 1;
    }
  }
  return 0;
}

int show_list(const ShellProjects& options, std::ostream& out) {
  const auto projects = catalog(options).all();
  if (options.json) {
    print_json(projects, out);
  } else if (projects.empty()) {
    out << "No projects yet.\n";
  } else {
    print_lines(projects, out);
  }
  return 0;
}

int show_search(const ShellProjects& options, std::ostream& out) {
  // "search 'flask api'" and "search flask api" mean the same.
  std::vector<std::string> words;
  std::string asked;
  for (const auto& argument : options.words) {
    asked += (asked.empty() ? "" : " ") + argument;
    for (std::size_t begin = 0; begin < argument.size();) {
      const auto end = std::min(argument.find_first_of(" \t\n", begin), argument.size());
      if (end > begin) {
        words.push_back(argument.substr(begin, end - begin));
      }
      begin = end + 1;
    }
  }
  if (words.empty()) {
    throw base::ConfigError("search: write the words to look for");
  }
  const auto projects = catalog(options).search(words);
  if (options.json) {
    print_json(projects, out);
  } else if (projects.empty()) {
    out << fmt::format("No projects matching '{}'.\n", asked);
  } else {
    print_lines(projects, out);
  }
  return 0;
}

}  // namespace bot::cli
