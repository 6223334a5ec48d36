#include "base/memory.h"

#include <doctest/doctest.h>

#include "tests/support/temporary_folder.h"

TEST_CASE("the memory that is left is the machine's or the control group's, whichever is less") {
  const support::TemporaryFolder root;
  CHECK_FALSE(base::available_memory(root.path()));
  root.write("proc/meminfo", "MemTotal:  900 kB\nMemAvailable:    800 kB\n");
  CHECK(base::available_memory(root.path()) == 800 * 1024);
  root.write("proc/self/cgroup", "1:name=x:/\n0::/system.slice/frontdesk.service\n");
  CHECK(base::available_memory(root.path()) == 800 * 1024);
  root.write("sys/fs/cgroup/system.slice/frontdesk.service/memory.max", "max\n");
  root.write("sys/fs/cgroup/system.slice/frontdesk.service/memory.current", "5000\n");
  CHECK(base::available_memory(root.path()) == 800 * 1024);
  root.write("sys/fs/cgroup/system.slice/memory.max", "10000\n");
  root.write("sys/fs/cgroup/system.slice/memory.current", "6000\n");
  root.write("sys/fs/cgroup/system.slice/memory.stat", "anon 1\ninactive_file 1000\n");
  CHECK(base::available_memory(root.path()) == 5000);
  root.write("sys/fs/cgroup/system.slice/memory.current", "60000\n");
  CHECK(base::available_memory(root.path()) == 0);
  CHECK(base::available_memory().value_or(0) > 1024 * 1024);
}
