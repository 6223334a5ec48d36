#pragma once

#include <cstdio>
#include <fstream>
#include <string>

#include <unistd.h>

namespace bench {

/// Seconds of CPU that a process has had.
inline double cpu_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  long user = 0, system = 0;
  std::sscanf(line.substr(line.rfind(')') + 2).c_str(), "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld",
              &user, &system);
  return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// MiB that it holds: all of it ("VmRSS"), or of its own alone, without the pages of files ("RssAnon").
inline double memory_of(int pid, const std::string& what = "VmRSS") {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what + ":")) {
      return std::stod(line.substr(what.size() + 1)) / 1024;
    }
  }
  return 0;
}

}  // namespace bench
