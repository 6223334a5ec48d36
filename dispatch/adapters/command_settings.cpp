#include "dispatch/adapters/command_settings.h"

#include <algorithm>
#include <regex>

#include <fmt/core.h>

#include "base/file.h"

namespace dispatch {
namespace {

namespace fs = std::filesystem;

/// opencode ends with 0 where its model reached its longest answer. No other CLI has such an event, so that
/// this goes for sections that were written before there was the key.
constexpr const char* kCutOfOpencode = "type=step_finish part.reason=length";

/// What these two leave undone although they end with 0: Codex kills a command that is still at work when its
/// model says that it is done, and opencode ends where a tool was refused. For sections without the key, too.
constexpr const char* kBegunPresets[] = {"type=item.started item.type=command_execution item.id",
                                         "type=step_finish part.reason=tool-calls part.reason"};
constexpr const char* kEndedPresets[] = {"type=item.completed item.id", "type=step_start"};

bool is_secret_name(const std::string& name) {
  return name.ends_with("_KEY") || name.ends_with("_TOKEN") || name.ends_with("_SECRET") ||
         name.ends_with("_PASSWORD");
}

/// Reads the keys of a section of this type.
class Reader {
 public:
  Reader(config::Section& section, std::string name, bool in_sandbox)
      : section_(section), in_sandbox_(in_sandbox) {
    settings_.name = std::move(name);
  }

  CommandSettings read();

 private:
  void read_commands();
  void read_model();
  void read_selectors();
  void read_environment();
  ArgumentPattern arguments(config::Section& section, const char* key);
  CommandSettings::Commands commands(config::Section& section);
  Selectors selectors(config::Section& section, const std::string& key, bool with_value = true);
  std::vector<fs::path> paths(const char* key);

  config::Section& section_;
  const bool in_sandbox_;
  CommandSettings settings_;
};

ArgumentPattern Reader::arguments(config::Section& section, const char* key) {
  auto words = section.strings(key, {});
  if (words.empty() && section.has(key)) {
    section.fail(
        key, "must be the command and its arguments, for example [\"codex\", \"exec\", \"--json\", \"-\"]");
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
        section.fail(key, "the prompt goes to the command's standard input; remove {prompt}");
      }
      if (name != "session" && name != "model" && name != "folder") {
        section.fail(
            key, fmt::format("{{{}}} is not a placeholder; valid: {{session}}, {{model}}, {{folder}}", name));
      }
    }
  }
  return words;
}

CommandSettings::Commands Reader::commands(config::Section& section) {
  CommandSettings::Commands commands{arguments(section, "run"), arguments(section, "resume"),
                                     arguments(section, "review")};
  if (!commands.resume.empty() && !has_placeholder(commands.resume, "{session}")) {
    section.fail("resume", "has no {session} in it, so it cannot say which session to continue");
  }
  return commands;
}

