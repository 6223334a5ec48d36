#include <filesystem>

#include <doctest/doctest.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "store/durability.h"
#include "tests/support/temporary_folder.h"

namespace {

bool is_tmpfs(const char* path) {
  struct statfs found {};
  return ::statfs(path, &found) == 0 && found.f_type == TMPFS_MAGIC;
}

TEST_CASE("a file system in memory is told from a disk") {
  if (!is_tmpfs("/dev/shm")) {
    MESSAGE("skipped: /dev/shm is no tmpfs here");
    return;
  }
  const auto why = store::why_not_durable("/dev/shm");
  REQUIRE(why);
  CHECK(why->starts_with("is in memory"));
}

TEST_CASE(
    "a folder that is not there or cannot be written is no reason, and nothing is left in one that is") {
  CHECK_FALSE(store::why_not_durable("/nowhere/at/all"));
  const support::TemporaryFolder folder;
  store::why_not_durable(folder.path());
  CHECK(std::filesystem::is_empty(folder.path()));
}

}  // namespace
