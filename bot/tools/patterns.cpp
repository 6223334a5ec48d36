#include "bot/tools/patterns.h"

#include <algorithm>

#include "base/crypto.h"

namespace bot::tools {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kDigits = 8;

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  auto star = std::string_view::npos;
  std::size_t after_star = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++after_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return matches(pattern, name); });
}

std::string shown_name(std::string_view server, std::string_view tool) {
  const auto whole = std::string(server) + "__" + std::string(tool);
  auto name = whole;
  for (auto& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    c = plain ? c : '_';
  }
  if (name.size() > kLongestName) {
    name.resize(kLongestName - kDigits - 1);
    name += "_" + base::to_hex(base::sha256(whole)).substr(0, kDigits);
  }
  return name;
}

}  // namespace bot::tools
