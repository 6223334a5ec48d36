#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "bot/cli/command_description.h"

namespace bot::cli {

/// A command of the program and what it does once its options are parsed; it returns the exit status.
struct Command {
  const CLI::App* parsed;
  std::function<int()> run;
};
using Commands = std::vector<Command>;

inline constexpr const char* kConfigurationFile =
    "Configuration file: --config, else $FRONTDESK_CONFIG, ./frontdesk.toml or "
    "$XDG_CONFIG_HOME/frontdesk/frontdesk.toml;\nwithout one, the built-in defaults apply.";

// --- Options that several commands have

/// `value` is the word for what follows the option, such as FILE.
template <typename Target>
CLI::Option* add_option(CLI::App* command, const std::string& name, const std::string& value, Target& target,
                        const std::string& what) {
  return command->add_option(name, target, what)->type_name(value);
}

inline void add_config(CLI::App* command, std::string& target) {
  add_option(command, "--config", "FILE", target, "configuration file");
  command->footer(fmt::format("{}\n{}", kConfigurationFile, command->get_footer()));
}

/// Of a command that reads no configuration: every command takes the option.
inline void take_config(CLI::App* command) {
  command
      ->add_option_function<std::string>(
          "--config", [](const std::string&) {}, "taken as by every command; nothing is read from it")
      ->type_name("FILE");
}

inline void add_json(CLI::App* command, bool& target) {
  command->add_flag("--json", target, "print JSON");
}

/// What the parser knows of a command and of all below it.
CommandDescription describe(CLI::App& app);

/// How a validator that takes only certain words is called; they follow, with blanks between.
inline constexpr const char* kChoices = "choices ";

/// Only these words, which a shell offers. Says nothing in --help, where the description does.
inline CLI::Validator one_of(const std::vector<std::string>& words) {
  return CLI::IsMember(words).description("").name(fmt::format("{}{}", kChoices, fmt::join(words, " ")));
}

/// Says nothing in --help, where the description does.
inline CLI::Validator in_range(int least, int most) {
  return CLI::Range(least, most).description("");
}

inline void add_since(CLI::App* command, std::string& target) {
  add_option(
      command, "--since", "WHEN", target,
      "only from then on: a date (2026-11-22, yesterday, today), an age (7d, 24h, 30m) or a time as in RFC 3339");
}

inline void add_until(CLI::App* command, std::string& target) {
  add_option(command, "--until", "WHEN", target, "only before then; a date counts to its end");
}

}  // namespace bot::cli
