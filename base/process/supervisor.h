#pragma once

#include <string_view>

namespace base {

/// The hidden first argument under which the program becomes a supervisor.
inline constexpr std::string_view kSuperviseCommand = "supervise";

/// The exit status for a command that could not be started.
inline constexpr int kCannotStart = 127;

/// A small process between us and a specialist: `frontdesk supervise LIFELINE LOCK FSIZE COMMAND ARG…`.
///
/// It ends the whole tree below it when the command exits, when the socket LIFELINE is closed (so also when
/// the bot is killed), and on SIGTERM: as a child subreaper (prctl(2)) it inherits whatever the command left
/// behind, also processes in sessions of their own, which killing a process group misses. What it holds is
/// closed to the tree, though that is of the same user: none can open its descriptors or trace it. Until then
/// it keeps the descriptor LOCK ("-" for none) open, and with it the project's lock. No file of the tree can
/// be made larger than FSIZE bytes (0 for no limit).
///
/// Returns the command's exit status, 128 + N if signal N ended it, 127 if it could not be started.
int supervisor_main(int argc, char** argv);

/// Keeps other processes of the same user, such as a specialist without a sandbox, from this one's memory,
/// environment and descriptors. Who is started from here gets the flag back by its exec.
void close_to_others();

}  // namespace base
