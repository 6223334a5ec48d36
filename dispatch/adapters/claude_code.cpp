#include "dispatch/adapters/claude_code.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/process/child_environment.h"
#include "base/process/child_process.h"
#include "base/process/program_path.h"
#include "base/process/sandbox.h"
#include "base/process/supervisor.h"
#include "base/utf8.h"
#include "dispatch/adapters/control_protocol.h"
#include "dispatch/adapters/run_monitor.h"
#include "dispatch/project/settings.h"
#include "dispatch/task/prompt.h"
#include "dispatch/task/transcript.h"

namespace dispatch {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kCheckTimeout{30};
/// After its turn has ended it takes an addition up as soon as its model begins to answer.
constexpr std::chrono::seconds kTakeUpGrace{30};
/// The oldest release whose stream-json protocol and --session-id this adapter relies on.
constexpr int kOldestVersion[] = {2, 1, 0};

constexpr const char* kPlanTool = "ExitPlanMode";
constexpr const char* kAdded = "The person adds this to the task that you work on:";
constexpr const char* kAbout =
    "programs, web pages, scripts, tests, reviews, research; asks before it does something risky";
constexpr const char* kSkipPermissions = "dangerously-skip-permissions";

struct Settings {
  std::string name;
  std::string about;
  std::string command;
  std::string model;
  std::string base_url;
  std::string api_key;
  std::string state_folder;
  TokenPrice price;
  base::Sandbox sandbox;
};

/// The folder of the CLI's state in which it keeps the sessions of a working folder (measured with 2.1.330).
std::string sessions_name(const std::filesystem::path& folder) {
  auto name = folder.string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 || c > 0x7F; }, '-');
  return name;
}

/// The stream-json dialogue of one run.
class ClaudeDialogue final : public Dialogue {
 public:
  ClaudeDialogue(const Task& task, TokenPrice price, const std::function<void(const Event&)>& on_event,
                 base::ChildProcess& child)
      : task_(task),
        on_event_(on_event),
        child_(child),
        transcript_(task.folder, price, on_event),
        control_(task.folder) {}

  /// Gives the CLI its task.
  void begin() {
    auto prompt = task_.prompt;
    if (task_.continues_session && !task_.trusts_folder) {
      prompt += project_context(task_.folder);
    }
    say(harmless_prompt(task_.introduction, prompt, task_.folder), base::random_uuid());
  }

  void take(const std::string& line) override {
    transcript_.take(line);
    if (auto request = control_.take(line)) {
      emit({.kind = Event::Kind::asks, .request = std::make_shared<const Request>(*std::move(request))});
    } else if (const auto id = control_.withdrawn(line)) {
      emit({.kind = Event::Kind::withdrawn, .text = *id});
    }
    if (transcript_.results() > results_) {
      results_ = transcript_.results();
      in_turn_ = false;
      result_at_ = std::chrono::steady_clock::now();
    } else if (!written_.empty()) {
      take_replay(line);
    }
  }
  void mail_came() override {
    while (const auto mail = task_.mailbox ? task_.mailbox->take() : std::nullopt) {
      if (const auto* reply = std::get_if<Reply>(&*mail)) {
        if (const auto answer = control_.answer(*reply)) {
          child_.write(*answer);
        }
      } else if (!interrupted_ && !has_result()) {
        const auto& addition = std::get<Addition>(*mail);
        const auto uuid = base::random_uuid();
        written_[uuid] = addition.id;
        say(harmless_prompt(kAdded, addition.text, task_.folder), uuid);
      }
    }
  }
  /// What was added after the last turn began, and is not taken up yet, begins a turn of its own.
  bool has_result() const override {
    if (interrupted_) {
      return transcript_.has_result();
    }
    return finished() && (written_.empty() || std::chrono::steady_clock::now() > result_at_ + kTakeUpGrace);
  }
  /// Whether its last turn came to its end.
  bool finished() const { return transcript_.has_result() && !in_turn_; }
  bool tool_is_running() const override { return transcript_.tool_is_running(); }
  bool awaits_person() const override { return control_.waits(); }
  double usd_so_far() const override { return transcript_.usd_so_far(); }
  std::optional<std::string> hopeless() const override { return transcript_.hopeless(); }
  bool interrupt() override {
    interrupted_ = true;
    child_.write(ControlProtocol::interrupt());
    return true;
  }

  const Transcript& transcript() const { return transcript_; }
  const ControlProtocol& control() const { return control_; }

 private:
  void say(const std::string& text, const std::string& uuid) {
    child_.write(base::dump_json({{"type", "user"},
                                  {"message", {{"role", "user"}, {"content", text}}},
                                  {"parent_tool_use_id", nullptr},
                                  {"session_id", ""},
                                  {"uuid", uuid}}) +
                 "\n");
  }

