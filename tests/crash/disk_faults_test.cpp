// The disk fails, is full, read-only or locked by somebody else at each of its calls in turn, while a message
// goes its way: what could not be stored was not acknowledged, and when the disk is well, all goes on.
#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <sqlite3.h>

#include "base/error.h"
#include "store/backup.h"
#include "tests/support/disk/faulty_disk.h"
#include "tests/support/disk/message_way.h"
#include "tests/support/text.h"

using support::DiskFault;
using support::FaultyDisk;
using support::FrontOffice;
using support::MessageWay;
using Kind = support::DiskFault::Kind;

namespace {

namespace fs = std::filesystem;

/// More calls than any step makes.
constexpr int kEndless = 20'000;
/// So many calls fail one after the other, then every third: of each kind of fault another third.
constexpr int kOneByOne = 20;
constexpr int kStride = 3;

struct Faults {
  FaultyDisk disk;
  support::TemporaryFolder folder;
  FrontOffice office;
  std::optional<MessageWay> way;
  int messages = 0;

  fs::path database() const { return folder.path() / "frontdesk.db"; }
  void open() { way.emplace(office, database()); }

  /// Does it with that fault; whether it threw.
  bool throws(const DiskFault& fault, const std::function<void()>& step) {
    disk.fail(fault);
    bool thrown = false;
    try {
      step();
    } catch (const std::exception&) {
      thrown = true;
    }
    disk.heal();
    return thrown;
  }
  /// With the first call failing, the second, and so on, until none is left that could (see kStride). `after`
  /// puts right what the step left. Returns how often the step threw.
  int at_every_call(Kind kind, bool lasts, const std::function<void()>& step,
                    const std::function<void(bool thrown)>& after) {
    int thrown = 0;
    const int offset = (static_cast<int>(kind) + (lasts ? 1 : 0)) % kStride;
    for (int first = 1;; first += first < kOneByOne + offset ? 1 : kStride) {
      REQUIRE(first < kEndless);
      const bool threw = throws({.kind = kind, .first = first, .lasts = lasts}, step);
      const bool struck = disk.struck();
      thrown += threw ? 1 : 0;
      CAPTURE(first);
      after(threw);
      if (!struck) {
        CHECK_FALSE(threw);
        return thrown;
      }
    }
  }
  std::string next() { return "m-" + std::to_string(++messages); }
};

/// A single fault of the other kinds is the first of those that last; a single busy lock is waited for.
constexpr std::array kFaults = {std::pair(Kind::io_error, false), std::pair(Kind::io_error, true),
                                std::pair(Kind::full, true), std::pair(Kind::read_only, true),
                                std::pair(Kind::busy, true)};

void for_all_kinds(const std::function<void(Kind kind, bool lasts)>& test) {
  for (const auto& fault : kFaults) {
    const auto kind = fault.first;
    const bool lasts = fault.second;
    INFO("kind " << static_cast<int>(kind) << (lasts ? ", from there on" : ", once"));
    test(kind, lasts);
  }
}

TEST_CASE_FIXTURE(Faults,
                  "a message that the disk does not take is refused, and taken when it is sent again") {
  open();
  for_all_kinds([&](Kind kind, bool lasts) {
    std::string id;
    const int thrown = at_every_call(
        kind, lasts, [&] { way->take(id = next()); },
        [&](bool threw) {
          CHECK(office.outside.acknowledged.contains(id) != threw);
          // By the same connection: nobody has to start the program anew.
          REQUIRE_NOTHROW(way->take(id));
        });
    CHECK(thrown > 0);
    CHECK(way->lost() == "");
  });
  way->finish();
  CHECK(way->broken() == "");
}

TEST_CASE_FIXTURE(Faults, "a turn that the disk breaks off is done later, and answers once") {
  open();
  for_all_kinds([&](Kind kind, bool lasts) {
    way->take(next());
    const int thrown = at_every_call(
        kind, lasts, [&] { way->turn(); },
        [&](bool threw) {
          if (threw) {
            open();  // as a worker does
          }
          way->finish();
          way->take(next());
        });
    CHECK(thrown > 0);
    way->finish();
    CHECK(way->broken() == "");
  });
}

TEST_CASE_FIXTURE(Faults, "a delivery that the disk breaks off is made again under the same key") {
  open();
  const auto another = [&] {
    way->take(next());
    way->turn();
  };
  for_all_kinds([&](Kind kind, bool lasts) {
    another();
    const int thrown = at_every_call(
        kind, lasts, [&] { way->deliver(); },
        [&](bool threw) {
          if (threw) {
            open();
          }
          way->finish();
          another();
        });
    CHECK(thrown > 0);
    way->finish();
    CHECK(way->broken() == "");
  });
}

TEST_CASE_FIXTURE(Faults, "a database that cannot be opened is opened when the disk is well") {
  for_all_kinds([&](Kind kind, bool lasts) {
    fs::remove_all(folder.path() / "new");
    const auto fresh = folder.path() / "new" / "frontdesk.db";
    const int thrown = at_every_call(
        kind, lasts, [&] { MessageWay(office, fresh).take("of-the-new-one"); },
        [&](bool threw) {
          office.outside = {};
          MessageWay again(office, fresh);
          REQUIRE_NOTHROW(again.take("of-the-new-one"));
          CHECK(again.lost() == "");
          if (threw) {
            return;
          }
          fs::remove_all(fresh.parent_path());
        });
    CHECK(thrown > 0);
  });
}

TEST_CASE_FIXTURE(Faults, "a checkpoint that fails loses nothing") {
  for_all_kinds([&](Kind kind, bool lasts) {
    std::string id;
    at_every_call(
        kind, lasts,
        [&] {
          // The last connection that closes carries the log over.
          id = next();
          open();
          way->take(id);
          way.reset();
        },
        [&](bool) {
          way.reset();
          open();
          REQUIRE_NOTHROW(way->take(id));
          way.reset();
        });
    open();
    CHECK(way->lost() == "");
    way.reset();
  });
}

TEST_CASE_FIXTURE(Faults, "a backup is whole or not there, and a restore done or not begun") {
  open();
  for (int i = 0; i < 5; ++i) {
    way->take(next());
  }
  way->finish();
  const auto copy = folder.path() / "copy.db";
  const auto known = office.outside;
  const auto restored = folder.path() / "restored" / "frontdesk.db";
  fs::create_directories(restored.parent_path());
  for_all_kinds([&](Kind kind, bool lasts) {
    const int thrown = at_every_call(
        kind, lasts, [&] { store::back_up(database(), copy); },
        [&](bool threw) {
          CHECK(fs::exists(copy) != threw);
          fs::remove(copy);
        });
    CHECK(thrown > 0);
    store::back_up(database(), copy);
    at_every_call(
        kind, lasts, [&] { store::restore(copy, restored, office.clock.now()); },
        [&](bool threw) {
          if (!threw) {
            MessageWay there(office, restored);
            CHECK(there.lost() == "");
            office.outside = known;
          }
          for (const auto& entry : fs::directory_iterator(restored.parent_path())) {
            CHECK_FALSE(support::contains(entry.path().filename().string(), ".part-"));
          }
          fs::remove_all(restored.parent_path());
          fs::create_directories(restored.parent_path());
        });
    fs::remove(copy);
  });
}

/// SQLite's memory, of which the n-th piece is refused.
class ShortMemory {
 public:
  ShortMemory() {
    REQUIRE(sqlite3_shutdown() == SQLITE_OK);
    REQUIRE(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) == SQLITE_OK);
    auto mine = real;
    mine.xMalloc = [](int bytes) { return refused() ? nullptr : real.xMalloc(bytes); };
    mine.xRealloc = [](void* old, int bytes) { return refused() ? nullptr : real.xRealloc(old, bytes); };
    REQUIRE(sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) == SQLITE_OK);
    REQUIRE(sqlite3_initialize() == SQLITE_OK);
  }
  ~ShortMemory() {
    left = -1;
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_MALLOC, &real);
    sqlite3_initialize();
  }
  ShortMemory(const ShortMemory&) = delete;
  ShortMemory& operator=(const ShortMemory&) = delete;

  static void refuse(int nth) { left = nth; }
  /// Whether it came so far.
  static bool heal() { return std::exchange(left, -1) == 0; }

 private:
  static bool refused() { return left > 0 && --left == 0; }
  static inline sqlite3_mem_methods real{};
  static inline int left = -1;
};

TEST_CASE("a message for which there is no memory is refused, and taken when it is sent again") {
  const ShortMemory memory;
  support::TemporaryFolder folder;
  FrontOffice office;
  MessageWay way(office, folder.path() / "frontdesk.db");
  int refused = 0;
  int answered_later = 0;
  for (int nth = 1;; nth += 1 + nth / 40) {
    REQUIRE(nth < kEndless);
    const auto id = "m-" + std::to_string(nth);
    const auto with_little = [&](const auto& step, int& failed) {
      ShortMemory::refuse(nth);
      try {
        step();
      } catch (const std::exception&) {
        ++failed;
      }
      return ShortMemory::heal();
    };
    const bool met = with_little([&] { way.take(id); }, refused);
    REQUIRE_NOTHROW(way.take(id));
    const bool met_again = with_little([&] { way.turn(); }, answered_later);
    way.finish();
    if (!met && !met_again) {
      break;
    }
  }
  CHECK(refused > 0);
  CHECK(answered_later > 0);
  CHECK(way.broken() == "");
}

}  // namespace
