#include "bot/cli/command_line.h"

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/error.h"
#include "base/log.h"
#include "base/nearest.h"
#include "bot/access/pairing.h"
#include "bot/cli/doctor.h"
#include "bot/cli/init.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/shell_projects.h"
#include "bot/cli/shell_run.h"
#include "bot/serve/run.h"

namespace bot::cli {
namespace {

constexpr const char* kName = "frontdesk";
constexpr const char* kDispatchName = "dispatch-cc";
constexpr int kDidNotWork = 1;
constexpr int kWrongUsage = 2;

/// A command of the program and what it does once its options are parsed; it returns the exit status.
struct Command {
  const CLI::App* parsed;
  std::function<int()> run;
};

/// One line: what is wrong, and the nearest valid name where a word is not known.
std::string usage_problem(const CLI::App& cli, const CLI::Error& error) {
  const auto chosen = cli.get_subcommands();
  const CLI::App& app = chosen.empty() ? cli : *chosen.front();
  const auto unknown = cli.remaining(true);
  if (unknown.empty()) {
    return fmt::format("{}; see {} --help", error.what(), cli.get_name());
  }
  // Both orders occur, depending on how far the parser came.
  const auto word =
      unknown.front().starts_with("-") || unknown.back().front() != '-' ? unknown.front() : unknown.back();
  std::vector<std::string> valid;
  for (const auto* command : app.get_subcommands({})) {
    valid.push_back(command->get_name());
  }
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      valid.push_back("--" + name);
    }
  }
  const auto near = base::nearest(word, valid);
  return "unknown argument \"" + word + "\"" +
         (near ? "; did you mean \"" + *near + "\"?" : "; see " + cli.get_name() + " --help");
}

int parse_and_run(CLI::App& cli, const std::vector<Command>& commands, int argc, char** argv) {
  cli.require_subcommand(1);
  cli.failure_message([](const CLI::App* app, const CLI::Error& error) {
    return app->get_name() + ": " + usage_problem(*app, error) + "\n";
  });
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return cli.exit(e) == 0 ? 0 : kWrongUsage;
  }
  const auto complain = [&](const std::exception& e) {
    std::cerr << cli.get_name() << ": " << base::redacted(e.what()) << "\n";
  };
  try {
    for (const auto& command : commands) {
      if (command.parsed->parsed()) {
        return command.run();
      }
    }
    return kWrongUsage;
  } catch (const base::ConfigError& e) {
    complain(e);
    return kWrongUsage;
  } catch (const std::exception& e) {
    complain(e);
    return kDidNotWork;
  }
}

