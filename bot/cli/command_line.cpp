#include "bot/cli/command_line.h"

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/log.h"
#include "bot/access/pairing.h"
#include "bot/cli/admin_hash.h"
#include "bot/cli/backup.h"
#include "bot/cli/command_log.h"
#include "bot/cli/doctor.h"
#include "bot/cli/init.h"
#include "bot/cli/people_commands.h"
#include "bot/cli/shell_projects.h"
#include "bot/cli/shell_run.h"
#include "bot/cli/standard_output.h"
#include "bot/cli/tools_command.h"
#include "bot/cli/usage.h"
#include "bot/serve/run.h"
#include "store/states.h"

namespace bot::cli {
namespace {

constexpr const char* kName = "frontdesk";
constexpr const char* kDispatchName = "dispatch-cc";
constexpr int kFailure = 1;
constexpr int kWrongUsage = 2;

// What --help ends with.
constexpr const char* kExitStatus = "Exit status: 0 success, 1 failure, 2 usage or configuration error.";
constexpr const char* kDoctorExitStatus = "Exit status: 0 success, 1 if a check fails, 2 usage error.";
constexpr const char* kRunExitStatus =
    "Exit status: the specialist's own, 1 failure, 2 usage or configuration error, 124 timeout.";

// --- Commands that serve and administer

Command add_serve(CLI::App& cli) {
  const auto flags = std::make_shared<runtime::Flags>();
  auto* command = cli.add_subcommand("serve", "Run the bot until it is stopped");
  add_config(command, flags->config);
  add_option(command, "--listen", "HOST:PORT", flags->listen,
             "address to listen on; port 0 takes any free one (default: 127.0.0.1:8787)");
  command->add_flag("--demo", flags->demo, "use the scripted demo model, whatever is configured");
  return {command, [flags] {
            serve::run_until_signal(*flags);
            return 0;
          }};
}

Command add_init(CLI::App& cli) {
  const auto options = std::make_shared<InitOptions>();
  auto* command = cli.add_subcommand("init", "Ask a few questions and write a commented configuration file");
  command->add_flag("--yes", options->yes, "ask nothing, use the defaults");
  auto* file = add_option(command, "FILE", "", options->path, "the file to write (default: frontdesk.toml)");
  add_option(command, "--config", "FILE", options->path, "the same")->excludes(file);
  return {command, [options] { return write_configuration(*options, std::cin, std::cerr); }};
}

Command add_doctor(CLI::App& cli) {
  struct Options {
    runtime::Flags flags;
    bool fix = false;
  };
  const auto options = std::make_shared<Options>();
  auto* command = cli.add_subcommand(
      "doctor", "Check configuration, database, models, specialist, sandbox and chat services");
  command->footer(kDoctorExitStatus);
  add_config(command, options->flags.config);
  command->add_flag("--demo", options->flags.demo, "check as for serve --demo");
  command->add_flag("--fix", options->fix, "first set up webhooks and commands at the chat services");
  return {command, [options] {
            const auto repair = options->fix ? chat::Repair::yes : chat::Repair::no;
            return run_doctor(options->flags, repair, std::cout) ? 0 : kFailure;
          }};
}

Command add_tools(CLI::App& cli) {
  const auto options = std::make_shared<ToolsOptions>();
  auto* command =
      cli.add_subcommand("tools", "What the configured MCP servers offer, and what could be allowed");
  command->footer(kDoctorExitStatus);
  add_option(command, "SERVER", "", options->server, "one of them alone");
  add_config(command, options->flags.config);
  command->add_flag("--accept", options->accept, "tools that have changed are good as they are now");
  return {command, [options] { return print_tools(*options, std::cout, std::cerr) ? 0 : kFailure; }};
}

Command add_pair(CLI::App& cli) {
  struct Options {
    runtime::Flags flags;
    std::string code;
  };
  const auto options = std::make_shared<Options>();
  auto* command = cli.add_subcommand("pair", "Let in the person who was shown this pairing code");
  add_option(command, "CODE", "", options->code, "the code, such as ABCD-EFGH")->required();
  add_config(command, options->flags.config);
  return {command,
          [options] { return access::pair(options->flags, options->code, std::cerr) ? 0 : kFailure; }};
}

Command add_backup(CLI::App& cli) {
  struct Options {
    runtime::Flags flags;
    std::string file;
  };
  const auto options = std::make_shared<Options>();
  auto* command = cli.add_subcommand("backup", "Copy the database to a file, also while the bot runs");
  add_option(command, "FILE", "", options->file, "the copy; an earlier one of that name is replaced")
      ->required();
  add_config(command, options->flags.config);
  return {command, [options] { return back_up(options->flags, options->file, std::cerr); }};
}

Command add_restore(CLI::App& cli) {
  struct Options {
    runtime::Flags flags;
    std::string file;
  };
  const auto options = std::make_shared<Options>();
  auto* command =
      cli.add_subcommand("restore", "Put a copy of the database back; the one that is there is kept");
  add_option(command, "FILE", "", options->file, "the copy that `frontdesk backup` made")->required();
  add_config(command, options->flags.config);
  return {command, [options] { return restore(options->flags, options->file, std::cerr); }};
}

Command add_admin_hash(CLI::App& cli) {
  auto* admin = cli.add_subcommand("admin", "Help with who may use the pages");
  admin->require_subcommand(1);
  auto* command = admin->add_subcommand("hash", "Read a password and print its hash for [admin] password");
  take_config(command);
  return {command, [] { return print_password_hash(std::cin, std::cout, std::cerr); }};
}

// --- The specialist from the shell

Command add_run(CLI::App& cli, store::DispatchAction action, const std::string& what) {
  const auto options = std::make_shared<ShellRun>();
  options->action = action;
  options->program = cli.get_name();
  auto* command = cli.add_subcommand(to_string(action), what);
  command->footer(kRunExitStatus);
  add_option(command, "--slug", "NAME", options->slug,
             "the project's name: letters, digits, \".\", \"_\" and \"-\"")
      ->required();
  add_option(command, "--prompt", "TEXT", options->prompt,
             action == store::DispatchAction::review ? "what to look at in particular" : "the task");
  add_option(command, "--prompt-file", "FILE", options->prompt_file,
             "read the prompt from a file; - is standard input");
  add_option(command, "--desc", "TEXT", options->description, "the project in one line");
  add_option(command, "--timeout", "SECONDS", options->timeout_s,
             "time limit (default: $DISPATCH_TIMEOUT, else dispatch.timeout_s)")
      ->check(in_range(1, 7 * 24 * 3600));
  add_option(command, "--max-turns", "N", options->max_turns,
             "limit on turns, that is calls of the specialist's model")
      ->check(in_range(1, 100'000));
  add_option(command, "--model", "MODEL", options->model, "the specialist's model");
  add_option(command, "--allowed-tools", "TOOLS", options->allowed_tools,
             "what it may do without asking, such as \"Bash(pytest:*) WebFetch\"");
  add_option(command, "--specialist", "NAME", options->specialist,
             "which specialist (default: dispatch.specialist)");
  add_option(command, "--system-prompt", "TEXT", options->system_prompt,
             "text to add to the specialist's system prompt");
  add_config(command, options->config);
  command->add_flag("--verbose", options->verbose, "also print what the specialist says while it works");
  return {command, [options] { return shell_run(*options, std::cout, std::cerr); }};
}

Command add_view(CLI::App& cli, const std::string& name, const std::string& what,
                 const std::function<int(const ShellProjects&)>& show) {
  const auto options = std::make_shared<ShellProjects>();
  options->program = cli.get_name();
  auto* command = cli.add_subcommand(name, what);
  if (name == "status") {
    add_option(command, "--slug", "NAME", options->slug, "the project's name")->required();
  }
  if (name == "search") {
    add_option(command, "WORDS", "", options->words,
               "each must occur in the project's name, description or last result")
        ->required();
  }
  add_config(command, options->config);
  add_json(command, options->json);
  return {command, [options, show] { return show(*options); }};
}

/// run, resume, review, status, list and search, which are also all that `dispatch-cc` knows.
Commands add_shell_commands(CLI::App& cli) {
  return {
      add_run(cli, store::DispatchAction::run,
              "Give the specialist a task in a project's folder, in a new session"),
      add_run(cli, store::DispatchAction::resume,
              "Give the specialist a task, continuing the project's last session"),
      add_run(cli, store::DispatchAction::review,
              "Have a project reviewed in a new session, without changing it"),
      add_view(cli, "status", "Show a project and its last run",
               [](const auto& options) { return show_status(options, std::cout, std::cerr); }),
      add_view(cli, "list", "List all projects",
               [](const auto& options) { return show_list(options, std::cout); }),
      add_view(cli, "search", "Find the projects that contain all the words",
               [](const auto& options) { return show_search(options, std::cout); }),
  };
}

// --- The program

CommandDescription describe_dispatch_cc();

/// What the package brings beside the program, made from what is added to `cli` by then.
Commands add_self_descriptions(CLI::App& cli) {
  const auto shell = std::make_shared<std::string>();
  auto* completion_command = cli.add_subcommand("completion", "Print a shell's completion of these commands");
  add_option(completion_command, "SHELL", "", *shell, "bash, zsh or fish")
      ->required()
      ->check(one_of({"bash", "zsh", "fish"}));
  take_config(completion_command);
  auto* manual = cli.add_subcommand("manual", "Print the manual page, for man(1)");
  take_config(manual);
  return {{completion_command,
           [&cli, shell] {
             std::cout << completion(*shell, {describe(cli), describe_dispatch_cc()});
             return 0;
           }},
          {manual, [&cli] {
             std::cout << manual_page(describe(cli), FRONTDESK_VERSION);
             return 0;
           }}};
}

/// Before any command is added: they inherit it.
void set_help_style(CLI::App& cli) {
  cli.footer(kExitStatus);
  cli.set_help_flag("-h,--help", "show this help");
  cli.group("Commands");
  const auto formatter = cli.get_formatter();
  formatter->column_width(28);
  formatter->label("Positionals", "Arguments");
  formatter->label("SUBCOMMAND", "COMMAND");
  formatter->label("REQUIRED", "(required)");
}

int parse_and_call(CLI::App& cli, const Commands& commands, int argc, char** argv) {
  cli.require_subcommand(1);
  cli.footer(fmt::format("{}\n{}", kConfigurationFile, kExitStatus));
  cli.failure_message([](const CLI::App* app, const CLI::Error& error) {
    return app->get_name() + ": " + usage_problem(*app, error) + "\n";
  });
  auto arguments = with_config_behind_command(cli, {argv, argv + argc});
  try {
    cli.parse(static_cast<int>(arguments.size()), arguments.data());
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
    return kFailure;
  }
}

int parse_and_run(CLI::App& cli, const Commands& commands, int argc, char** argv) {
  StandardOutput output;
  return output.finish(parse_and_call(cli, commands, argc, argv), cli.get_name(), std::cerr);
}

/// Started under the name of expert-dispatch's script: the commands that it has, and nothing else.
Commands set_up_dispatch_cc(CLI::App& cli) {
  cli.name(kDispatchName);
  cli.description("Gives tasks to a specialist such as Claude Code; compatible with expert-dispatch 1.0.2.");
  set_help_style(cli);
  cli.set_version_flag("--version", std::string("dispatch-cc 1.0.2 (frontdesk ") + FRONTDESK_VERSION + ")",
                       "show the version");
  return add_shell_commands(cli);
}

CommandDescription describe_dispatch_cc() {
  CLI::App cli;
  set_up_dispatch_cc(cli);
  return describe(cli);
}

int run_dispatch_cc(int argc, char** argv) {
  CLI::App cli;
  const auto commands = set_up_dispatch_cc(cli);
  return parse_and_run(cli, commands, argc, argv);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  if (std::filesystem::path(argc > 0 ? argv[0] : "").filename() == kDispatchName) {
    return run_dispatch_cc(argc, argv);
  }
  CLI::App cli("A chat bot that answers quick questions itself and gives bigger tasks to a specialist.",
               kName);
  set_help_style(cli);
  cli.set_version_flag("--version", std::string("frontdesk ") + FRONTDESK_VERSION, "show the version");
  Commands commands = {add_serve(cli), add_init(cli),   add_doctor(cli),  add_tools(cli),
                       add_pair(cli),  add_backup(cli), add_restore(cli), add_admin_hash(cli)};
  for (auto& command : add_shell_commands(cli)) {
    commands.push_back(std::move(command));
  }
  add_people_commands(cli, commands);
  add_log_commands(cli, commands);
  add_routing_commands(cli, commands);
  for (auto& command : add_self_descriptions(cli)) {
    commands.push_back(std::move(command));
  }
  return parse_and_run(cli, commands, argc, argv);
}

}  // namespace bot::cli
