#include "base/process/program_path.h"

#include <algorithm>
#include <cstdlib>

#include <unistd.h>

namespace base {

std::optional<std::string> find_program(const std::string& command, const std::string& search_path) {
  const auto executable = [](const std::string& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (command.find('/') != std::string::npos) {
    return executable(command) ? std::optional(command) : std::nullopt;
  }
  for (std::size_t begin = 0; begin < search_path.size();) {
    const auto end = std::min(search_path.find(':', begin), search_path.size());
    if (auto path = search_path.substr(begin, end - begin) + "/" + command; begin < end && executable(path)) {
      return path;
    }
    begin = end + 1;
  }
  return std::nullopt;
}

std::optional<std::string> find_program(const std::string& command) {
  const char* path = std::getenv("PATH");
  return find_program(command, path != nullptr ? path : "");
}

}  // namespace base
