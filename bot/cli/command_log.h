#pragma once

#include "bot/cli/command_options.h"

namespace bot::cli {

/// `frontdesk log …`: what was decided, done and paid.
void add_log_commands(CLI::App& cli, Commands& commands);
/// `frontdesk route`, `eval` and `calibrate`: how messages are routed, and how well.
void add_routing_commands(CLI::App& cli, Commands& commands);

}  // namespace bot::cli
