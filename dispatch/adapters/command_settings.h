#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/process/sandbox.h"
#include "config/section.h"
#include "dispatch/adapters/selector.h"
#include "dispatch/task/token_price.h"

namespace dispatch {

/// A command and its arguments, in which "{session}", "{model}" and "{folder}" are replaced.
using ArgumentPattern = std::vector<std::string>;
using Selectors = std::vector<Selector>;

/// The section of a command specialist; docs/specialists.md describes its keys, which have these names.
struct CommandSettings {
  struct Commands {
    ArgumentPattern run;
    ArgumentPattern resume;  ///< empty: it cannot
    ArgumentPattern review;  ///< empty: it cannot
  };

  std::string name;
  std::string about;
  Commands commands;
  std::vector<std::string> version;
  bool version_is_guessed = false;  ///< nobody said that the command tells its version so
  std::string model;
  bool is_one_json = false;     ///< the output is one JSON value instead of one a line
  bool counts_session = false;  ///< tokens and money are those of the whole session
  Selectors result, session, error, refused, done, cut, begun, ended, input_tokens, cached_tokens,
      output_tokens, usd;
  std::string session_gone;
  std::vector<std::pair<std::string, Selectors>> steps;  ///< by the name that is shown
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::filesystem::path> state;
  std::vector<std::filesystem::path> readable;
  TokenPrice price;
  bool stdio_is_pipes = false;  ///< for a script that opens /dev/stdin and the like
  base::Sandbox sandbox;
};

/// Reads [specialist.<name>]. With `in_sandbox` the commands of its table `sandboxed` replace the others.
/// Leaves `sandbox` as it is. Throws base::ConfigError.
CommandSettings read_command_settings(config::Section section, const std::string& name, bool in_sandbox);

/// Whether any argument has the placeholder in it.
bool has_placeholder(const ArgumentPattern& pattern, std::string_view placeholder);

}  // namespace dispatch
