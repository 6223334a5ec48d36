#include "dispatch/adapters/claude_code.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/private_folder.h"
#include "base/process/child_environment.h"
#include "base/process/child_process.h"
#include "base/process/program_path.h"
#include "base/process/sandbox.h"
#include "base/process/supervisor.h"
#include "base/utf8.h"
#include "dispatch/adapters/claude_login.h"
#include "dispatch/adapters/claude_protocol.h"
#include "dispatch/adapters/claude_sessions.h"
#include "dispatch/adapters/claude_settings.h"
#include "dispatch/adapters/disk_bounds.h"
#include "dispatch/adapters/run_monitor.h"
#include "dispatch/task/prompt.h"
#include "dispatch/task/session_id.h"
#include "dispatch/task/texts.h"

namespace dispatch {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kCheckTimeout{30};
/// The oldest release whose stream-json protocol and --session-id this adapter relies on.
constexpr int kOldestVersion[] = {2, 1, 0};

/// Exit statuses from here on stand for signals.
constexpr int kOfSignals = 128;

constexpr const char* kPlanTool = "ExitPlanMode";
constexpr const char* kSkipPermissions = "dangerously-skip-permissions";

class ClaudeCode final : public Specialist {
 public:
  explicit ClaudeCode(ClaudeSettings settings) : settings_(std::move(settings)) {}

  Report run(const Task& task, const std::function<void(const Event&)>& on_event,
             std::stop_token stop) override;
  std::optional<std::string> missing() const override;
  Readiness check() override;
  std::optional<std::string> cannot(const Task& /*task*/) const override { return std::nullopt; }
  Abilities abilities() const override {
    return {.allowed_tools = true, .turn_limit = true, .additions = true};
  }
  const std::string& name() const override { return settings_.name; }
  const std::string& about() const override { return settings_.about; }

 private:
  Report run_once(const Task& task, const std::function<void(const Event&)>& on_event, std::stop_token stop);
  static Report report_of(const Task& task, const ClaudeProtocol& protocol, const RunEnd& end);
  std::vector<std::string> arguments(const Task& task) const;
  std::vector<std::string> environment() const;
  std::filesystem::path state_folder() const;
  void find_session(const Task& task) const;
  bool uses_login() const;
  base::Sandbox::Bounds bounds(const std::filesystem::path& folder, const std::filesystem::path& login) const;
  std::vector<std::string> sandboxed(const std::vector<std::string>& argv,
                                     const std::filesystem::path& folder,
                                     const std::filesystem::path& login) const;
  std::pair<int, std::string> ask(const std::vector<std::string>& arguments, std::string& error_output) const;

