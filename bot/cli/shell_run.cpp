#include "bot/cli/shell_run.h"

#include <algorithm>
#include <atomic>
#include <iostream>
#include <iterator>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/money.h"
#include "base/nearest.h"
#include "base/process/supervisor.h"
#include "base/utf8.h"
#include "bot/cli/shell_projects.h"
#include "bot/runs/run_facts.h"
#include "bot/runs/sandbox_choice.h"
#include "bot/runs/shell_log.h"
#include "bot/runtime/settings.h"
#include "bot/texts/results.h"
#include "bot/texts/tasks.h"
#include "dispatch/project/settings.h"
#include "dispatch/project/workspace.h"
#include "dispatch/specialists.h"
#include "dispatch/task/review.h"
#include "dispatch/workspace_run.h"

namespace bot::cli {
namespace {

using dispatch::Event;
using dispatch::Outcome;

constexpr int kFailure = 1;
constexpr int kTimedOut = 124;

/// Takes SIGINT and SIGTERM for as long as it lives; every thread that is started later inherits the mask.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGHUP);
    sigaddset(&set_, kWakeUp);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    waiter_ = std::thread([this] {
      for (int signal = 0; ::sigwait(&set_, &signal) == 0 && signal != kWakeUp;) {
        if (received_ != 0) {
          std::_Exit(128 + signal);  // the specialist's supervisor sees our end
        }
        received_ = signal;
        stop_.request_stop();
      }
    });
  }
  ~Signals() {
    ::pthread_kill(waiter_.native_handle(), kWakeUp);
    waiter_.join();
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  /// The signal that came, or 0.
  int received() const { return received_; }

 private:
  static constexpr int kWakeUp = SIGUSR1;

  sigset_t set_{};
  std::atomic<int> received_ = 0;
  std::stop_source stop_;
  std::thread waiter_;
};

std::string prompt_of(const ShellRun& options) {
  if (options.prompt && !options.prompt_file.empty()) {
    throw base::ConfigError("--prompt and --prompt-file cannot be combined");
  }
  std::string prompt = options.prompt.value_or("");
  if (options.prompt_file == "-") {
    prompt = {std::istreambuf_iterator<char>(std::cin), {}};
  } else if (!options.prompt_file.empty()) {
    const auto text = base::read_file_if_exists(options.prompt_file);
    if (!text) {
      throw base::ConfigError(fmt::format("--prompt-file: there is no file {}", options.prompt_file));
    }
    prompt = *text;
  }
  prompt = base::to_valid_utf8(prompt);
  if (options.action != store::DispatchAction::review && base::trim(prompt).empty()) {
    throw base::ConfigError(options.prompt || !options.prompt_file.empty()
                                ? "the prompt is empty"
                                : "--prompt TEXT or --prompt-file FILE is missing");
  }
  return prompt;
}

/// All of the task but what the project's folder says.
dispatch::Task make_task(const ShellRun& options, const runtime::ShellSettings& given,
                         const std::string& prompt, const dispatch::Specialist& specialist) {
  const auto& settings = given.dispatch;
  const auto can = specialist.abilities();
  dispatch::Task task;
  task.introduction = "This is the task:";
  task.prompt = prompt;
  task.permission = settings.permission;
  task.trusts_folder = settings.trusted_projects.contains(options.slug);
  task.allowed_tools = settings.allowed_tools;
  if (!options.allowed_tools.empty()) {
    if (!can.allowed_tools) {
      throw base::ConfigError(fmt::format(
          "--allowed-tools: {} has no such list; the flags in its configuration decide what it may do",
          specialist.name()));
    }
    task.allowed_tools.push_back(options.allowed_tools);
  }
  task.system_prompt = options.system_prompt;
  task.model = options.model;
  task.max_turns = options.max_turns > 0 || !can.turn_limit ? options.max_turns : settings.max_turns;
  task.max_usd = given.budget.usd_per_run.value_or(0);
  task.max_bytes_written = settings.max_bytes_written;
  task.timeout = options.timeout_s > 0 ? std::chrono::seconds(options.timeout_s) : settings.timeout;
  task.silence = settings.silence;
  task.session_id = base::random_uuid();
  if (options.action == store::DispatchAction::review) {
    dispatch::make_review(task, prompt);
  }
  if (const auto problem = specialist.cannot(task)) {
    throw base::ConfigError(*problem);
  }
  return task;
}

/// As in a chat: a project goes on with whoever worked on it last.
std::string specialist_to_go_on(const ShellRun& options, const runtime::ShellSettings& settings) {
  const auto names = dispatch::specialist_names(settings.specialists);
  auto last = runs::last_specialist(settings.database, options.slug);
  if (!last) {
    last = dispatch::ProjectWorkspace::last_specialist(settings.dispatch.projects_dir, options.slug, names);
  }
  return last && std::find(names.begin(), names.end(), *last) != names.end() ? *last
                                                                             : settings.dispatch.specialist;
}

std::string chosen_specialist(const ShellRun& options, const runtime::ShellSettings& settings) {
  if (options.specialist.empty()) {
    return options.action == store::DispatchAction::resume ? specialist_to_go_on(options, settings)
                                                           : settings.dispatch.specialist;
  }
  const auto names = dispatch::specialist_names(settings.specialists);
  if (std::find(names.begin(), names.end(), options.specialist) == names.end()) {
    const auto near = base::nearest(options.specialist, names);
    throw base::ConfigError(fmt::format("--specialist: \"{}\" is not configured; {}", options.specialist,
                                        near ? fmt::format("did you mean \"{}\"?", *near)
                                             : fmt::format("choose one of: {}", fmt::join(names, ", "))));
  }
  return options.specialist;
}

class Narrator {
 public:
  Narrator(std::ostream& err, std::string slug, bool verbose)
      : err_(err), slug_(std::move(slug)), verbose_(verbose) {}

