#include "dispatch/adapters/command_specialist.h"

#include <algorithm>
#include <filesystem>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/private_folder.h"
#include "base/process/child_environment.h"
#include "base/process/child_process.h"
#include "base/process/program_path.h"
#include "base/process/sandbox.h"
#include "base/process/supervisor.h"
#include "base/utf8.h"
#include "dispatch/adapters/command_protocol.h"
#include "dispatch/adapters/command_settings.h"
#include "dispatch/adapters/disk_bounds.h"
#include "dispatch/adapters/run_monitor.h"
#include "dispatch/project/context.h"
#include "dispatch/task/model_problem.h"
#include "dispatch/task/prompt.h"
#include "dispatch/task/session_id.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kCheckTimeout{30};
constexpr const char* kPlan = "plan";

/// The arguments with the placeholders replaced, in one pass: a value that looks like a placeholder stays.
std::vector<std::string> filled(const ArgumentPattern& pattern,
                                const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::vector<std::string> argv;
  for (const auto& word : pattern) {
    std::string out;
    for (std::size_t at = 0; at < word.size();) {
      const auto found = std::find_if(values.begin(), values.end(), [&](const auto& value) {
        return word.compare(at, value.first.size(), value.first) == 0;
      });
      if (found == values.end()) {
        out += word[at++];
      } else {
        out += found->second;
        at += found->first.size();
      }
    }
    argv.push_back(std::move(out));
  }
  return argv;
}

class CommandSpecialist final : public Specialist {
 public:
  explicit CommandSpecialist(CommandSettings settings) : settings_(std::move(settings)) {}

  Report run(const Task& task, const std::function<void(const Event&)>& on_event,
             std::stop_token stop) override;
  std::optional<std::string> missing() const override;
  Readiness check() override;
  std::optional<std::string> cannot(const Task& task) const override;
  Abilities abilities() const override { return {}; }
  const std::string& name() const override { return settings_.name; }
  const std::string& about() const override { return settings_.about; }

 private:
  Report run_once(const Task& task, const std::function<void(const Event&)>& on_event, std::stop_token stop);
  base::ChildProcess::Spec spec(const std::vector<std::string>& argv, const base::Sandbox::Bounds& bounds,
                                int lock_fd) const;
  const ArgumentPattern& pattern(const Task& task) const;
  std::string prompt(const Task& task) const;
  Report judged(const CommandProtocol& protocol, const RunEnd& end) const;

  const CommandSettings settings_;
};

base::ChildProcess::Spec CommandSpecialist::spec(const std::vector<std::string>& argv,
                                                 const base::Sandbox::Bounds& given, int lock_fd) const {
  auto environment = base::child_environment(settings_.sandbox.active());
  for (const auto& [name, value] : settings_.environment) {
    base::set_variable(environment, name, value);
  }
  auto command = argv;
  // Our supervisor says plainly that a program is missing; bubblewrap would not.
  const auto search_path = base::search_path_of(environment);
  if (settings_.sandbox.active() && base::find_program(argv.front(), search_path)) {
    auto bounds = given;
    bounds.writable = settings_.state;
    bounds.readable = settings_.readable;
    // The other arguments may begin with `env`.
    for (const auto& program : {argv.front(), settings_.commands.run.front(), std::string("node")}) {
      for (auto& path : base::folders_of_program(program, search_path)) {
        bounds.readable.push_back(std::move(path));
      }
    }
    command = settings_.sandbox.wrap(argv, bounds);
  }
  using Stdio = base::ChildProcess::Stdio;
  return {.argv = command,
          .environment = environment,
          .directory = given.folder.empty() ? fs::path("/") : given.folder,
          .lock_fd = lock_fd,
          .stdio = settings_.stdio_is_pipes ? Stdio::pipes : Stdio::sockets};
}

const ArgumentPattern& CommandSpecialist::pattern(const Task& task) const {
  if (task.permission == kPlan) {
    return settings_.commands.review;
  }
  return task.continues_session ? settings_.commands.resume : settings_.commands.run;
}

std::string CommandSpecialist::prompt(const Task& task) const {
  auto text = task.prompt;
  if (!task.system_prompt.empty()) {
    text += "\n\n" + task.system_prompt;
  }
  if (!task.continues_session) {
    text += project_context(task.folder, ReadByCli::nothing);
  }
  if (!task.result_schema.empty()) {
    text += "\n\nEnd your answer with one JSON object after this schema, in a fence of its own:\n" +
            task.result_schema;
  }
  return harmless_prompt(task.introduction, text, task.folder);
}

std::optional<std::string> CommandSpecialist::cannot(const Task& task) const {
  if (task.permission == kPlan && task.result_schema.empty()) {
    return texts::cannot_plan(settings_.name);
  }
  if (task.permission == kPlan && settings_.commands.review.empty()) {
    return texts::cannot_review(settings_.name);
  }
  if (task.max_turns > 0) {
    return texts::cannot_limit_turns(settings_.name);
  }
  if (!task.model.empty() && !has_placeholder(pattern(task), "{model}")) {
    return texts::cannot_choose_model(settings_.name);
  }
  return std::nullopt;
}

