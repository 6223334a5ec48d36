#include "bot/runtime/changed_keys.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace bot::runtime {
namespace {

/// Of a chat section what stands in Policy; the rest is read by its platform at the start.
constexpr std::array<std::string_view, 8> kReloadedOfChat = {
    "access", "allow", "group_allow", "groups", "approvers", "admins", "repair_buttons", "max_waiting"};

bool is_reloaded(const std::string& path) {
  if (path.starts_with("routing.") || path.starts_with("budget.") || path.starts_with("admin.")) {
    return true;
  }
  // A section's name may hold dots, but then it is quoted, and no key does.
  const auto key = std::string_view(path).substr(path.rfind('.') + 1);
  if (path.starts_with("mcp_servers.") && std::count(path.begin(), path.end(), '.') == 2) {
    return key == "people" || key == "places";
  }
  return path.starts_with("chat.") &&
         std::find(kReloadedOfChat.begin(), kReloadedOfChat.end(), key) != kReloadedOfChat.end();
}

}  // namespace

std::vector<std::string> keys_that_wait(const config::Values& running, const config::Values& now) {
  std::set<std::string> paths;
  for (const auto* values : {&running, &now}) {
    for (const auto& [path, value] : *values) {
      paths.insert(path);
    }
  }
  std::vector<std::string> waiting;
  for (const auto& path : paths) {
    const auto before = running.find(path);
    const auto after = now.find(path);
    const bool same = before != running.end() && after != now.end() && before->second == after->second;
    if (!same && !is_reloaded(path)) {
      waiting.push_back(path);
    }
  }
  return waiting;
}

}  // namespace bot::runtime
