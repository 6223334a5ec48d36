#include <cstdlib>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>
#include <signal.h>

#include "base/error.h"
#include "base/log.h"
#include "base/nearest.h"
#include "bot/app.h"
#include "bot/doctor.h"
#include "bot/init.h"
#include "bot/pair.h"
#include "dispatch/supervisor.h"

namespace {

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
    return std::string(error.what()) + "; see frontdesk --help";
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
         (near ? "; did you mean \"" + *near + "\"?" : "; see frontdesk --help");
}

int serve(const bot::Flags& flags) {
  // Every thread inherits the mask, so that only this one takes signals, with sigwait.
  const auto signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  bot::App app(flags);
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

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == dispatch::kSuperviseCommand) {
    return dispatch::supervisor_main(argc, argv);
  }
  ::signal(SIGPIPE, SIG_IGN);

  CLI::App cli("A chat bot with a secretary and specialists.", "frontdesk");
  cli.set_version_flag("--version", std::string("frontdesk ") + FRONTDESK_VERSION);
  cli.require_subcommand(1);
  cli.failure_message([](const CLI::App* app, const CLI::Error& error) {
    return "frontdesk: " + usage_problem(*app, error) + "\n";
  });

  bot::Flags flags;
  auto* serve_command = cli.add_subcommand("serve", "take messages and answer them, until it is stopped");
  serve_command->add_option("--config", flags.config,
                            "configuration file (default: ./frontdesk.toml, if there is one)");
  serve_command->add_option("--listen", flags.listen,
                            "HOST:PORT; port 0 is any free one (default: 127.0.0.1:8787)");
  serve_command->add_flag("--demo", flags.demo,
                          "answer with the scripted demo model, whatever is configured");

  bot::InitOptions init_options;
  auto* init_command = cli.add_subcommand("init", "write a commented frontdesk.toml, after a few questions");
  init_command->add_flag("--yes", init_options.yes, "ask nothing, take the defaults");
  init_command->add_option("FILE", init_options.path, "where to write it (default: frontdesk.toml)");

  auto* doctor_command =
      cli.add_subcommand("doctor", "check configuration, keys, specialist, database; one line each");
  doctor_command->add_option("--config", flags.config, "configuration file");
  doctor_command->add_flag("--demo", flags.demo, "check as for serve --demo");

  std::string code;
  auto* pair_command = cli.add_subcommand("pair", "admit the person who was shown this pairing code");
  pair_command->add_option("CODE", code, "the code, such as ABCD-EFGH")->required();
  pair_command->add_option("--config", flags.config, "configuration file");

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return cli.exit(e) == 0 ? 0 : kWrongUsage;
  }
  try {
    if (serve_command->parsed()) {
      return serve(flags);
    }
    if (init_command->parsed()) {
      return bot::write_configuration(init_options, std::cin, std::cerr);
    }
    if (doctor_command->parsed()) {
      return bot::run_doctor(flags, std::cout) ? 0 : kDidNotWork;
    }
    return bot::pair(flags, code, std::cerr) ? 0 : kDidNotWork;
  } catch (const base::ConfigError& e) {
    std::cerr << "frontdesk: " << base::redacted(e.what()) << "\n";
    return kWrongUsage;
  } catch (const std::exception& e) {
    std::cerr << "frontdesk: " << base::redacted(e.what()) << "\n";
    return kDidNotWork;
  }
}
