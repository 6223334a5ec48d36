#pragma once

#include <string>
#include <vector>

namespace support {

struct Spawn {
  std::vector<std::string> argv;         ///< the first is a path
  std::vector<std::string> environment;  ///< "NAME=value", and nothing else
  std::string folder = ".";              ///< where it runs
  int input = -1;                        ///< descriptors of this process; -1: its own
  int output = -1;
  int errors = -1;
};

/// Starts a child that the kernel ends with this process, however that ends. Returns its pid, which the
/// caller waits for; throws std::runtime_error where there is no process left. What cannot be executed ends
/// with status 127.
int spawn(Spawn what);

}  // namespace support