  void take(const Event& event) {
    switch (event.kind) {
      case Event::Kind::session_begun:
        say(fmt::format("session {} started", event.text));
        break;
      case Event::Kind::tool_used:
        say(texts::doing(event.tool, event.text));
        break;
      case Event::Kind::retrying:
        say(event.text);
        break;
      case Event::Kind::background:
        if (!event.background.empty() && event.background != background_) {
          say(texts::in_background(event.background));
        }
        background_ = event.background;
        break;
      case Event::Kind::said:
        if (verbose_) {
          say(event.text);
        }
        break;
      case Event::Kind::asks:  // nobody is asked in a shell
      case Event::Kind::withdrawn:
      case Event::Kind::added:
      case Event::Kind::used:
      case Event::Kind::still_working:
        break;
    }
  }

  void say(const std::string& text) {
    err_ << "[" << slug_ << "] " << base::strip_controls(base::redacted(text)) << std::endl;
  }

 private:
  std::ostream& err_;
  const std::string slug_;
  const bool verbose_;
  std::vector<std::string> background_;
};

void tell_end(Narrator& progress, const runs::RunFacts& facts, const dispatch::Report& report) {
  if (report.session_replaced) {
    progress.say("the earlier session was gone; a new one was started");
  }
  std::vector<std::string> files;
  for (const auto& file : facts.files) {
    files.push_back(file.path);
  }
  const auto word = report.outcome == Outcome::blocked ? "BLOCKED" : to_string(report.outcome);
  progress.say(fmt::format("{}: {}, {} {}, {}, {}", word, base::format_duration(report.duration),
                           report.turns, report.turns == 1 ? "turn" : "turns", base::format_usd(report.usd),
                           files.empty() ? "no files changed" : "files: " + texts::short_list(files, 8)));
  if (!report.problem.empty()) {
    progress.say(report.problem);
  }
  for (const auto& denial : report.denials) {
    progress.say(fmt::format("refused: {} {}", denial.tool, base::ellipsize(denial.detail, 200)));
  }
  // Without a result of the specialist's own this may be all there is to see.
  if (report.raw_result.empty() && !base::trim(report.error_output).empty()) {
    progress.say(std::string(base::trim(report.error_output)));
  }
}

/// What a review is for, and the CLI ends one without it like any other.
bool lacks_findings(const ShellRun& options, const dispatch::Report& report) {
  return options.action == store::DispatchAction::review &&
         (report.outcome == Outcome::success || report.outcome == Outcome::blocked) &&
         !dispatch::review_text(report.structured);
}

int exit_status(const dispatch::Report& report, int signal) {
  switch (report.outcome) {
    case Outcome::timeout:
      return kTimedOut;
    case Outcome::cancelled:
      return 128 + (signal != 0 ? signal : SIGTERM);
    case Outcome::success:
    case Outcome::blocked:
      return report.exit_status;
    case Outcome::error:
      // The CLI ends some failed runs with 0; a caller must not take them for done.
      return report.exit_status == 0 || report.exit_status == base::kCannotStart ? kFailure
                                                                                 : report.exit_status;
  }
  return kFailure;
}

void require_slug(const std::string& slug) {
  if (!dispatch::is_slug(slug)) {
    throw base::ConfigError(fmt::format(
        "--slug: \"{}\" cannot name a project; use at most 64 letters, digits, \".\", \"_\" and \"-\", not beginning "
        "with \".\" or \"-\"",
        base::ellipsize(slug, 80)));
  }
}

std::unique_ptr<dispatch::Specialist> prepare_specialist(const ShellRun& options,
                                                         runtime::ShellSettings& settings) {
  dispatch::SpecialistDefaults defaults;
  defaults.command = settings.dispatch.command;
  if (!settings.dispatch.sandbox_is_set && settings.dispatch.permission != "dangerously-skip-permissions") {
    // As dispatch-cc had it: who calls this from a shell works with files that are their own.
    settings.dispatch.sandbox = runtime::DispatchSettings::Sandbox::off;
  }
  defaults.sandbox = runs::choose_sandbox(settings.dispatch, {settings.database.parent_path()}).sandbox;
  return make_specialist(chosen_specialist(options, settings), settings.specialists, defaults);
}

/// The part of the task that the project's folder decides.
void enter(dispatch::Task& task, const ShellRun& options, dispatch::ProjectWorkspace& workspace,
           const dispatch::Specialist& specialist, Narrator& progress) {
  task.folder = workspace.folder();
  task.lock_fd = workspace.lock_fd();
  if (options.action != store::DispatchAction::resume) {
    return;
  }
  if (const auto last = workspace.last_session(specialist.name())) {
    task.session_id = *last;
    task.continues_session = true;
  } else {
    progress.say("no earlier session in this project; starting a new one");
  }
}

void tell_begin(Narrator& progress, const ShellRun& options, const dispatch::Task& task,
                const dispatch::Specialist& specialist) {
  progress.say(fmt::format("{} with {}, {}, at most {} s", to_string(options.action), specialist.name(),
                           task.permission, task.timeout.count()));
  if (!task.trusts_folder) {
    for (const auto& name : dispatch::executable_settings(task.folder)) {
      progress.say(fmt::format("{} is ignored; dispatch.trusted_projects can change that", name));
    }
  }
}

runs::RunFacts facts_of(const ShellRun& options, const dispatch::ProjectWorkspace& workspace,
                        const dispatch::WorkspaceRun& run) {
  runs::RunFacts facts;
  facts.slug = options.slug;
  facts.folder = workspace.folder();
  facts.action = options.action;
  facts.files = run.files;
  facts.files_complete = run.files_complete;
  facts.session_replaced = run.report.session_replaced;
  return facts;
}

bool save_files(dispatch::ProjectWorkspace& workspace, const std::string& record,
                const dispatch::Report& report, Narrator& progress) {
  try {
    workspace.save(record, report, base::SystemClock().now());
    workspace.forget_baseline(record);
    return true;
  } catch (const std::system_error& e) {
    progress.say(texts::result_not_in_folder(e.code().message()));
    return false;
  }
}

}  // namespace

