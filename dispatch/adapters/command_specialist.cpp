#include "dispatch/adapters/command_specialist.h"

#include <algorithm>
#include <regex>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/process/child_environment.h"
#include "base/process/child_process.h"
#include "base/process/program_path.h"
#include "base/process/sandbox.h"
#include "base/process/supervisor.h"
#include "base/utf8.h"
#include "dispatch/adapters/run_monitor.h"
#include "dispatch/adapters/selector.h"
#include "dispatch/project/settings.h"
#include "dispatch/task/model_problem.h"
#include "dispatch/task/prompt.h"
#include "dispatch/task/transcript.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

using Argv = std::vector<std::string>;
using Selectors = std::vector<Selector>;

constexpr std::chrono::seconds kCheckTimeout{30};
constexpr const char* kPlan = "plan";
/// What is read of an output that is one JSON value.
constexpr std::size_t kMostJson = base::ChildProcess::max_line_bytes;
constexpr std::size_t kMaxDetail = 120;
constexpr int kMostAttempts = 50;
constexpr std::size_t kMostDenials = 100;
constexpr std::size_t kLongestSession = 256;

bool is_session_id(const std::string& id) {
  return !id.empty() && id.size() <= kLongestSession && id.front() != '-' &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

struct Commands {
  Argv run;
  Argv resume;
  Argv review;
};

struct Settings {
  std::string name;
  std::string about;
  Commands commands;
  Argv version;
  std::string model;
  bool is_one_json = false;
  bool counts_session = false;
  Selectors result, session, error, refused, done, input_tokens, cached_tokens, output_tokens, usd;
  std::string session_gone;
  std::vector<std::pair<std::string, Selectors>> steps;  ///< by the name that is shown
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<fs::path> state;
  std::vector<fs::path> readable;
  TokenPrice price;
  base::Sandbox sandbox;
};

std::optional<std::string> text_of(const Selectors& selectors, const nlohmann::json& event) {
  for (const auto& selector : selectors) {
    if (auto text = selector.text(event)) {
      return text;
    }
  }
  return std::nullopt;
}

std::optional<double> sum_of(const Selectors& selectors, const nlohmann::json& event) {
  std::optional<double> sum;
  for (const auto& selector : selectors) {
    if (const auto part = selector.sum(event)) {
      sum = sum.value_or(0) + *part;
    }
  }
  return sum;
}

bool names(const Argv& argv, std::string_view placeholder) {
  return std::any_of(argv.begin(), argv.end(),
                     [&](const auto& word) { return word.find(placeholder) != std::string::npos; });
}

/// The arguments with the placeholders replaced, in one pass: a value that looks like a placeholder stays.
Argv filled(const Argv& pattern, const std::vector<std::pair<std::string_view, std::string>>& values) {
  Argv argv;
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

/// The JSON object that a text ends with, alone or in a fence; empty where there is none.
std::string json_in(std::string_view answer) {
  const auto from = answer.find('{');
  const auto to = answer.rfind('}');
  if (from == std::string_view::npos || to == std::string_view::npos || to < from) {
    return {};
  }
  // Prose may hold braces of its own: the object is looked for from each line that begins with one.
  int attempts = 0;
  for (auto at = from; at != std::string_view::npos && at < to && ++attempts <= kMostAttempts;) {
    if (const auto json = base::parse_json(answer.substr(at, to - at + 1)); json && json->is_object()) {
      return base::dump_json(*json);
    }
    const auto line = answer.find("\n{", at);
    at = line == std::string_view::npos ? line : line + 1;
  }
  return {};
}

/// The dialogue of one run: the prompt goes in, events come out.
class CommandDialogue final : public Dialogue {
 public:
  CommandDialogue(const Settings& settings, const std::function<void(const Event&)>& on_event)
      : settings_(settings), on_event_(on_event) {}

  void take(const std::string& line) override {
    if (!settings_.is_one_json) {
      if (const auto event = base::parse_json(line); event && event->is_structured()) {
        read(*event);
      }
    } else if (whole_.size() + line.size() < kMostJson) {
      whole_ += line + "\n";
    }
  }
  /// After the last line. Some CLIs tell an error as JSON on their error output.
  void finish(const std::string& error_output) {
    const auto read_object = [this](const std::string& text) {
      if (const auto event = base::parse_json(json_in(text))) {
        read(*event);
      }
    };
    read_object(whole_);
    if (!answered_ && error_.empty()) {
      read_object(error_output);
    }
  }

  bool has_result() const override { return done_; }
  /// Nothing where it counts whole sessions: what was spent in this one before is not known here.
  double usd_so_far() const override { return settings_.counts_session ? 0 : report_.usd; }

  const Report& report() const { return report_; }
  /// Of the last error that no result came after.
  const std::string& error() const { return error_; }
  bool answered() const { return answered_; }

 private:
  void read(const nlohmann::json& event) {
    if (const auto id = text_of(settings_.session, event);
        id && is_session_id(*id) && !report_.session_begun) {
      report_.session_begun = true;
      report_.session_id = *id;
      emit({.kind = Event::Kind::session_begun, .text = *id});
    }
    for (const auto& [name, selectors] : settings_.steps) {
      if (const auto detail = text_of(selectors, event)) {
        ++report_.turns;
        emit({.kind = Event::Kind::tool_used,
              .tool = name,
              .text = base::ellipsize(base::trim(detail->substr(0, detail->find('\n'))), kMaxDetail)});
      }
    }
    if (const auto refused = text_of(settings_.refused, event);
        refused && report_.denials.size() < kMostDenials) {
      report_.denials.push_back({"", base::ellipsize(*refused, kMaxDetail)});
    }
    count(event);
    if (const auto text = text_of(settings_.result, event)) {
      report_.text = *text;
      answered_ = true;
      error_.clear();
      emit({.kind = Event::Kind::said, .text = *text});
    }
    if (const auto error = text_of(settings_.error, event)) {
      error_ = *error;
    }
    done_ = done_ || std::any_of(settings_.done.begin(), settings_.done.end(),
                                 [&](const Selector& done) { return done.matches(event); });
  }

  void count(const nlohmann::json& event) {
    const auto input = sum_of(settings_.input_tokens, event);
    const auto cached = sum_of(settings_.cached_tokens, event);
    const auto output = sum_of(settings_.output_tokens, event);
    const auto usd = sum_of(settings_.usd, event);
    if (!input && !cached && !output && !usd) {
      return;
    }
    const auto whole = [](std::optional<double> value) {
      return static_cast<std::int64_t>(std::clamp(value.value_or(0), 0.0, 1e12));
    };
    auto& tokens = report_.tokens;
    if (settings_.counts_session) {
      tokens = {};
      told_usd_ = 0;
    }
    tokens.input += std::max<std::int64_t>(0, whole(input) - whole(cached));
    tokens.cache_read += whole(cached);
    tokens.output += whole(output);
    told_usd_ += std::max(0.0, usd.value_or(0));
    if (settings_.counts_session) {
      report_.session_tokens = tokens;
      report_.usd_is_of_session = true;
    }
    report_.usd_is_estimate = settings_.usd.empty();
    report_.usd = report_.usd_is_estimate ? settings_.price.usd(tokens) : told_usd_;
    emit({.kind = Event::Kind::used});
  }

  void emit(Event event) {
    event.usd_so_far = usd_so_far();
    if (on_event_) {
      on_event_(event);
    }
  }

  const Settings& settings_;
  const std::function<void(const Event&)>& on_event_;
  Report report_;
  std::string whole_;
  std::string error_;
  double told_usd_ = 0;
  bool answered_ = false;
  bool done_ = false;
};

class CommandSpecialist final : public Specialist {
 public:
  explicit CommandSpecialist(Settings settings) : settings_(std::move(settings)) {}

  Report run(const Task& task, const std::function<void(const Event&)>& on_event,
             std::stop_token stop) override;
  Readiness check() override;
  std::optional<std::string> cannot(const Task& task) const override;
  Abilities abilities() const override { return {}; }
  const std::string& name() const override { return settings_.name; }
  const std::string& about() const override { return settings_.about; }

 private:
  Report run_once(const Task& task, const std::function<void(const Event&)>& on_event, std::stop_token stop);
  base::ChildProcess::Spec spec(const Argv& argv, const base::Sandbox::Bounds& bounds, int lock_fd) const;
  const Argv& pattern(const Task& task) const;
  std::string prompt(const Task& task) const;
  Report judged(const CommandDialogue& dialogue, const Ending& ending) const;

  const Settings settings_;
};

base::ChildProcess::Spec CommandSpecialist::spec(const Argv& argv, const base::Sandbox::Bounds& given,
                                                 int lock_fd) const {
  auto environment = base::child_environment(settings_.sandbox.active());
  for (const auto& [name, value] : settings_.environment) {
    base::set_variable(environment, name, value);
  }
  auto command = argv;
  // One that is missing is told by our supervisor, plainly.
  if (settings_.sandbox.active() && base::find_program(argv.front())) {
    auto bounds = given;
    bounds.writable = settings_.state;
    bounds.readable = settings_.readable;
    // The other arguments may begin with `env`.
    for (const auto& program : {argv.front(), settings_.commands.run.front(), std::string("node")}) {
      for (auto& path : base::folders_of_program(program)) {
        bounds.readable.push_back(std::move(path));
      }
    }
    command = settings_.sandbox.wrap(argv, bounds);
  }
  return {command, environment, given.folder.empty() ? fs::path("/") : given.folder, lock_fd};
}

const Argv& CommandSpecialist::pattern(const Task& task) const {
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
    text += project_context(task.folder);
  }
  if (!task.result_schema.empty()) {
    text += "\n\nEnd your answer with one JSON object after this schema, in a fence of its own:\n" +
            task.result_schema;
  }
  return harmless_prompt(task.introduction, text, task.folder);
}

std::optional<std::string> CommandSpecialist::cannot(const Task& task) const {
  if (task.permission == kPlan && task.result_schema.empty()) {
    return fmt::format("{} shows no plans; permission \"plan\" is for Claude Code.", settings_.name);
  }
  if (task.permission == kPlan && settings_.commands.review.empty()) {
    return fmt::format("{0} cannot review: specialist.{0}.review is not configured.", settings_.name);
  }
  if (task.max_turns > 0) {
    return fmt::format("{} has no limit of turns; leave --max-turns out.", settings_.name);
  }
  if (!task.model.empty() && !names(pattern(task), "{model}")) {
    return fmt::format("{} takes no model: specialist.{} has no {{model}} in its arguments.", settings_.name,
                       settings_.name);
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
      fs::create_directories(path);  // "sessions/": what a sandbox does not find it cannot keep
    }
  }
  base::ChildProcess child(
      spec(argv, {.folder = task.folder, .folder_is_read_only = task.permission == kPlan}, task.lock_fd),
      stop);
  child.write(prompt(task));
  child.close_input();
  CommandDialogue dialogue(settings_, on_event);
  const auto ending = monitor_run(child, dialogue, task, on_event, stop);
  dialogue.finish(ending.error_output);
  auto report = judged(dialogue, ending);
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

Report CommandSpecialist::judged(const CommandDialogue& dialogue, const Ending& ending) const {
  auto report = dialogue.report();
  report.error_output = ending.error_output;
  report.exit_status = ending.exit_status;
  if (!ending.problem.empty() && !dialogue.has_result()) {
    report.outcome = ending.forced;
    report.problem = ending.problem;
    return report;
  }
  const bool was_done = dialogue.has_result() && ending.killed;  // and only did not go away
  if (was_done) {
    report.exit_status = 0;
  }
  if (!dialogue.error().empty()) {  // no answer came after it
    report.problem = command_problem(settings_.name, dialogue.error());
  } else if (report.exit_status != 0 || !dialogue.answered()) {
    report.problem = problem_without_result(settings_.name, ending);
  } else if (!report.denials.empty()) {
    report.outcome = Outcome::blocked;
    report.problem = "An action was refused, so the work may be incomplete.";
  } else {
    report.outcome = Outcome::success;
  }
  return report;
}

Readiness CommandSpecialist::check() {
  const auto& program = settings_.version.front();
  const auto told = base::run_to_end(spec(settings_.version, {}, -1), kCheckTimeout);
  if (!told) {
    return {false, fmt::format("\"{}\" gave no answer", program)};
  }
  if (told->exit_status == base::kCannotStart) {
    return {false, fmt::format("\"{}\" was not found; install it, or mend specialist.{}.run", program,
                               settings_.name)};
  }
  if (told->exit_status != 0) {
    return {false, fmt::format("\"{}\" failed: {}", fmt::join(settings_.version, " "),
                               base::ellipsize(base::trim(told->error_output), 200))};
  }
  const auto first = std::string_view(told->output).substr(0, told->output.find('\n'));
  return {true, fmt::format("{}, login not checked", base::ellipsize(base::trim(first), 100))};
}

bool is_secret_name(const std::string& name) {
  return name.ends_with("_KEY") || name.ends_with("_TOKEN") || name.ends_with("_SECRET") ||
         name.ends_with("_PASSWORD");
}

/// Reads the keys of a section of this type.
class Reader {
 public:
  Reader(config::Section& section, std::string name, bool in_sandbox)
      : section_(section), name_(std::move(name)), in_sandbox_(in_sandbox) {}

  Settings read();

 private:
  Argv argv(config::Section& section, const char* key);
  Commands commands(config::Section& section);
  Selectors selectors(config::Section& section, const std::string& key, bool with_value = true);
  std::vector<fs::path> paths(const char* key);

  config::Section& section_;
  const std::string name_;
  const bool in_sandbox_;
};

Argv Reader::argv(config::Section& section, const char* key) {
  auto words = section.strings(key, {});
  if (words.empty() && section.has(key)) {
    section.fail(key,
                 "must be the command and its arguments, such as [\"codex\", \"exec\", \"--json\", \"-\"]");
  }
  if (!words.empty()) {
    words.front() = base::expand_home(words.front()).string();
    if (words.front().find('/') != std::string::npos) {
      words.front() = fs::absolute(words.front()).string();
    }
  }
  for (const auto& word : words) {
    static const std::regex kPlaceholder(R"(\{([A-Za-z_]+)\})");
    for (std::sregex_iterator it(word.begin(), word.end(), kPlaceholder), end; it != end; ++it) {
      const auto name = (*it)[1].str();
      if (name == "prompt") {
        section.fail(key, "the prompt is given on the command's input, so {prompt} has no place here");
      }
      if (name != "session" && name != "model" && name != "folder") {
        section.fail(
            key, fmt::format("{{{}}} is no placeholder; valid: {{session}}, {{model}}, {{folder}}", name));
      }
    }
  }
  return words;
}

Commands Reader::commands(config::Section& section) {
  Commands commands{argv(section, "run"), argv(section, "resume"), argv(section, "review")};
  if (!commands.resume.empty() && !names(commands.resume, "{session}")) {
    section.fail("resume", "has no {session} in it, so it could not tell which session to continue");
  }
  return commands;
}

Selectors Reader::selectors(config::Section& section, const std::string& key, bool with_value) {
  Selectors selectors;
  for (const auto& text : section.texts(key)) {
    const auto selector = Selector::parse(text);
    if (!selector || (with_value && !selector->has_value())) {
      section.fail(key, fmt::format("\"{}\" names no value; write conditions and one path, such as "
                                    "\"type=item.completed item.text\"",
                                    text));
    }
    selectors.push_back(*selector);
  }
  return selectors;
}

std::vector<fs::path> Reader::paths(const char* key) {
  std::vector<fs::path> paths;
  for (const auto& path : section_.strings(key, {})) {
    paths.push_back(fs::absolute(base::expand_home(path)));
  }
  return paths;
}

Settings Reader::read() {
  Settings s;
  s.name = name_;
  s.about = section_.string("about", "");
  s.commands = commands(section_);
  if (s.commands.run.empty()) {
    section_.fail("run", "is missing: the command and its arguments");
  }
  auto sandboxed = section_.child("sandboxed");
  auto instead = commands(sandboxed);
  sandboxed.finish();
  if (in_sandbox_) {
    const auto replace = [](Argv& argv, Argv& other) {
      if (!other.empty()) {
        argv = std::move(other);
      }
    };
    replace(s.commands.run, instead.run);
    replace(s.commands.resume, instead.resume);
    replace(s.commands.review, instead.review);
  }
  s.version = argv(section_, "version");
  if (s.version.empty()) {
    s.version = {s.commands.run.front(), "--version"};
  }
  s.model = section_.string("model", "");
  const auto names_model = [](const Argv& pattern) { return names(pattern, "{model}"); };
  const bool takes_model =
      names_model(s.commands.run) || names_model(s.commands.resume) || names_model(s.commands.review);
  if (takes_model && s.model.empty()) {
    section_.fail("model", "is missing, and {model} stands in the arguments");
  }
  if (!takes_model && !s.model.empty()) {
    section_.fail("model", "has no effect: no argument has {model} in it");
  }
  s.is_one_json = section_.one_of("output", "jsonl", {"jsonl", "json"}) == "json";
  s.result = selectors(section_, "result");
  if (s.result.empty()) {
    section_.fail("result", "is missing: where the answer is in the output, such as \"response\"");
  }
  s.session = selectors(section_, "session");
  if (s.session.empty() && !s.commands.resume.empty()) {
    section_.fail("session", "is missing: without it nothing can be resumed");
  }
  s.error = selectors(section_, "error");
  s.refused = selectors(section_, "refused");
  s.done = selectors(section_, "done", false);
  s.input_tokens = selectors(section_, "input_tokens");
  s.cached_tokens = selectors(section_, "cached_tokens");
  s.output_tokens = selectors(section_, "output_tokens");
  s.usd = selectors(section_, "usd");
  s.counts_session = section_.one_of("counts", "run", {"run", "session"}) == "session";
  if (s.counts_session && s.session.empty()) {
    section_.fail("counts", "\"session\" needs the key session, so that it is known which one is counted");
  }
  s.session_gone = section_.string("session_gone", "");
  auto steps = section_.child("steps");
  for (const auto& name : steps.keys()) {
    s.steps.emplace_back(name, selectors(steps, name));
  }
  auto environment = section_.child("environment");
  for (const auto& name : environment.keys()) {
    const auto text = environment.string(name, "");
    const bool is_secret = text.starts_with("env:") || text.starts_with("file:");
    if (!is_secret && is_secret_name(name)) {
      environment.fail(name, "secrets do not go into this file; write \"env:NAME\" or \"file:PATH\"");
    }
    s.environment.emplace_back(name, is_secret ? environment.required_secret(name) : text);
  }
  s.state = paths("state");
  s.readable = paths("readable");
  s.price = {section_.number("usd_per_million_input", 0, 0, 1e6),
             section_.number("usd_per_million_output", 0, 0, 1e6)};
  section_.finish();
  return s;
}

}  // namespace

std::unique_ptr<Specialist> make_command_specialist(const std::string& name, config::Section section,
                                                    const SpecialistDefaults& defaults) {
  auto settings = Reader(section, name, defaults.sandbox.active()).read();
  settings.sandbox = defaults.sandbox;
  return std::make_unique<CommandSpecialist>(std::move(settings));
}

}  // namespace dispatch
