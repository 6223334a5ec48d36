#pragma once

#include <string>
#include <vector>

namespace bot::cli {

struct OptionDescription {
  std::vector<std::string> names;  ///< "-h", "--help"; that of an argument without a dash is alone: "FILE"
  std::string value;               ///< the word for what follows, such as "FILE"; empty for a flag
  std::string what;
  std::vector<std::string> choices;  ///< the only values; empty: any
  bool is_argument = false;
  bool required = false;

  /// Whether a shell offers the names of files for it.
  bool takes_file() const;
};

/// A command of the program as its parser knows it, so that what is made from it cannot drift.
struct CommandDescription {
  std::string name;
  std::string what;
  std::string footer;  ///< what --help ends with
  std::vector<OptionDescription> options;
  std::vector<CommandDescription> commands;
};

/// A script by which that shell ("bash", "zsh" or "fish") completes the programs' commands and options.
std::string completion(const std::string& shell, const std::vector<CommandDescription>& programs);

/// The manual page of the program, for man(1).
std::string manual_page(const CommandDescription& program, const std::string& version);

}  // namespace bot::cli