  const ClaudeSettings settings_;
};

std::vector<std::string> ClaudeCode::environment() const {
  auto env = base::child_environment(settings_.sandbox.active());
  // Without the last each run makes up to 13 connections that have nothing to do with the task.
  for (const char* name : {"DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY", "DISABLE_ERROR_REPORTING",
                           "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"}) {
    base::set_variable(env, name, "1");
  }
  if (!settings_.base_url.empty()) {
    base::set_variable(env, "ANTHROPIC_BASE_URL", settings_.base_url);
  }
  if (!settings_.api_key.empty()) {
    base::set_variable(env, "ANTHROPIC_API_KEY", settings_.api_key);
  } else if (const char* token = std::getenv("CLAUDE_CODE_OAUTH_TOKEN")) {
    base::set_variable(env, "CLAUDE_CODE_OAUTH_TOKEN", token);
  }
  const char* own_state = std::getenv("CLAUDE_CONFIG_DIR");
  if (settings_.sandbox.active() || !settings_.state_folder.empty() || own_state != nullptr) {
    // In the sandbox always: otherwise a part of its state would be a file in the home folder itself.
    base::set_variable(env, "CLAUDE_CONFIG_DIR", state_folder().string());
  }
  if (settings_.sandbox.active()) {
    // The CLI refuses to go without questions as root, but for this.
    base::set_variable(env, "IS_SANDBOX", "1");
  }
  return env;
}

std::filesystem::path ClaudeCode::state_folder() const {
  if (!settings_.state_folder.empty()) {
    return settings_.state_folder;
  }
  const char* own = std::getenv("CLAUDE_CONFIG_DIR");
  return own != nullptr && *own != '\0' ? std::filesystem::path(own) : base::home_directory() / ".claude";
}

/// A project can go on in the sandbox after it was worked on without it, and the other way round.
void ClaudeCode::find_session(const Task& task) const {
  const auto usual = usual_sessions(state_folder());
  const auto own = sandboxed_sessions(state_folder(), task.folder);
  const bool in_sandbox = settings_.sandbox.active();
  share_session(in_sandbox ? usual : own, in_sandbox ? own : usual, task.session_id);
}

/// Whether a run in the sandbox needs the operator's login.
bool ClaudeCode::uses_login() const {
  return settings_.sandbox.active() && settings_.api_key.empty() &&
         std::getenv("CLAUDE_CODE_OAUTH_TOKEN") == nullptr;
}

base::Sandbox::Bounds ClaudeCode::bounds(const std::filesystem::path& folder,
                                         const std::filesystem::path& login) const {
  base::Sandbox::Bounds bounds;
  bounds.folder = folder;
  if (!settings_.sandbox.active()) {
    return bounds;
  }
  // Of its state it keeps this project's sessions, and has a copy of the login where it needs one. The rest
  // is empty for each run: what is there could be executed or obeyed by later ones (settings, hooks, plugins,
  // shell snapshots, MCP servers), or is of other projects.
  const auto state = state_folder();
  bounds.scratch = {state};
  for (const char* name : {"settings.json", "CLAUDE.md", "agents", "commands", "hooks", "output-styles",
                           "plugins", "rules", "skills"}) {
    bounds.readable.push_back(state / name);
  }
  if (!login.empty()) {
    bounds.mounts.push_back({login, state / ".credentials.json"});
  }
  if (!folder.empty()) {
    const auto sessions = sandboxed_sessions(state, folder);
    base::make_private_folders(sessions);
    bounds.mounts.push_back({sessions, usual_sessions(state)});
  }
  for (const auto& command : {settings_.command, std::string("node")}) {
    for (auto& path : base::folders_of_program(command)) {
      bounds.readable.push_back(std::move(path));
    }
  }
  return bounds;
}

std::vector<std::string> ClaudeCode::sandboxed(const std::vector<std::string>& argv,
                                               const std::filesystem::path& folder,
                                               const std::filesystem::path& login) const {
  // Our supervisor says plainly that a program is missing; bubblewrap would not.
  return base::find_program(settings_.command) ? settings_.sandbox.wrap(argv, bounds(folder, login)) : argv;
}

std::vector<std::string> ClaudeCode::arguments(const Task& task) const {
  std::vector<std::string> argv = {
      settings_.command,
      "-p",
      "--input-format",
      "stream-json",
      "--output-format",
      "stream-json",
      "--verbose",
      "--include-partial-messages",
      "--replay-user-messages",
      "--permission-mode",
      task.permission == kSkipPermissions ? "bypassPermissions" : task.permission,
      task.continues_session ? "--resume" : "--session-id",
      task.session_id};
  const auto add = [&](const std::string& flag, const std::string& value) {
    if (!value.empty()) {
      argv.push_back(flag);
      argv.push_back(value);
    }
  };
  add("--model", task.model.empty() ? settings_.model : task.model);
  if (!task.trusts_folder) {
    argv.insert(argv.end(), {"--setting-sources", "user", "--strict-mcp-config"});
  }
  // A session that is continued keeps the system prompt that it began with (measured with 2.1.330); there the
  // context goes behind the prompt.
  add("--append-system-prompt",
      task.system_prompt + (task.continues_session ? "" : context_for_claude(task)));
  add("--max-turns", task.max_turns > 0 ? std::to_string(task.max_turns) : "");
  if (task.max_usd > 0 && !settings_.price) {
    // It counts this process alone, at its own prices, and only after a call; monitor_run() watches, too.
    add("--max-budget-usd", fmt::format("{:.4f}", task.max_usd));
  }
  add("--json-schema", task.result_schema);
  add("--permission-prompt-tool", task.mailbox ? "stdio" : "");
  if (!task.allowed_tools.empty()) {
    argv.push_back("--allowedTools");
    argv.insert(argv.end(), task.allowed_tools.begin(), task.allowed_tools.end());
  }
  return argv;
}

Report ClaudeCode::run(const Task& task, const std::function<void(const Event&)>& on_event,
                       std::stop_token stop) {
  auto report = run_once(task, on_event, stop);
  // 2.1.197 says it on its error output alone, 2.1.330 as a result, too.
  constexpr const char* kGone = "No conversation found";
  const bool session_gone = task.continues_session && report.outcome == Outcome::error &&
                            (report.error_output.find(kGone) != std::string::npos ||
                             report.problem.find(kGone) != std::string::npos);
  if (!session_gone) {
    return report;
  }
  auto fresh = task;
  fresh.continues_session = false;
  fresh.session_id = base::random_uuid();
  report = run_once(fresh, on_event, stop);
  report.session_replaced = true;
  return report;
}

Report ClaudeCode::run_once(const Task& task, const std::function<void(const Event&)>& on_event,
                            std::stop_token stop) {
  const auto started = std::chrono::steady_clock::now();
  if (task.continues_session) {
    find_session(task);
  }
  std::optional<LoginCopy> login;
  if (uses_login()) {
    login.emplace(state_folder(), task.timeout, base::SystemClock().now(), stop);
  }
  const std::function<void(const Event&)> on_checked = [&](Event event) {
    if (event.kind == Event::Kind::session_begun && !is_session_id(event.text)) {
      event.text = task.session_id;
    }
    if (login) {
      login->take_over();
    }
    if (on_event) {
      on_event(event);
    }
  };
  base::ChildProcess child({.argv = sandboxed(arguments(task), task.folder, login ? login->path() : ""),
                            .environment = environment(),
                            .directory = task.folder,
                            .lock_fd = task.lock_fd,
                            .max_file_bytes = DiskBounds::largest_file(task.folder, task.max_bytes_written)},
                           stop);
  ClaudeProtocol protocol(task, settings_.price, on_checked, child);
  protocol.begin();
  const auto end =
      monitor_run(child, protocol, task, on_checked, stop,
                  settings_.sandbox.active() ? std::vector{sandboxed_sessions(state_folder(), task.folder)}
                                             : std::vector<std::filesystem::path>());
  auto report = report_of(task, protocol, end);
  report.duration = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - started);
  return report;
}

