#include "base/held_folder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using base::HeldFolder;

struct Fixture {
  support::TemporaryFolder folder;
  fs::path place = folder.path() / "place";
  fs::path outside = folder.write("outside.txt", "outside");
  HeldFolder held = make();

  HeldFolder make() const {
    fs::create_directories(place);
    auto opened = HeldFolder::open(place);
    REQUIRE(opened);
    return *std::move(opened);
  }
};

TEST_CASE_FIXTURE(Fixture, "a held folder reads regular files alone, of at most the size that is allowed") {
  held.write("a.txt", "four");
  CHECK(held.read("a.txt", 4) == "four");
  CHECK_FALSE(held.read("a.txt", 3));
  CHECK(held.read_head("a.txt", 3) == "fou");
  CHECK_FALSE(held.read("missing", 10));
  fs::create_symlink(outside, place / "link");
  CHECK_FALSE(held.read("link", 100));
  CHECK_FALSE(held.read_head("link", 100));
  fs::create_directories(place / "folder");
  CHECK_FALSE(held.read("folder", 100));
  REQUIRE(::mkfifo((place / "pipe").c_str(), 0600) == 0);
  CHECK_FALSE(held.read("pipe", 100));  // a plain open() would wait for a writer
  CHECK_FALSE(base::read_regular_file(place / "pipe", 100));
  CHECK(held.has("pipe"));
  CHECK_FALSE(held.has_file("pipe"));
}

TEST_CASE_FIXTURE(Fixture, "of a file of holes nothing is read beyond the limit") {
  held.write("holes", "");
  REQUIRE(::truncate((place / "holes").c_str(), 1LL << 40) == 0);
  CHECK_FALSE(held.read("holes", 1024));
  CHECK(held.read_head("holes", 1024)->size() == 1024);
}

TEST_CASE_FIXTURE(Fixture, "what becomes of its path leads a held folder nowhere else") {
  held.write("a.txt", "before");
  fs::rename(place, folder.path() / "moved");
  fs::create_directories(folder.path() / "trap");
  fs::create_directory_symlink(folder.path() / "trap", place);
  held.write("a.txt", "after");
  CHECK(held.read("a.txt", 100) == "after");
  CHECK(fs::is_empty(folder.path() / "trap"));
  CHECK(fs::exists(folder.path() / "moved/a.txt"));
  CHECK_FALSE(HeldFolder::open(place));
  CHECK(HeldFolder::open(held.path_of("x").parent_path())->read("a.txt", 100) == "after");
}

TEST_CASE_FIXTURE(Fixture, "a held folder writes in place of a link, not through it") {
  fs::create_symlink(outside, place / "a.txt");
  CHECK_FALSE(held.open_to_add("a.txt").valid());
  held.write("a.txt", "mine");
  CHECK(base::read_file(outside) == "outside");
  CHECK(held.read("a.txt", 100) == "mine");
  fs::create_directory_symlink(folder.path(), place / "sub");
  CHECK_FALSE(held.folder("sub"));
  CHECK_THROWS_AS(held.make("sub"), std::system_error);
}

TEST_CASE_FIXTURE(Fixture, "a folder that was removed takes no files") {
  fs::remove_all(place);
  CHECK_THROWS_AS(held.write("a.txt", "x"), std::system_error);
  CHECK(held.names(10).empty());
  CHECK_FALSE(held.read("a.txt", 10));
}

}  // namespace
