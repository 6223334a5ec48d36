#pragma once

namespace bot::cli {

/// Parses the arguments and runs the command; returns the program's exit status. Started under the name
/// `dispatch-cc` it has only the commands of expert-dispatch's script. What goes wrong is one line on
/// standard error. The only file that includes CLI11, which takes long to compile.
int run_command_line(int argc, char** argv);

}  // namespace bot::cli
