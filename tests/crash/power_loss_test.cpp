// The power goes: what the disk was not told to keep may be gone, in parts, in any order.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "tests/support/disk/faulty_disk.h"
#include "tests/support/disk/message_way.h"
#include "tests/support/files.h"

using support::FaultyDisk;
using support::FrontOffice;
using support::MessageWay;
using support::Outside;
using Left = support::WrittenFiles::Left;

namespace {

namespace fs = std::filesystem;

unsigned seed() {
  const char* given = std::getenv("FRONTDESK_CRASH_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

/// How much more than in ./test.sh.
int times() {
  const char* given = std::getenv("FRONTDESK_POWER_CUTS");
  return given != nullptr ? std::max(1, std::atoi(given)) : 1;
}

/// A disk on which messages go their way, and what was left of it at each cut, beside what the world knew.
struct PowerCuts {
  struct Cut {
    fs::path folder;
    Outside outside;
  };

  FaultyDisk disk;
  support::TemporaryFolder folder;
  unsigned seeded = seed();
  std::mt19937 random{seeded};
  FrontOffice office;
  std::vector<Cut> cuts;

  fs::path database() const { return folder.path() / "disk" / "frontdesk.db"; }

  PowerCuts() {
    fs::create_directories(database().parent_path());
    disk.watch(database().parent_path());
  }

  void cut(Left left) {
    const auto to = folder.path() / ("cut-" + std::to_string(cuts.size()));
    disk.leave(to, left, random);
    cuts.push_back({to, office.outside});
  }
  /// At every sync, before and after it, and before one in `of` writes.
  void cut_everywhere(unsigned of) {
    disk.at_moments([this, of](FaultyDisk::Moment moment) {
      if (moment != FaultyDisk::Moment::before_write) {
        cut(Left::none);
        cut(Left::chance);
      } else if (random() % of == 0) {
        cut(Left::chance);
      }
    });
  }
  /// So many messages, some steps of several mixed.
  void run(int messages) {
    MessageWay way(office, database());
    CHECK(way.db().handle().execAndGet("PRAGMA journal_mode").getString() == "wal");
    for (int i = 0; i < messages; ++i) {
      way.take("m-" + std::to_string(i));
      if (random() % 3 != 0) {
        way.turn();
      }
      if (random() % 3 != 0) {
        way.deliver();
      }
      if (i % 3 == 2) {
        way.db().handle().exec("PRAGMA wal_checkpoint(PASSIVE)");  // as the program's thread for it does
      }
    }
    way.finish();
  }
  /// What is broken in the database that a cut left, at once and, where `to_the_end`, once all has gone on.
  std::string broken_after(const Cut& cut, bool to_the_end) {
    office.outside = cut.outside;
    // What the memory of the wal index held is worth nothing after a cut, whatever the file says.
    support::write_text(cut.folder / "frontdesk.db-shm", std::string(32'768, 'x'));
    MessageWay way(office, cut.folder / "frontdesk.db");
    if (auto what = way.lost(); !what.empty() || !to_the_end) {
      return what;
    }
    // Who got no 200 sends again; and who got one may do so too.
    for (int i = 0; i < 3; ++i) {
      way.take("m-" + std::to_string(i));
    }
    way.finish();
    return way.broken();
  }
};

TEST_CASE_FIXTURE(PowerCuts,
                  "what was acknowledged outlives a cut of the power at any sync" * doctest::timeout(300)) {
  CAPTURE(seeded);
  cut_everywhere(6);
  run(8 * times());
  disk.at_moments(nullptr);
  CHECK(cuts.size() > 200);
  std::size_t n = 0;
  for (const auto& cut : cuts) {
    const auto what = broken_after(cut, ++n % 8 == 0);
    CAPTURE(cut.folder.string());
    REQUIRE(what == "");
  }
}

TEST_CASE_FIXTURE(PowerCuts, "a cut while the database is made leaves one that can be used") {
  CAPTURE(seeded);
  cut_everywhere(4);
  run(1);
  disk.at_moments(nullptr);
  CHECK(cuts.size() > 20);
  std::size_t n = 0;
  for (const auto& cut : cuts) {
    CAPTURE(cut.folder.string());
    REQUIRE(broken_after(cut, ++n % 4 == 0) == "");
  }
}

TEST_CASE_FIXTURE(PowerCuts, "a disk that lies about syncs loses what was acknowledged") {
  // So the checks above can fail; and it shows that no program can keep its word on such a disk.
  CAPTURE(seeded);
  run(1);
  disk.watch(database().parent_path());
  disk.lie_about_syncs();
  {
    MessageWay way(office, database());
    for (int i = 0; i < 5; ++i) {
      way.take("late-" + std::to_string(i));
    }
    cut(Left::none);
  }
  const auto what = broken_after(cuts.back(), false);
  CHECK(what == "late-0 was acknowledged and is lost");
}

}  // namespace