Report ClaudeCode::report_of(const Task& task, const ClaudeProtocol& protocol, const RunEnd& end) {
  const auto& transcript = protocol.transcript();

  auto report = transcript.final_report();
  report.error_output = end.error_output;
  report.exit_status = end.exit_status;
  if (protocol.control().plan_goes()) {
    std::erase_if(report.denials, [](const Denial& denial) { return denial.tool == kPlanTool; });
    if (report.outcome == Outcome::blocked && report.denials.empty()) {
      report.outcome = Outcome::success;
      report.problem.clear();
    }
  }
  const auto left = protocol.left_in_background();
  // It may also know by itself that nothing is left.
  const bool finished =
      protocol.finished() || (protocol.is_between_turns() && end.problem.empty() && end.exit_status == 0);
  if (!finished) {
    report.usd_at_least = transcript.usd_so_far();  // a result may be there, of the turn before
  }
  if (!is_session_id(report.session_id)) {
    report.session_id = task.session_id;
  }
  if (report.exit_status != 0 && end.killed && transcript.has_result() && report.outcome != Outcome::error) {
    report.exit_status = 0;  // it was done and only failed to exit
  }
  const bool finished_anyway = finished && report.outcome != Outcome::error;
  if (!end.problem.empty() && !finished_anyway) {
    report.outcome = end.forced;
    report.problem = end.problem + (left.empty() ? "" : " " + texts::cut_in_background(left));
  } else if (!finished) {
    report.outcome = Outcome::error;
    report.problem = problem_without_result("Claude Code", end);
    const auto words = transcript.unfinished_words();
    report.text += (report.text.empty() || words.empty() ? "" : "\n\n") + words;
  } else if (report.outcome != Outcome::error && report.exit_status > 0 && report.exit_status < kOfSignals &&
             transcript.results() == 1) {
    // It contradicts itself. Of several turns, as after work in the background, an earlier one may have
    // failed.
    report.outcome = Outcome::error;
    report.problem =
        texts::failed_after_result("Claude Code", report.exit_status, first_line_of(report.error_output));
  }
  return report;
}

