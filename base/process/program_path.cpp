#include "base/process/program_path.h"

#include <cstdlib>
#include <sstream>

#include <unistd.h>

namespace base {

std::optional<std::string> find_program(const std::string& command, const std::string& search_path) {
  const auto executable = [](const std::string& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (command.find('/') != std::string::npos) {
    return executable(command) ? std::optional(command) : std::nullopt;
  }
  std::istringstream folders(search_path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (const auto path = folder + "/" + command; !folder.empty() && executable(path)) {
      return path;
    }
  }
  return std::nullopt;
}

std::optional<std::string> find_program(const std::string& command) {
  const char* path = std::getenv("PATH");
  return find_program(command, path != nullptr ? path : "");
}

}  // namespace base
