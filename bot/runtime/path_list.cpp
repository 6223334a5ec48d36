#include "bot/runtime/path_list.h"

#include "base/file.h"

namespace bot::runtime {

namespace fs = std::filesystem;

std::vector<fs::path> read_paths(config::Section& section, const char* key) {
  std::vector<fs::path> paths;
  for (const auto& path : section.strings(key, {})) {
    if (path.empty()) {
      section.fail(key, "has an empty path");
    }
    paths.push_back(fs::absolute(base::expand_home(path)));
  }
  return paths;
}

}  // namespace bot::runtime
