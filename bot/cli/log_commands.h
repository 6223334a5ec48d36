#pragma once

#include <vector>

#include "bot/cli/shell_commands.h"

namespace bot::cli {

/// Adds `frontdesk log list | show | export | savings`: the dispatch log for an admin.
void add_log_commands(CLI::App& cli, std::vector<ShellCommand>& commands);

}  // namespace bot::cli
