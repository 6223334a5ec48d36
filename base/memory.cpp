#include "base/memory.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace base {
namespace {

namespace fs = std::filesystem;

/// The number after `key` in a file of lines "KEY VALUE …".
std::optional<std::uint64_t> value_of(const fs::path& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t value = 0;
    if (words >> name >> value && name == key) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? std::optional(value) : std::nullopt;
}

/// What this process's control group, or one above it, has left (Linux's cgroup-v2.rst, memory.max; a file of
/// "max" is no limit). Page cache that can be dropped does not count as used.
std::optional<std::uint64_t> left_in_group(const fs::path& root) {
  std::ifstream file(root / "proc/self/cgroup");
  std::string line;
  while (std::getline(file, line) && !line.starts_with("0::/")) {
  }
  if (!line.starts_with("0::/")) {
    return std::nullopt;
  }
  const auto top = root / "sys/fs/cgroup";
  std::optional<std::uint64_t> left;
  for (auto group = (top / line.substr(4)).lexically_normal();; group = group.parent_path()) {
    const auto limit = number_in(group / "memory.max");
    const auto used = number_in(group / "memory.current");
    if (limit && used) {
      const auto cache = value_of(group / "memory.stat", "inactive_file").value_or(0);
      const auto in_use = *used - std::min(*used, cache);
      const auto here = *limit - std::min(*limit, in_use);
      left = std::min(left.value_or(here), here);
    }
    if (group == top || !group.has_relative_path() || group.string().size() <= top.string().size()) {
      return left;
    }
  }
}

}  // namespace

std::optional<std::uint64_t> available_memory(const fs::path& root) {
  auto available = value_of(root / "proc/meminfo", "MemAvailable:");
  if (available) {
    *available *= 1024;
  }
  const auto left = left_in_group(root);
  return available && left ? std::min(*available, *left) : (available ? available : left);
}

}  // namespace base
