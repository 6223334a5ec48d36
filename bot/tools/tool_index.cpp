#include "bot/tools/tool_index.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <unordered_set>
#include <utility>

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

/// Lower-case words, "readFile" being two, without the s of a plural; short ones only where they are numbers,
/// and these alone where they are wanted: in names they tell tools apart, in descriptions they are anything.
std::vector<std::string> words_of(std::string_view text, bool with_numbers = true) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (word.size() > kShortestWord && word.back() == 's') {
      word.pop_back();
    }
    const bool is_number =
        with_numbers && !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
    if (word.size() >= kShortestWord || is_number) {
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

std::uint64_t hash_of(const std::string& word) {
  return std::hash<std::string>()(word);
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

ToolIndex::ToolIndex(const std::string& server, const std::vector<const llm::mcp::Tool*>& tools) {
  std::map<std::string, std::vector<std::pair<std::uint32_t, float>>> weights;
  std::size_t count = 0;
  for (std::size_t at = 0; at < tools.size(); ++at) {
    std::map<std::string, float> weight_of;
    const auto described = words_of(tools[at]->description, false);
    const auto named = words_of(server + " " + tools[at]->name);
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
      weights[word].emplace_back(static_cast<std::uint32_t>(at), weight);
      ++count;
    }
  }
  weights_.reserve(count);
  for (const auto& [word, of_tools] : weights) {
    const auto rareness =
        std::log(1.0F + static_cast<float>(tools.size()) / static_cast<float>(of_tools.size()));
    for (const auto& [at, weight] : of_tools) {
      weights_.push_back({hash_of(word), at, weight * rareness});
    }
  }
  std::ranges::sort(weights_, {}, &Weight::word);
  senses_.shrink_to_fit();
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
    const auto hash = hash_of(word);
    for (auto found = std::ranges::lower_bound(weights_, hash, {}, &Weight::word);
         found != weights_.end() && found->word == hash; ++found) {
      scores[found->at] += found->weight;
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
