#include "bot/cli/command_description.h"

#include <sstream>

#include "bot/cli/command_options.h"

namespace bot::cli {
namespace {

/// Those of one_of().
std::vector<std::string> choices_of(CLI::Option& option) {
  std::vector<std::string> choices;
  try {
    for (int i = 0;; ++i) {
      const auto& name = option.get_validator(i)->get_name();
      if (name.starts_with(kChoices)) {
        std::istringstream words(name.substr(std::string_view(kChoices).size()));
        for (std::string word; words >> word;) {
          choices.push_back(word);
        }
      }
    }
  } catch (const CLI::OptionNotFound&) {
    return choices;  // there is no other way to learn how many there are
  }
}

OptionDescription describe_option(CLI::Option& option) {
  OptionDescription described;
  described.is_argument = option.get_positional();
  if (described.is_argument) {
    described.names = {option.get_name(true)};
  } else {
    for (const auto& name : option.get_snames()) {
      described.names.push_back("-" + name);
    }
    for (const auto& name : option.get_lnames()) {
      described.names.push_back("--" + name);
    }
    described.value = option.get_items_expected_max() > 0 ? option.get_type_name() : "";
  }
  described.what = option.get_description();
  described.choices = choices_of(option);
  described.required = option.get_required();
  return described;
}

}  // namespace

CommandDescription describe(CLI::App& app) {
  CommandDescription described{app.get_name(), app.get_description(), app.get_footer(), {}, {}};
  for (auto* option : app.get_options({})) {
    described.options.push_back(describe_option(*option));
  }
  for (auto* command : app.get_subcommands({})) {
    described.commands.push_back(describe(*command));
  }
  return described;
}

}  // namespace bot::cli
