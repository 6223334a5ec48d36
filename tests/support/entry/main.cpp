// The entry of every test program: doctest, and the process supervisor that the program under test starts as
// itself.
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

#include <doctest/doctest.h>
#include <signal.h>

#include "base/picture/picture_child.h"
#include "base/process/supervisor.h"
#include "tests/support/checkout.h"
#include "tests/support/entry/case_counter.h"

namespace {

/// What test.sh sets, for a test program that is started by hand. The values of test.sh win.
void set_defaults() {
  const std::string build = support::build_dir();
  const std::string npm = support::source_dir() + "/build/npm/";
  setenv("FRONTDESK_BIN", (build + "/frontdesk").c_str(), 0);
  setenv("FRONTDESK_CLAUDE", (npm + "specialist/node_modules/.bin/claude").c_str(), 0);
  setenv("FRONTDESK_NODE_MODULES", (npm + "tests/node_modules").c_str(), 0);
  setenv("FRONTDESK_NPM_BIN", (npm + "tests/node_modules/.bin").c_str(), 0);
  setenv("TZ", "UTC", 0);
}

}  // namespace

#ifdef __SANITIZE_THREAD__
/// Debian's httplib is not instrumented: the sanitizer sees its memcmp of a static table, but not that the
/// table was made under a guard. Our own code is still watched where httplib calls it.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libcpp-httplib.so\n";
}
#endif

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "supervise") == 0) {
    return base::supervisor_main(argc, argv);
  }
  if (argc > 1 && argv[1] == base::kPictureCommand) {
    return base::picture_main();
  }
  set_defaults();
  ::signal(SIGPIPE, SIG_IGN);  // as the program's own main() does
  doctest::Context context(argc, argv);
  const int result = context.run();
  if (!context.shouldExit() && support::cases_run() == 0) {
    std::cerr << "no test case matches\n";  // a filter that matches none must not pass
    return 1;
  }
  return result;
}
