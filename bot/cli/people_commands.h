#pragma once

#include <CLI/CLI.hpp>

#include "bot/cli/command_options.h"

namespace bot::cli {

/// `frontdesk people list | erase`.
void add_people_commands(CLI::App& cli, Commands& commands);

}  // namespace bot::cli