Report CommandSpecialist::run(const Task& task, const std::function<void(const Event&)>& on_event,
                              std::stop_token stop) {
  if (const auto problem = cannot(task)) {
    Report report;
    report.problem = *problem;
    report.session_id = task.session_id;
    return report;
  }
  auto given = task;
  const bool resumes = task.continues_session && !settings_.commands.resume.empty() &&
                       task.permission != kPlan && is_session_id(task.session_id);
  given.continues_session = resumes;
  auto report = run_once(given, on_event, stop);
  const bool gone = resumes && report.outcome == Outcome::error && !settings_.session_gone.empty() &&
                    (report.error_output.find(settings_.session_gone) != std::string::npos ||
                     report.problem.find(settings_.session_gone) != std::string::npos);
  if (gone) {
    given.continues_session = false;
    report = run_once(given, on_event, stop);
  }
  // Some CLIs begin a new session for an id that they do not know, and say nothing.
  const bool another = resumes && report.session_begun && report.session_id != task.session_id;
  report.session_replaced = task.continues_session && (gone || another || !resumes);
  return report;
}

Report CommandSpecialist::run_once(const Task& task, const std::function<void(const Event&)>& on_event,
                                   std::stop_token stop) {
  const auto started = std::chrono::steady_clock::now();
  const auto argv = filled(pattern(task), {{"{session}", task.session_id},
                                           {"{model}", task.model.empty() ? settings_.model : task.model},
                                           {"{folder}", task.folder.string()}});
  for (const auto& path : settings_.state) {
    if (!path.has_filename()) {
      base::make_private_folders(path);  // "sessions/": what a sandbox does not find it cannot keep
    }
  }
  auto child_spec =
      spec(argv, {.folder = task.folder, .folder_is_read_only = task.permission == kPlan}, task.lock_fd);
  child_spec.max_file_bytes = DiskBounds::largest_file(task.folder, task.max_bytes_written);
  base::ChildProcess child(child_spec, stop);
  child.write(prompt(task));
  child.close_input();
  CommandProtocol protocol(settings_, task, on_event);
  const auto end = monitor_run(child, protocol, task, on_event, stop,
                               settings_.sandbox.active() ? settings_.state : std::vector<fs::path>());
  protocol.finish(end.error_output);
  auto report = judged(protocol, end);
  report.duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
  if (report.session_id.empty() && task.continues_session) {
    report.session_id = task.session_id;
  }
  if (!task.result_schema.empty()) {
    report.structured = json_in(report.text);
  }
  return report;
}

Report CommandSpecialist::judged(const CommandProtocol& protocol, const RunEnd& end) const {
  auto report = protocol.report();
  report.error_output = end.error_output;
  report.exit_status = end.exit_status;
  if (!end.problem.empty() && !protocol.has_result()) {
    report.outcome = end.forced;
    report.problem = end.problem;
    return report;
  }
  const bool was_done = protocol.has_result() && end.killed;  // and only failed to exit
  if (was_done) {
    report.exit_status = 0;
  }
  if (!protocol.error().empty()) {  // no answer came after it
    report.problem = command_problem(settings_.name, protocol.error());
  } else if (protocol.cut()) {
    report.problem = texts::kCutOff;
  } else if (report.exit_status == 0 && !protocol.answered() && protocol.unreadable()) {
    report.problem = texts::kUnreadableResult;
  } else if (report.exit_status != 0 || !protocol.answered()) {
    report.problem = problem_without_result(settings_.name, end);
  } else if (protocol.left_undone()) {
    report.problem = texts::kLeftUndone;
  } else if (!report.denials.empty()) {
    report.outcome = Outcome::blocked;
    report.problem = texts::actions_refused(report.denials.size());
  } else {
    report.outcome = Outcome::success;
  }
  return report;
}

std::optional<std::string> CommandSpecialist::missing() const {
  for (const auto& program : {settings_.commands.run.front(), settings_.version.front()}) {
    if (!base::find_program(program)) {
      return fmt::format("\"{}\" was not found; install it, or correct specialist.{}.run", program,
                         settings_.name);
    }
  }
  return std::nullopt;
}

Readiness CommandSpecialist::check() {
  if (auto problem = missing()) {
    return {false, *std::move(problem)};
  }
  const auto& program = settings_.version.front();
  const auto finished = base::run_to_end(spec(settings_.version, {}, -1), kCheckTimeout);
  const bool failed = !finished || finished->exit_status != 0;
  if (failed && settings_.version_is_guessed && (!finished || finished->exit_status != base::kCannotStart)) {
    return {true, fmt::format("{} is there and tells no version, login not checked",
                              base::find_program(program).value_or(program))};
  }
  if (!finished) {
    return {false, fmt::format("\"{}\" did not respond", program)};
  }
  if (failed) {
    return {false, fmt::format("\"{}\" failed: {}", fmt::join(settings_.version, " "),
                               base::ellipsize(base::trim(finished->error_output), 200))};
  }
  const auto first = std::string_view(finished->output).substr(0, finished->output.find('\n'));
  return {true, fmt::format("{}, login not checked", base::ellipsize(base::trim(first), 100))};
}

}  // namespace

std::unique_ptr<Specialist> make_command_specialist(const std::string& name, config::Section section,
                                                    const SpecialistDefaults& defaults) {
  auto settings = read_command_settings(std::move(section), name, defaults.sandbox.active());
  settings.sandbox = defaults.sandbox;
  return std::make_unique<CommandSpecialist>(std::move(settings));
}

}  // namespace dispatch