  /// With --replay-user-messages the CLI repeats a message when it takes it up: in the turn that is going on,
  /// after a tool, or as a turn of its own.
  void take_replay(const std::string& line) {
    if (interrupted_ || has_result()) {
      return;  // it begins what will be cut; left in the queue it is carried out later
    }
    const auto event = line.find("\"isReplay\"") == std::string::npos ? std::nullopt : base::parse_json(line);
    const auto found = written_.find(event ? base::json_string(*event, "uuid").value_or("") : "");
    if (found != written_.end()) {
      in_turn_ = true;
      emit({.kind = Event::Kind::added, .addition = found->second});
      written_.erase(found);
    }
  }

  void emit(Event event) {
    event.usd_so_far = transcript_.usd_so_far();
    if (on_event_) {
      on_event_(event);
    }
  }

  const Task& task_;
  const std::function<void(const Event&)>& on_event_;
  base::ChildProcess& child_;
  Transcript transcript_;
  ControlProtocol control_;
  std::map<std::string, std::int64_t> written_;  ///< additions that are not taken up yet, by uuid
  bool in_turn_ = true;
  bool interrupted_ = false;
  int results_ = 0;
  std::chrono::steady_clock::time_point result_at_;
};

class ClaudeCode final : public Specialist {
 public:
  explicit ClaudeCode(Settings settings) : settings_(std::move(settings)) {}

  Report run(const Task& task, const std::function<void(const Event&)>& on_event,
             std::stop_token stop) override;
  Readiness check() override;
  std::optional<std::string> cannot(const Task& /*task*/) const override { return std::nullopt; }
  Abilities abilities() const override {
    return {.allowed_tools = true, .turn_limit = true, .additions = true};
  }
  const std::string& name() const override { return settings_.name; }
  const std::string& about() const override { return settings_.about; }

 private:
  Report run_once(const Task& task, const std::function<void(const Event&)>& on_event, std::stop_token stop);
  std::vector<std::string> arguments(const Task& task) const;
  std::vector<std::string> environment() const;
  std::filesystem::path state_folder() const;
  base::Sandbox::Bounds bounds(const std::filesystem::path& folder) const;
  std::vector<std::string> sandboxed(const std::vector<std::string>& argv,
                                     const std::filesystem::path& folder) const;
  std::pair<int, std::string> ask(const std::vector<std::string>& arguments, std::string& error_output) const;