Command add_run(CLI::App& cli, const std::string& action, const std::string& what) {
  const auto options = std::make_shared<ShellRun>();
  options->action = action;
  auto* command = cli.add_subcommand(action, what);
  command->add_option("--slug", options->slug, "the project's name: letters, digits, \".\", \"_\", \"-\"")
      ->required();
  command->add_option("--prompt", options->prompt,
                      action == "review" ? "what to look at in particular" : "the task");
  command->add_option("--prompt-file", options->prompt_file, "the same from a file; - is standard input");
  command->add_option("--desc", options->description, "one line about the project");
  command
      ->add_option("--timeout", options->timeout_s, "seconds (default: DISPATCH_TIMEOUT, else as configured)")
      ->check(CLI::Range(1, 7 * 24 * 3600));
  command->add_option("--max-turns", options->max_turns, "the most turns that the specialist may take")
      ->check(CLI::Range(1, 100'000));
  command->add_option("--model", options->model, "the specialist's model");
  command->add_option("--allowed-tools", options->allowed_tools,
                      "tools that need no leave, such as \"Bash(pytest:*) WebFetch\"");
  command->add_option("--specialist", options->specialist,
                      "which of the configured ones (default: dispatch.specialist)");
  command->add_option("--system-prompt", options->system_prompt, "added to the specialist's own");
  command->add_option("--config", options->config, "configuration file");
  command->add_flag("--verbose", options->verbose, "show what the specialist says while it works, too");
  return {command, [options] { return shell_run(*options, std::cout, std::cerr); }};
}

Command add_view(CLI::App& cli, const std::string& name, const std::string& what,
                 const std::function<int(const ShellProjects&)>& show) {
  const auto options = std::make_shared<ShellProjects>();
  auto* command = cli.add_subcommand(name, what);
  if (name == "status") {
    command->add_option("--slug", options->slug, "the project's name")->required();
  }
  if (name == "search") {
    command->add_option("WORDS", options->words, "all of them must be in name, description or last result")
        ->required();
  }
  command->add_option("--config", options->config, "configuration file");
  command->add_flag("--json", options->json, "print JSON");
  return {command, [options, show] { return show(*options); }};
}

/// run, resume, review, status, list and search, which are also all that `dispatch-cc` knows.
std::vector<Command> add_shell_commands(CLI::App& cli) {
  return {
      add_run(cli, "run", "let the specialist work on a task in a project's folder, in a fresh session"),
      add_run(cli, "resume", "the same, going on in the project's last session"),
      add_run(cli, "review", "an independent review of a project, in a fresh session that changes nothing"),
      add_view(cli, "status", "a project and its last run",
               [](const auto& options) { return show_status(options, std::cout, std::cerr); }),
      add_view(cli, "list", "all projects",
               [](const auto& options) { return show_list(options, std::cout); }),
      add_view(cli, "search", "projects in which all the words occur",
               [](const auto& options) { return show_search(options, std::cout); }),
  };
}

/// `frontdesk log list | show | export | savings`: the dispatch log for an admin.
void add_log_commands(CLI::App& cli, std::vector<Command>& commands) {
  auto* log = cli.add_subcommand("log", "the dispatch log: what was decided, done and paid");
  log->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, int (*run)(const LogOptions&)) {
    const auto options = std::make_shared<LogOptions>();
    auto* command = log->add_subcommand(name, what);
    command->add_option("--config", options->config, "configuration file");
    commands.push_back({command, [options, run] { return run(*options); }});
    return std::pair(command, options);
  };
  const auto add_filters = [](CLI::App* command, const std::shared_ptr<LogOptions>& options) {
    command->add_option("--chat", options->chat, "a chat section, or section:chat");
    command->add_option("--project", options->project, "a project's slug");
    command
        ->add_option(
            "--outcome", options->outcome,
            "success, error, blocked, timeout, cancelled, interrupted, queued, running, answered or asked")
        ->check(CLI::IsMember({"success", "error", "blocked", "timeout", "cancelled", "interrupted", "queued",
                               "running", "answered", "asked"}));
    command->add_option("--since", options->since, "a day (2026-11-22) or an age (7d, 24h, 30m)");
  };
  const auto [list_command, list_options] =
      add("list", "one line for each decision, the newest first", show_log_list);
  add_filters(list_command, list_options);
  list_command->add_option("--limit", list_options->limit, "at most so many lines (default: 50)")
      ->check(CLI::Range(1, 1'000'000));
  list_command->add_flag("--json", list_options->json, "print JSON");
  const auto [show_command, show_options] =
      add("show", "everything about one decision and its dispatch", show_log_entry);
  show_command->add_option("ID", show_options->id, "d-17 (a dispatch) or 42 (a decision)")->required();
  show_command->add_flag("--json", show_options->json, "print JSON");
  const auto [export_command, export_options] = add("export", "all decisions, the oldest first", export_log);
  add_filters(export_command, export_options);
  export_command->add_option("--format", export_options->format, "jsonl (default) or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  const auto [savings_command, savings_options] =
      add("savings", "what was paid, against the same turns on the specialist's model", show_savings);
  savings_command->add_option("--since", savings_options->since,
                              "a day (2026-11-22) or an age (7d, 24h, 30m)");
  savings_command->add_flag("--json", savings_options->json, "print JSON");
}

/// Started under the name of expert-dispatch's script: the commands that it has, and nothing else.
int dispatch_main(int argc, char** argv) {
  CLI::App cli("Gives tasks to a specialist such as Claude Code; compatible with expert-dispatch 1.0.2.",
               kDispatchName);
  cli.set_version_flag("--version", std::string("dispatch-cc 1.0.2 (frontdesk ") + FRONTDESK_VERSION + ")");
  return parse_and_run(cli, add_shell_commands(cli), argc, argv);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  if (std::filesystem::path(argc > 0 ? argv[0] : "").filename() == kDispatchName) {
    return dispatch_main(argc, argv);
  }
  CLI::App cli("A chat bot with a secretary and specialists.", kName);
  cli.set_version_flag("--version", std::string("frontdesk ") + FRONTDESK_VERSION);

  runtime::Flags flags;
  auto* serve_command = cli.add_subcommand("serve", "take messages and answer them, until it is stopped");
  serve_command->add_option("--config", flags.config,
                            "configuration file (default: ./frontdesk.toml, if there is one)");
  serve_command->add_option("--listen", flags.listen,
                            "HOST:PORT; port 0 is any free one (default: 127.0.0.1:8787)");
  serve_command->add_flag("--demo", flags.demo,
                          "answer with the scripted demo model, whatever is configured");

  InitOptions init_options;
  auto* init_command = cli.add_subcommand("init", "write a commented frontdesk.toml, after a few questions");
  init_command->add_flag("--yes", init_options.yes, "ask nothing, take the defaults");
  init_command->add_option("FILE", init_options.path, "where to write it (default: frontdesk.toml)");

  auto* doctor_command = cli.add_subcommand(
      "doctor", "check configuration, keys, platforms, specialist, database; one line each");
  doctor_command->add_option("--config", flags.config, "configuration file");
  doctor_command->add_flag("--demo", flags.demo, "check as for serve --demo");
  bool fix = false;
  doctor_command->add_flag("--fix", fix, "set up webhooks and commands with the chat services first");

  std::string code;
  auto* pair_command = cli.add_subcommand("pair", "admit the person who was shown this pairing code");
  pair_command->add_option("CODE", code, "the code, such as ABCD-EFGH")->required();
  pair_command->add_option("--config", flags.config, "configuration file");

  std::vector<Command> commands = {
      {serve_command,
       [&] {
         serve::run_until_signal(flags);
         return 0;
       }},
      {init_command, [&] { return write_configuration(init_options, std::cin, std::cerr); }},
      {doctor_command,
       [&] {
         const auto repair = fix ? chat::Repair::yes : chat::Repair::no;
         return run_doctor(flags, repair, std::cout) ? 0 : kDidNotWork;
       }},
      {pair_command, [&] { return access::pair(flags, code, std::cerr) ? 0 : kDidNotWork; }}};
  for (auto& command : add_shell_commands(cli)) {
    commands.push_back(std::move(command));
  }
  add_log_commands(cli, commands);
  return parse_and_run(cli, commands, argc, argv);
}

}  // namespace bot::cli
