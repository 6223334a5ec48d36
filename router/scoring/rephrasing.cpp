#include "router/scoring/rephrasing.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string>

#include "router/scoring/words.h"

namespace router {
namespace {

/// Fewer words, such as "yes" or "and now?", are said again for other reasons.
constexpr std::size_t kFewestWords = 3;
/// What the longer text may say more, in words for each word of the shorter.
constexpr double kMostMore = 0.75;

std::set<std::string> set_of(std::string_view text) {
  const auto words = words_of(text);
  return {words.begin(), words.end()};
}

/// The numbers of a text in their order, which words_of() does not tell apart.
std::string numbers_of(std::string_view text) {
  std::string numbers;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] >= '0' && text[i] <= '9') {
      numbers += text[i];
    } else if (!numbers.empty() && numbers.back() != ' ') {
      numbers += ' ';
    }
  }
  return numbers;
}

}  // namespace

double word_overlap(std::string_view text, std::string_view before) {
  const auto a = set_of(text);
  const auto b = set_of(before);
  const auto shared = std::count_if(a.begin(), a.end(), [&](const auto& word) { return b.contains(word); });
  return a.empty() || b.empty()
             ? 0
             : static_cast<double>(shared) / std::sqrt(static_cast<double>(a.size() * b.size()));
}

std::size_t word_count(std::string_view text) {
  return words_of(text).size();
}

bool is_rephrasing(std::string_view text, std::string_view before) {
  if (numbers_of(text) != numbers_of(before)) {
    return false;  // what costs least is compared first
  }
  const auto now = set_of(text);
  const auto then = set_of(before);
  const auto& shorter = now.size() < then.size() ? now : then;
  const auto& longer = now.size() < then.size() ? then : now;
  return shorter.size() >= kFewestWords &&
         static_cast<double>(longer.size() - shorter.size()) <=
             kMostMore * static_cast<double>(shorter.size()) &&
         std::includes(longer.begin(), longer.end(), shorter.begin(), shorter.end());
}

}  // namespace router
