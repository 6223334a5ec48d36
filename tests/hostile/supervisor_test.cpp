// The process that stands between the program and a specialist is killed, and nothing else is.
#include <algorithm>
#include <string>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::propose;

namespace {

std::string command_line(int pid) {
  return support::read_text("/proc/" + std::to_string(pid) + "/cmdline");
}

}  // namespace

TEST_CASE("when the supervisor alone is killed nothing of the specialist lives on beside the next run") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {propose("high", "site")});
  support::write_text(desk.folder() / "claude.work", "600");
  desk.start();
  desk.say({"build it"});
  int supervisor = 0;
  REQUIRE(support::wait_until([&] {
    bool works = false;
    for (const int pid : desk.specialist_processes()) {
      const auto words = command_line(pid);
      works = works || contains(words, std::string("sleep\0"
                                                   "600",
                                                   9));
      supervisor = contains(words, std::string("\0supervise\0", 11)) ? pid : supervisor;
    }
    return works && supervisor != 0;
  }));
  ::kill(supervisor, SIGKILL);
  const auto failed = desk.dispatch("d-1", "**Failed: site.**");
  CHECK(desk.specialist_processes().empty());
  support::write_text(desk.folder() / "claude.work", "0");
  desk.click(failed.action("Try again"));
  desk.dispatch("d-2", "**Done: site.**");
  CHECK_FALSE(contains(support::read_text(desk.folder() / "claude.journal"), "OVERLAP"));
}