Selectors Reader::selectors(config::Section& section, const std::string& key, bool with_value) {
  Selectors selectors;
  for (const auto& text : section.texts(key)) {
    const auto selector = Selector::parse(text);
    if (!selector || (with_value && !selector->has_value())) {
      section.fail(key, fmt::format("\"{}\" names no value; write conditions and one path, for example "
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

void Reader::read_commands() {
  settings_.commands = commands(section_);
  if (settings_.commands.run.empty()) {
    section_.fail("run", "is missing: the command and its arguments");
  }
  auto sandboxed = section_.child("sandboxed");
  auto instead = commands(sandboxed);
  sandboxed.finish();
  if (in_sandbox_) {
    const auto replace = [](ArgumentPattern& pattern, ArgumentPattern& other) {
      if (!other.empty()) {
        pattern = std::move(other);
      }
    };
    replace(settings_.commands.run, instead.run);
    replace(settings_.commands.resume, instead.resume);
    replace(settings_.commands.review, instead.review);
  }
  settings_.version = arguments(section_, "version");
  settings_.version_is_guessed = settings_.version.empty();
  if (settings_.version_is_guessed) {
    settings_.version = {settings_.commands.run.front(), "--version"};
  }
}

void Reader::read_model() {
  settings_.model = section_.string("model", "");
  const auto names_model = [](const ArgumentPattern& pattern) { return has_placeholder(pattern, "{model}"); };
  const bool takes_model = names_model(settings_.commands.run) || names_model(settings_.commands.resume) ||
                           names_model(settings_.commands.review);
  if (takes_model && settings_.model.empty()) {
    section_.fail("model", "is missing, but the arguments contain {model}");
  }
  if (!takes_model && !settings_.model.empty()) {
    section_.fail("model", "has no effect: no argument contains {model}");
  }
}

void Reader::read_selectors() {
  settings_.is_one_json = section_.one_of("output", "jsonl", {"jsonl", "json"}) == "json";
  settings_.result = selectors(section_, "result");
  if (settings_.result.empty()) {
    section_.fail("result", "is missing: where the answer is in the output, such as \"response\"");
  }
  settings_.session = selectors(section_, "session");
  if (settings_.session.empty() && !settings_.commands.resume.empty()) {
    section_.fail("session", "is missing: without it nothing can be resumed");
  }
  settings_.error = selectors(section_, "error");
  settings_.refused = selectors(section_, "refused");
  settings_.done = selectors(section_, "done", false);
  settings_.cut = selectors(section_, "cut", false);
  if (!section_.has("cut")) {
    settings_.cut = {*Selector::parse(kCutOfOpencode)};
  }
  settings_.begun = selectors(section_, "begun");
  settings_.ended = selectors(section_, "ended", false);
  if (settings_.begun.empty() != settings_.ended.empty()) {
    section_.fail(settings_.begun.empty() ? "begun" : "ended",
                  "is missing: \"begun\" and \"ended\" go together");
  }
  if (!section_.has("begun")) {
    for (const auto* const preset : kBegunPresets) {
      settings_.begun.push_back(*Selector::parse(preset));
    }
    for (const auto* const preset : kEndedPresets) {
      settings_.ended.push_back(*Selector::parse(preset));
    }
  }
  settings_.input_tokens = selectors(section_, "input_tokens");
  settings_.cached_tokens = selectors(section_, "cached_tokens");
  settings_.output_tokens = selectors(section_, "output_tokens");
  settings_.usd = selectors(section_, "usd");
  settings_.counts_session = section_.one_of("counts", "run", {"run", "session"}) == "session";
  if (settings_.counts_session && settings_.session.empty()) {
    section_.fail("counts", "\"session\" needs the key \"session\", which says whose tokens are counted");
  }
  settings_.session_gone = section_.string("session_gone", "");
  auto steps = section_.child("steps");
  for (const auto& name : steps.keys()) {
    settings_.steps.emplace_back(name, selectors(steps, name));
  }
}

void Reader::read_environment() {
  auto environment = section_.child("environment");
  for (const auto& name : environment.keys()) {
    const auto text = environment.string(name, "");
    const bool is_secret = text.starts_with("env:") || text.starts_with("file:");
    if (!is_secret && is_secret_name(name)) {
      environment.fail(name, "secrets do not go into this file; write \"env:NAME\" or \"file:PATH\"");
    }
    settings_.environment.emplace_back(name, is_secret ? environment.required_secret(name) : text);
  }
}

CommandSettings Reader::read() {
  settings_.about = section_.string("about", "");
  read_commands();
  read_model();
  read_selectors();
  read_environment();
  settings_.stdio_is_pipes = section_.one_of("stdio", "socket", {"socket", "pipe"}) == "pipe";
  settings_.state = paths("state");
  settings_.readable = paths("readable");
  settings_.price = {section_.number("usd_per_million_input", 0, 0, 1e6),
                     section_.number("usd_per_million_output", 0, 0, 1e6)};
  section_.finish();
  return std::move(settings_);
}

}  // namespace

CommandSettings read_command_settings(config::Section section, const std::string& name, bool in_sandbox) {
  return Reader(section, name, in_sandbox).read();
}

bool has_placeholder(const ArgumentPattern& pattern, std::string_view placeholder) {
  return std::any_of(pattern.begin(), pattern.end(),
                     [&](const auto& word) { return word.find(placeholder) != std::string::npos; });
}

}  // namespace dispatch