int shell_run(const ShellRun& options, std::ostream& out, std::ostream& err) {
  base::close_to_others();
  base::set_log_level(base::LogLevel::warning);
  require_slug(options.slug);
  const auto prompt = prompt_of(options);
  auto settings = runtime::load_shell_settings(options.config);
  if (options.action != store::DispatchAction::run &&
      !dispatch::ProjectWorkspace::exists(settings.dispatch.projects_dir, options.slug)) {
    return tell_missing_project(options.program, options.slug, err);
  }
  const base::SystemClock clock;
  // Before the database and the specialist start threads or processes of their own.
  Signals signals;
  const auto specialist = prepare_specialist(options, settings);
  // Before a folder is made for something that cannot be done.
  auto task = make_task(options, settings, prompt, *specialist);
  auto workspace = dispatch::ProjectWorkspace::open(settings.dispatch.projects_dir, options.slug,
                                                    options.description, clock.now());
  if (!workspace) {
    const auto holder = dispatch::ProjectWorkspace::holder(settings.dispatch.projects_dir, options.slug);
    err << fmt::format("{}: the project {} is in use by {}; try again when that run has ended.\n",
                       options.program, options.slug, holder.empty() ? "another run" : holder);
    return kFailure;
  }
  Narrator progress(err, options.slug, options.verbose);
  enter(task, options, *workspace, *specialist, progress);
  const auto record = workspace->new_record(clock.now(), ::getpid());
  runs::ShellLog log(settings.database, specialist->name());
  log.begin({options.slug, options.description, options.action, prompt, task.session_id,
             task.continues_session, record});
  tell_begin(progress, options, task, *specialist);
  const auto run = dispatch::run_in_workspace(
      *specialist, *workspace, task, {record, record}, options.action == store::DispatchAction::review,
      [&](const Event& event) {
        log.take(event);
        progress.take(event);
      },
      signals.token());
  // Into the log first: what was paid for is not lost with a folder that cannot be written.
  const auto facts = facts_of(options, *workspace, run);
  log.finish(facts, run.report);
  const bool saved = save_files(*workspace, record, run.report, progress);
  tell_end(progress, facts, run.report);
  out << workspace->result_json(record, run.report) << std::endl;
  if (lacks_findings(options, run.report)) {
    progress.say("the review gave no findings as data (structured_output), only words");
    return kFailure;
  }
  return saved ? exit_status(run.report, signals.received()) : kFailure;
}

}  // namespace bot::cli
