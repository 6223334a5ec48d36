#pragma once

#include <string>
#include <vector>

#include "bot/cli/command_options.h"

namespace bot::cli {

/// One line: what is wrong, and the nearest valid name where a word is not known.
std::string usage_problem(const CLI::App& cli, const CLI::Error& error);

/// The same arguments; `--config FILE` may stand before the command or amid its words ("frontdesk --config F
/// log list"), and is put behind them, where the parser takes it.
std::vector<char*> with_config_behind_command(const CLI::App& cli, std::vector<char*> arguments);

}  // namespace bot::cli
