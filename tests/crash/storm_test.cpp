// kill -9 at random moments, over a bad network. The four of the everyday run are 200 kills together; a long
// one is by command, see docs/reliability.md.
#include "tests/support/program/storm.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include <doctest/doctest.h>

#include "tests/support/files.h"

namespace {

constexpr int kKills = 50;

int number(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : otherwise;
}

void storm() {
  // Random, but the same again with FRONTDESK_CRASH_SEED.
  const auto seed =
      static_cast<unsigned>(number("FRONTDESK_CRASH_SEED", static_cast<int>(std::random_device{}() >> 1)));
  INFO("FRONTDESK_CRASH_SEED=", seed);
  support::Storm storm(seed);
  const auto counted = storm.run(kKills);
  MESSAGE("seed " << seed << ": " << counted.text());
  INFO(counted.text());
  CHECK(counted.holds());
  CHECK(counted.messages > kKills / 5);
}

}  // namespace

TEST_CASE("whatever the moment of a kill, nothing is lost, given up or done twice: first fifty" *
          doctest::timeout(300)) {
  storm();
}

TEST_CASE("whatever the moment of a kill, nothing is lost, given up or done twice: second fifty" *
          doctest::timeout(300)) {
  storm();
}

TEST_CASE("whatever the moment of a kill, nothing is lost, given up or done twice: third fifty" *
          doctest::timeout(300)) {
  storm();
}

TEST_CASE("whatever the moment of a kill, nothing is lost, given up or done twice: fourth fifty" *
          doctest::timeout(300)) {
  storm();
}

// FRONTDESK_KILLS=10000 FRONTDESK_KILLS_FILE=kills.txt …/crash_tests -tc='a long storm*' goes on where the
// file says that the last one stopped.
TEST_CASE("a long storm, by command" * doctest::skip(std::getenv("FRONTDESK_KILLS") == nullptr)) {
  const int wanted = number("FRONTDESK_KILLS", 0);
  const char* file = std::getenv("FRONTDESK_KILLS_FILE");
  const std::filesystem::path path = file != nullptr ? file : "frontdesk-kills.txt";
  support::StormCount all;
  int seconds = 0;
  {
    std::ifstream before(path);
    before >> all.messages >> all.kills >> all.lost >> all.given_up >> all.duplicates >> all.uncertain >>
        all.double_runs >> all.orphans >> seconds;
  }
  while (all.kills < wanted) {
    const auto begun = std::chrono::steady_clock::now();
    const auto seed = std::random_device{}();
    support::Storm storm(seed);
    const auto counted = storm.run(std::min(kKills, wanted - all.kills));
    all += counted;
    seconds += static_cast<int>(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun).count());
    std::cout << "seed " << seed << ": " << counted.text() << "\nso far: " << all.text() << ", "
              << all.kills * 60 / std::max(seconds, 1) << " kills a minute" << std::endl;
    std::ofstream(path) << all.messages << ' ' << all.kills << ' ' << all.lost << ' ' << all.given_up << ' '
                        << all.duplicates << ' ' << all.uncertain << ' ' << all.double_runs << ' '
                        << all.orphans << ' ' << seconds << '\n';
  }
  CHECK(all.holds());
}
