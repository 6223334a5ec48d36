#include "base/memory.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <malloc.h>
#include <sys/stat.h>

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

/// This process's control group; empty where there is none of version 2.
fs::path own_group(const fs::path& root) {
  std::ifstream file(root / "proc/self/cgroup");
  std::string line;
  while (std::getline(file, line) && !line.starts_with("0::/")) {
  }
  return line.starts_with("0::/") ? (root / "sys/fs/cgroup" / line.substr(4)).lexically_normal() : fs::path();
}

/// The file that counts kills in this process's control group of version 1, where that one bounds memory
/// (Linux's cgroup-v1/memory.rst); empty where none does.
fs::path kills_of_version_1(const fs::path& root) {
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {  // 4:memory:/user.slice
    const auto names = line.find(':');
    const auto path = names == std::string::npos ? names : line.find(':', names + 1);
    if (path != std::string::npos &&
        (',' + line.substr(names + 1, path - names - 1) + ',').find(",memory,") != std::string::npos) {
      const auto group = fs::path(line.substr(path + 1)).relative_path();
      return (root / "sys/fs/cgroup/memory" / group / "memory.oom_control").lexically_normal();
    }
  }
  return {};
}

/// What this process's control group, or one above it, has left (Linux's cgroup-v2.rst, memory.max; a file of
/// "max" is no limit). Page cache that can be dropped does not count as used.
std::optional<std::uint64_t> left_in_group(const fs::path& root) {
  const auto top = root / "sys/fs/cgroup";
  std::optional<std::uint64_t> left;
  auto group = own_group(root);
  if (group.empty()) {
    return std::nullopt;
  }
  for (;; group = group.parent_path()) {
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

void give_back_freed_memory() {
  ::malloc_trim(0);
}

std::optional<std::string> memory_kills(const fs::path& root) {
  const auto version_2 = own_group(root);
  for (const auto& file :
       {version_2.empty() ? fs::path() : version_2 / "memory.events", kills_of_version_1(root)}) {
    const auto kills = file.empty() ? std::nullopt : value_of(file, "oom_kill");
    const auto group = file.parent_path();
    struct stat facts {};
    if (kills && ::stat(group.c_str(), &facts) == 0) {
      // A group that is made anew counts from zero; it has another number.
      return std::to_string(*kills) + " " + std::to_string(facts.st_ino) + " " + group.string();
    }
  }
  return std::nullopt;
}

bool rose(const std::string& before, const std::string& later) {
  std::istringstream old_words(before);
  std::istringstream new_words(later);
  std::uint64_t old_count = 0;
  std::uint64_t new_count = 0;
  std::string old_group;
  std::string new_group;
  if (!(old_words >> old_count) || !(new_words >> new_count)) {
    return false;
  }
  std::getline(old_words, old_group);
  std::getline(new_words, new_group);
  return old_group == new_group && new_count > old_count;
}

}  // namespace base
