#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/error.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/process/supervisor.h"
#include "bot/access/pairing.h"
#include "bot/cli/doctor.h"
#include "bot/cli/init.h"
#include "bot/cli/log_commands.h"
#include "bot/cli/shell_commands.h"
#include "bot/serve/app.h"

namespace {

constexpr const char* kName = "frontdesk";
constexpr const char* kDispatchName = "dispatch-cc";
constexpr int kDidNotWork = 1;
constexpr int kWrongUsage = 2;

sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

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

int serve(const bot::runtime::Flags& flags) {
#ifndef __SANITIZE_ADDRESS__  // whose leak check traces the process
  // A specialist without a sandbox runs as the same user; it must not read our memory or environment.
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
  // Every thread inherits the mask, so that only this one takes signals, with sigwait.
  const auto signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  bot::serve::App app(flags);
  app.start();
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) {
      break;
    }
    app.reload();
  }
  std::jthread second([signals](std::stop_token stop) {
    timespec pause{0, 100'000'000};
    while (!stop.stop_requested()) {
      const int signal = sigtimedwait(&signals, nullptr, &pause);
      if (signal == SIGTERM || signal == SIGINT) {
        // The specialists' supervisors see our end and end with us.
        std::_Exit(128 + signal);
      }
    }
  });
  app.stop();
  return 0;
}

int parse_and_run(CLI::App& cli, const std::vector<bot::cli::ShellCommand>& commands, int argc, char** argv) {
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

/// Started under the name of expert-dispatch's script: the commands that it has, and nothing else.
int dispatch_main(int argc, char** argv) {
  CLI::App cli("Gives tasks to a specialist such as Claude Code; compatible with expert-dispatch 1.0.2.",
               kDispatchName);
  cli.set_version_flag("--version", std::string("dispatch-cc 1.0.2 (frontdesk ") + FRONTDESK_VERSION + ")");
  return parse_and_run(cli, bot::cli::add_shell_commands(cli), argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == base::kSuperviseCommand) {
    return base::supervisor_main(argc, argv);
  }
  ::signal(SIGPIPE, SIG_IGN);

  if (std::filesystem::path(argc > 0 ? argv[0] : "").filename() == kDispatchName) {
    return dispatch_main(argc, argv);
  }
  CLI::App cli("A chat bot with a secretary and specialists.", kName);
  cli.set_version_flag("--version", std::string("frontdesk ") + FRONTDESK_VERSION);

  bot::runtime::Flags flags;
  auto* serve_command = cli.add_subcommand("serve", "take messages and answer them, until it is stopped");
  serve_command->add_option("--config", flags.config,
                            "configuration file (default: ./frontdesk.toml, if there is one)");
  serve_command->add_option("--listen", flags.listen,
                            "HOST:PORT; port 0 is any free one (default: 127.0.0.1:8787)");
  serve_command->add_flag("--demo", flags.demo,
                          "answer with the scripted demo model, whatever is configured");

  bot::cli::InitOptions init_options;
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

  std::vector<bot::cli::ShellCommand> commands = {
      {serve_command, [&] { return serve(flags); }},
      {init_command, [&] { return bot::cli::write_configuration(init_options, std::cin, std::cerr); }},
      {doctor_command,
       [&] {
         const auto repair = fix ? bot::chat::Platform::Repair::yes : bot::chat::Platform::Repair::no;
         return bot::cli::run_doctor(flags, repair, std::cout) ? 0 : kDidNotWork;
       }},
      {pair_command, [&] { return bot::access::pair(flags, code, std::cerr) ? 0 : kDidNotWork; }}};
  for (auto& command : bot::cli::add_shell_commands(cli)) {
    commands.push_back(std::move(command));
  }
  bot::cli::add_log_commands(cli, commands);
  return parse_and_run(cli, commands, argc, argv);
}
