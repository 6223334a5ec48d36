#include "bot/tools/patterns.h"

#include <algorithm>
#include <array>

#include "base/crypto.h"

namespace bot::tools {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kDigits = 8;
constexpr std::array<std::string_view, 11> kReadingWords = {
    "list", "get", "search", "read", "find", "fetch", "query", "show", "describe", "check", "count"};

std::string plain_name(std::string_view server, std::string_view tool) {
  auto name = std::string(server) + "__" + std::string(tool);
  for (auto& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    c = plain ? c : '_';
  }
  return name;
}

/// In lower case: "list", "my", "events" of "listMyEvents" and of "list-my_events".
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  bool goes_on = false;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (upper || (lower && !goes_on)) {
      words.emplace_back();
    }
    if (upper || lower) {
      words.back() += static_cast<char>(upper ? c - 'A' + 'a' : c);
    }
    goes_on = upper || lower;
  }
  return words;
}

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
  auto name = plain_name(server, tool);
  return name.size() > kLongestName ? shown_name_with_digits(server, tool) : name;
}

std::string shown_name_with_digits(std::string_view server, std::string_view tool) {
  const auto whole = std::string(server) + "__" + std::string(tool);
  return plain_name(server, tool).substr(0, kLongestName - kDigits - 1) + "_" +
         base::to_hex(base::sha256(whole)).substr(0, kDigits);
}

bool is_named_as_reading(std::string_view tool) {
  const auto words = words_of(tool);
  const auto is_one_of = [](const auto& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
  };
  // "find_and_replace", "getOrCreate"
  return !words.empty() && is_one_of(kReadingWords, words.front()) && !is_one_of(words, "and") &&
         !is_one_of(words, "or");
}

}  // namespace bot::tools
