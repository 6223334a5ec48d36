#include "bot/cli/shell_commands.h"

#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "bot/cli/shell_projects.h"
#include "bot/cli/shell_run.h"

namespace bot::cli {
namespace {

ShellCommand add_run(CLI::App& cli, const std::string& action, const std::string& what) {
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

ShellCommand add_view(CLI::App& cli, const std::string& name, const std::string& what,
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

}  // namespace

std::vector<ShellCommand> add_shell_commands(CLI::App& cli) {
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

}  // namespace bot::cli