  const Settings settings_;
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

base::Sandbox::Bounds ClaudeCode::bounds(const std::filesystem::path& folder) const {
  base::Sandbox::Bounds bounds;
  bounds.folder = folder;
  if (!settings_.sandbox.active()) {
    return bounds;
  }
  // Of its state it keeps the login and this project's sessions. The rest is empty for each run: what is
  // there could be executed or obeyed by later ones (settings, hooks, plugins, shell snapshots, MCP servers),
  // or is of other projects.
  const auto state = state_folder();
  bounds.scratch = {state};
  for (const char* name : {"settings.json", "CLAUDE.md", "agents", "commands", "hooks", "output-styles",
                           "plugins", "rules", "skills"}) {
    bounds.readable.push_back(state / name);
  }
  bounds.writable = {state / ".credentials.json"};
  if (!folder.empty()) {
    const auto sessions = state / "projects" / sessions_name(folder);
    std::filesystem::create_directories(sessions);
    bounds.writable.push_back(sessions);
  }
  for (const auto& command : {settings_.command, std::string("node")}) {
    for (auto& path : base::folders_of_program(command)) {
      bounds.readable.push_back(std::move(path));
    }
  }
  return bounds;
}

std::vector<std::string> ClaudeCode::sandboxed(const std::vector<std::string>& argv,
                                               const std::filesystem::path& folder) const {
  // One that is missing is told by our supervisor, plainly.
  return base::find_program(settings_.command) ? settings_.sandbox.wrap(argv, bounds(folder)) : argv;
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
  auto system_prompt = task.system_prompt;
  if (!task.trusts_folder) {
    // Without the project's settings the CLI does not read its CLAUDE.md, either. A session that is continued
    // keeps the system prompt that it began with (measured with 2.1.330); there it goes before the prompt.
    argv.insert(argv.end(), {"--setting-sources", "user", "--strict-mcp-config"});
    system_prompt += task.continues_session ? "" : project_context(task.folder);
  }
  add("--append-system-prompt", system_prompt);
  add("--max-turns", task.max_turns > 0 ? std::to_string(task.max_turns) : "");
  if (task.max_usd > 0 && !task.continues_session) {
    // It counts whole sessions, and only after a call; attend() watches, too.
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
  base::ChildProcess child(
      {sandboxed(arguments(task), task.folder), environment(), task.folder, task.lock_fd}, stop);
  ClaudeDialogue dialogue(task, settings_.price, on_event, child);
  dialogue.begin();
  const auto ending = monitor_run(child, dialogue, task, on_event, stop);
  const auto& transcript = dialogue.transcript();

  auto report = transcript.report();
  report.duration = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - started);
  report.error_output = ending.error_output;
  report.exit_status = ending.exit_status;
  if (dialogue.control().plan_goes()) {
    std::erase_if(report.denials, [](const Denial& denial) { return denial.tool == kPlanTool; });
    if (report.outcome == Outcome::blocked && report.denials.empty()) {
      report.outcome = Outcome::success;
      report.problem.clear();
    }
  }
  if (!dialogue.finished()) {
    report.usd_at_least = transcript.usd_so_far();  // a result may be there, of the turn before
  }
  if (!transcript.has_result()) {
    report.usd = transcript.usd_so_far();
    report.usd_is_estimate = true;
  }
  if (report.session_id.empty()) {
    report.session_id = task.session_id;
  }
  if (report.exit_status != 0 && ending.killed && transcript.has_result() &&
      report.outcome != Outcome::error) {
    report.exit_status = 0;  // it was done, and only did not go away
  }
  const bool finished_anyway = dialogue.finished() && report.outcome != Outcome::error;
  if (!ending.problem.empty() && !finished_anyway) {
    report.outcome = ending.forced;
    report.problem = ending.problem;
  } else if (!dialogue.finished()) {
    report.outcome = Outcome::error;
    report.problem = problem_without_result("Claude Code", ending);
  }
  return report;
}

std::pair<int, std::string> ClaudeCode::ask(const std::vector<std::string>& arguments,
                                            std::string& error_output) const {
  std::vector<std::string> argv = {settings_.command};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const auto told = base::run_to_end({sandboxed(argv, {}), environment(), "/"}, kCheckTimeout);
  error_output = told ? told->error_output : "no answer";
  return told ? std::pair(told->exit_status, told->output) : std::pair(-1, std::string());
}

bool too_old(const std::string& version) {
  int parts[3] = {};
  if (std::sscanf(version.c_str(), "%d.%d.%d", &parts[0], &parts[1], &parts[2]) != 3) {
    return false;
  }
  return std::lexicographical_compare(std::begin(parts), std::end(parts), std::begin(kOldestVersion),
                                      std::end(kOldestVersion));
}

Readiness ClaudeCode::check() {
  std::string errors;
  const auto [status, output] = ask({"--version"}, errors);
  const auto version = std::string(base::trim(output));
  if (status == base::kCannotStart) {
    return {
        false,
        fmt::format("\"{}\" was not found; install it with `npm install -g @anthropic-ai/claude-code` or set "
                    "specialist.claude-code.command",
                    settings_.command)};
  }
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

/// Where start.sh puts the CLI: build/npm/specialist beside this program's build/release.
std::optional<std::string> bundled_command(const std::string& command) {
  std::error_code ec;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ec);
  const auto path =
      (program.parent_path().parent_path() / "npm/specialist/node_modules/.bin" / command).string();
  return !ec && ::access(path.c_str(), X_OK) == 0 ? std::optional(path) : std::nullopt;
}

}  // namespace

std::unique_ptr<Specialist> make_claude_code(const std::string& name, config::Section section,
                                             const SpecialistDefaults& defaults) {
  Settings settings;
  settings.name = name;
  settings.about = section.string("about", kAbout);
  settings.command = section.string("command", "claude");
  if (!defaults.command.empty()) {
    settings.command = defaults.command;
  }
  settings.model = section.string("model", "");
  settings.base_url = section.string("base_url", "");
  // Empty means the CLI's own login here (contract section 3); everywhere else it is an error.
  const auto key = section.string("api_key", "").empty() ? std::nullopt : section.optional_secret("api_key");
  settings.price = {section.number("usd_per_million_input", 0, 0, 1e6),
                    section.number("usd_per_million_output", 0, 0, 1e6)};
  section.finish();
  settings.command = base::expand_home(settings.command).string();
  if (settings.command.find('/') != std::string::npos) {
    settings.command = std::filesystem::absolute(settings.command).string();
  }
  if (settings.command.find('/') == std::string::npos && !base::find_program(settings.command)) {
    if (const auto bundled = bundled_command(settings.command)) {
      settings.command = *bundled;
    }
  }
  settings.sandbox = defaults.sandbox;
  if (!defaults.base_url.empty()) {
    // The demo: nothing that costs money may be reached, whatever is configured.
    settings.base_url = defaults.base_url;
    settings.api_key = defaults.api_key;
    settings.state_folder = defaults.state_folder;
  } else if (key) {
    settings.api_key = *key;
  } else if (const char* own = std::getenv("ANTHROPIC_API_KEY"); own != nullptr && *own != '\0') {
    settings.api_key = own;
    base::redact(settings.api_key);
  }
  return std::make_unique<ClaudeCode>(std::move(settings));
}

}  // namespace dispatch