std::pair<int, std::string> ClaudeCode::ask(const std::vector<std::string>& arguments,
                                            std::string& error_output) const {
  std::vector<std::string> argv = {settings_.command};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  std::optional<LoginCopy> login;
  if (uses_login()) {
    login.emplace(state_folder(), std::nullopt, base::SystemClock().now(), std::stop_token());
  }
  const auto finished = base::run_to_end({.argv = sandboxed(argv, {}, login ? login->path() : ""),
                                          .environment = environment(),
                                          .directory = "/"},
                                         kCheckTimeout);
  error_output = finished ? finished->error_output : "no response";
  return finished ? std::pair(finished->exit_status, finished->output) : std::pair(-1, std::string());
}

bool too_old(const std::string& version) {
  int parts[3] = {};
  if (std::sscanf(version.c_str(), "%d.%d.%d", &parts[0], &parts[1], &parts[2]) != 3) {
    return false;
  }
  return std::lexicographical_compare(std::begin(parts), std::end(parts), std::begin(kOldestVersion),
                                      std::end(kOldestVersion));
}

std::optional<std::string> ClaudeCode::missing() const {
  if (base::find_program(settings_.command)) {
    return std::nullopt;
  }
  return fmt::format(
      "\"{}\" was not found; install it with `npm install -g @anthropic-ai/claude-code` or set "
      "specialist.claude-code.command",
      settings_.command);
}

Readiness ClaudeCode::check() {
  if (auto problem = missing()) {
    return {false, *std::move(problem)};
  }
  std::string errors;
  const auto [status, output] = ask({"--version"}, errors);
  const auto version = std::string(base::trim(output));
  if (status != 0) {
    return {false, fmt::format("\"{} --version\" failed: {}", settings_.command,
                               base::ellipsize(base::trim(errors), 200))};
  }
  if (too_old(version)) {
    return {false, fmt::format("{} is too old; 2.1.0 or newer is needed", version)};
  }
  const auto [login_status, login] = ask({"auth", "status"}, errors);
  const auto state = base::parse_json(login);
  if (state && base::json_bool(*state, "loggedIn") == std::optional(false)) {
    return {
        false,
        fmt::format("{} is not logged in; set ANTHROPIC_API_KEY (or specialist.claude-code.api_key) or run "
                    "`{} auth login`",
                    version, settings_.command)};
  }
  return {true, fmt::format("{}, {}", version,
                            state ? "logged in by " +
                                        base::json_string(*state, "authMethod").value_or("its own login")
                                  : "login not checked")};
}

}  // namespace

std::unique_ptr<Specialist> make_claude_code(const std::string& name, config::Section section,
                                             const SpecialistDefaults& defaults) {
  return std::make_unique<ClaudeCode>(read_claude_settings(name, std::move(section), defaults));
}

}  // namespace dispatch
