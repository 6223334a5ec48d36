#include <filesystem>
#include <stdexcept>

#include <doctest/doctest.h>

#include "bot/runs/end_write.h"
#include "store/disk_reserve.h"
#include "tests/support/temporary_folder.h"

namespace {

struct Fixture {
  support::TemporaryFolder folder;
  store::Database db{folder.path() / "test.db"};
  store::DiskReserve reserve{db.path()};
  int attempts = 0;
};

TEST_CASE_FIXTURE(Fixture, "the reserve holds 64 MiB beside the database until it is given up") {
  CHECK_FALSE(reserve.give_up());
  REQUIRE(reserve.hold());
  CHECK(reserve.hold());
  CHECK(std::filesystem::file_size(folder.path() / "test.db.reserve") == store::DiskReserve::kBytes);
  CHECK(reserve.give_up());
  CHECK_FALSE(std::filesystem::exists(folder.path() / "test.db.reserve"));
}

TEST_CASE_FIXTURE(Fixture, "the end of a run is tried until it is written, the reserve given up first") {
  REQUIRE(reserve.hold());
  bot::runs::write_the_end(db, "it", {}, [&] {
    if (++attempts == 1) {
      CHECK(std::filesystem::exists(folder.path() / "test.db.reserve"));
      throw std::runtime_error("database or disk is full");
    }
    CHECK_FALSE(std::filesystem::exists(folder.path() / "test.db.reserve"));
    if (attempts == 2) {
      throw std::runtime_error("database or disk is full");
    }
  });
  CHECK(attempts == 3);
}

TEST_CASE_FIXTURE(Fixture, "what cannot be written when the program ends is thrown") {
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(bot::runs::write_the_end(db, "it", stop.get_token(),
                                           [&] {
                                             ++attempts;
                                             throw std::runtime_error("database or disk is full");
                                           }),
                  std::runtime_error);
  CHECK(attempts == 1);
}

}  // namespace
