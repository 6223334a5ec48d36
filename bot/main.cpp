#include <signal.h>

#include "base/picture/picture_child.h"
#include "base/process/supervisor.h"
#include "bot/cli/command_line.h"

int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == base::kSuperviseCommand) {
    return base::supervisor_main(argc, argv);
  }
  if (argc > 1 && argv[1] == base::kPictureCommand) {
    return base::picture_main();
  }
  ::signal(SIGPIPE, SIG_IGN);
  return bot::cli::run_command_line(argc, argv);
}
