#include "bot/tools/tool_index.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

namespace bot::tools {
namespace {

constexpr float kOfName = 3;
/// What a thing counts that a tool and the words are about, and what is done with it. A description speaks of
/// more than the tool is for.
constexpr float kOfThing = 6;
constexpr float kOfDeed = 3;
constexpr float kInDescription = 0.25F;
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

/// Words that stand in every description and every message.
bool is_common(const std::string& word) {
  static const std::unordered_set<std::string> common = {
      "the", "and",  "for",   "from",  "that",  "this", "with", "what",  "which", "when", "who",
      "how", "you",  "your",  "are",   "was",   "will", "can",  "could", "would", "all",  "any",
      "not", "but",  "about", "into",  "one",   "two",  "has",  "have",  "had",   "his",  "her",
      "him", "she",  "they",  "them",  "there", "then", "than", "its",   "our",   "let",  "please",
      "use", "used", "using", "other", "more",  "also", "only", "out"};
  return common.contains(word);
}

}  // namespace

ToolIndex::ToolIndex(const std::string& server, const std::vector<llm::mcp::Tool>& tools) {
  for (std::size_t at = 0; at < tools.size(); ++at) {
    std::map<std::string, float> weight_of;
    const auto described = words_of(tools[at].description);
    const auto named = words_of(server + " " + tools[at].name);
    auto& senses = senses_.emplace_back(senses_of(named));
    std::ranges::transform(senses, senses_of(described), senses.begin(),
                           [](float of_name, float of_description) {
                             return std::max(of_name, kInDescription * of_description);
                           });
    for (const auto& word : described) {
      weight_of[word] = 1;
    }
    for (const auto& word : named) {
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

ToolIndex::Query::Query(std::string_view text) : words(words_of(text.substr(0, kMostText))) {
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  senses = senses_of_text(text.substr(0, kMostText), words);
  std::erase_if(words, is_common);
}

std::vector<ToolIndex::Hit> ToolIndex::find(const Query& query) const {
  std::vector<float> scores;
  scores.reserve(senses_.size());
  for (const auto& senses : senses_) {
    float score = 0;
    for (std::size_t i = 0; i < kSenses; ++i) {
      score += (i < kThings ? kOfThing : kOfDeed) * senses[i] * query.senses[i];
    }
    scores.push_back(score);
  }
  for (const auto& word : query.words) {
    if (const auto found = weights_.find(word); found != weights_.end()) {
      for (const auto& [at, weight] : found->second) {
        scores[at] += weight;
      }
    }
  }
  std::vector<Hit> hits;
  for (std::size_t at = 0; at < scores.size(); ++at) {
    if (scores[at] > 0) {
      hits.push_back({at, scores[at]});
    }
  }
  return hits;
}

}  // namespace bot::tools
