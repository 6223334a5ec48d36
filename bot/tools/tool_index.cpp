#include "bot/tools/tool_index.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace bot::tools {
namespace {

constexpr float kOfName = 3;
constexpr std::size_t kShortestWord = 3;
/// Of a long message the beginning says enough.
constexpr std::size_t kMostText = 2'000;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_of_word(char c) {
  return is_lower(c) || is_upper(c) || (c >= '0' && c <= '9') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// Lower-case words, "readFile" being two, without the s of a plural.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (word.size() > kShortestWord && word.back() == 's') {
      word.pop_back();
    }
    if (word.size() >= kShortestWord) {
      words.push_back(word);
    }
    word.clear();
  };
  char before = ' ';
  for (const char c : text) {
    if (!is_of_word(c) || (is_upper(c) && is_lower(before))) {
      end_word();
    }
    if (is_of_word(c)) {
      word += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    }
    before = c;
  }
  end_word();
  return words;
}

}  // namespace

ToolIndex::ToolIndex(const std::string& server, const std::vector<llm::mcp::Tool>& tools)
    : size_(tools.size()) {
  for (std::size_t at = 0; at < tools.size(); ++at) {
    std::map<std::string, float> weight_of;
    for (const auto& word : words_of(tools[at].description)) {
      weight_of[word] = 1;
    }
    for (const auto& word : words_of(server + " " + tools[at].name)) {
      weight_of[word] = kOfName;
    }
    for (const auto& [word, weight] : weight_of) {
      weights_[word].emplace_back(static_cast<std::uint32_t>(at), weight);
    }
  }
  for (auto& [word, weights] : weights_) {
    const auto rareness =
        std::log(1.0F + static_cast<float>(tools.size()) / static_cast<float>(weights.size()));
    for (auto& [at, weight] : weights) {
      weight *= rareness;
    }
  }
}

std::vector<ToolIndex::Hit> ToolIndex::find(std::string_view text) const {
  std::vector<float> scores(size_, 0);
  auto words = words_of(text.substr(0, kMostText));
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  for (const auto& word : words) {
    if (const auto found = weights_.find(word); found != weights_.end()) {
      for (const auto& [at, weight] : found->second) {
        scores[at] += weight;
      }
    }
  }
  std::vector<Hit> hits;
  for (std::size_t at = 0; at < size_; ++at) {
    if (scores[at] > 0) {
      hits.push_back({at, scores[at]});
    }
  }
  return hits;
}

}  // namespace bot::tools
