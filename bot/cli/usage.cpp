#include "bot/cli/usage.h"

#include <algorithm>
#include <string_view>

#include "base/nearest.h"

namespace bot::cli {
namespace {

/// "frontdesk log show".
std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

/// The command that the arguments name, as far as they name one.
const CLI::App& chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : chosen_command(*chosen.front());
}

/// Of that name, below `app`; nullptr where there is none.
const CLI::App* command_named(const CLI::App& app, std::string_view name) {
  for (const auto* command : app.get_subcommands({})) {
    if (command->get_name() == name) {
      return command;
    }
  }
  return nullptr;
}

}  // namespace

std::string usage_problem(const CLI::App& cli, const CLI::Error& error) {
  const auto& app = chosen_command(cli);
  const auto see_help = "; see " + full_name(app) + " --help";
  const auto unknown = cli.remaining(true);
  if (unknown.empty()) {
    const bool no_command = !app.get_subcommands({}).empty();
    return (no_command ? "a command is missing" : error.what()) + see_help;
  }
  // Both orders occur, depending on how far the parser came.
  auto word =
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
  word = word.starts_with("--") ? word.substr(0, word.find('=')) : word;
  if (std::find(valid.begin(), valid.end(), word) != valid.end()) {
    return "\"" + word + "\" belongs behind the command: " + full_name(app) + " " + word + see_help;
  }
  const auto near = base::nearest(word, valid);
  return "unknown argument \"" + word + "\"" + (near ? "; did you mean \"" + *near + "\"?" : see_help);
}

std::vector<char*> with_config_behind_command(const CLI::App& cli, std::vector<char*> arguments) {
  constexpr std::string_view kConfig = "--config";
  std::vector<char*> words(arguments.begin(),
                           arguments.begin() + std::min<std::ptrdiff_t>(1, std::ssize(arguments)));
  std::vector<char*> config;
  const auto* app = &cli;
  auto rest = arguments.begin() + std::ssize(words);
  while (rest != arguments.end()) {
    const std::string_view word = *rest;
    if (word == kConfig && rest + 1 != arguments.end()) {
      config.insert(config.end(), rest, rest + 2);
      rest += 2;
    } else if (word.starts_with(kConfig) && word.substr(kConfig.size()).starts_with('=')) {
      config.push_back(*rest++);
    } else if (const auto* command = command_named(*app, word)) {
      app = command;
      words.push_back(*rest++);
    } else {
      break;
    }
  }
  // Every command has the option, so without it the command is missing, and that is to be told.
  if (app->get_option_no_throw(std::string(kConfig)) != nullptr) {
    words.insert(words.end(), config.begin(), config.end());
  }
  words.insert(words.end(), rest, arguments.end());
  return words;
}

}  // namespace bot::cli
