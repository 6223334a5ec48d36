#include "router/scoring/features.h"

#include <algorithm>
#include <limits>
#include <set>

#include "router/scoring/concepts.h"
#include "router/scoring/words.h"

namespace router {
namespace {

/// A text with more words says for itself what is wanted.
constexpr std::size_t kShort = 8;
constexpr std::size_t kReplyWords = 3;
constexpr std::size_t kOpeningWords = 3;
constexpr std::size_t kMostPoliteWords = 12;
constexpr std::uint16_t kWholeText = std::numeric_limits<std::uint16_t>::max();

/// FNV-1a, 64 bits, with the finalizer of MurmurHash3 behind it, since the upper bits are used.
class Hash {
 public:
  explicit Hash(FeatureGroup group) { add(static_cast<char>('A' + static_cast<int>(group))); }

  Hash& add(char c) {
    state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return *this;
  }
  Hash& add(std::string_view text) {
    for (const char c : text) {
      add(c);
    }
    return add('\x1f');
  }

  std::uint32_t index() const {
    auto h = state_;
    h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCDULL;
    h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53ULL;
    return static_cast<std::uint32_t>((h ^ (h >> 33)) >> (64 - kWeightBits));
  }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325ULL;
};

/// What people say before they come to the point.
const std::set<std::string, std::less<>>& polite_words() {
  static const std::set<std::string, std::less<>> words = {
      "um",       "uh",     "so",         "yeah",    "hey",      "hi",      "hello",  "ok",     "okay",
      "well",     "right",  "please",     "pls",     "plz",      "can",     "could",  "would",  "will",
      "you",      "u",      "i",          "id",      "ill",      "we",      "wed",    "need",   "want",
      "like",     "to",     "just",       "also",    "and",      "then",    "now",    "oh",     "the",
      "a",        "kindly", "maybe",      "perhaps", "good",     "morning", "thanks", "for",    "me",
      "us",       "lets",   "let",        "im",      "gonna",    "wanna",   "got",    "have",   "do",
      "is",       "it",     "thing",      "be",      "great",    "if",      "there",  "lovely", "nice",
      "someone",  "bitte",  "mal",        "kannst",  "könntest", "könnten", "sie",    "du",     "mir",
      "ich",      "hallo",  "also",       "noch",    "s'il",     "te",      "plaît",  "peux",   "tu",
      "pourrais", "vous",   "puedes",     "podrías", "por",      "favor",   "hola",   "puoi",   "potresti",
      "per",      "favore", "ciao",       "pode",    "você",     "kun",     "je",     "kan",    "wil",
      "even",     "zou",    "пожалуйста", "можешь",  "мне",      "proszę",  "możesz", "lütfen", "bana",
      "من",       "فضلك"};
  return words;
}

std::vector<Feature>& group(Features& features, FeatureGroup which) {
  return features.groups.at(static_cast<std::size_t>(which));
}

std::uint16_t position(std::size_t word) {
  return static_cast<std::uint16_t>(std::min<std::size_t>(word, kWholeText - 1));
}

void add_words(Features& features, const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto add = [&](FeatureGroup which, std::size_t other, const Hash& hash) {
      group(features, which).push_back({hash.index(), position(i), position(other)});
    };
    add(FeatureGroup::word, i, Hash(FeatureGroup::word).add(words[i]));
    if (i + 1 < words.size()) {
      add(FeatureGroup::word_pair, i + 1, Hash(FeatureGroup::word_pair).add(words[i]).add(words[i + 1]));
    }
    for (std::size_t other = i + 2; other <= i + 4 && other < words.size(); ++other) {
      add(FeatureGroup::near_pair, other, Hash(FeatureGroup::near_pair).add(words[i]).add(words[other]));
    }
  }
}

void add_letters(Features& features, const std::vector<std::string>& words) {
  auto& letters = group(features, FeatureGroup::letters);
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = "_" + words[i] + "_";
    starts.clear();
    for (std::size_t at = 0; at < word.size(); ++at) {
      if ((static_cast<unsigned char>(word[at]) & 0xC0) != 0x80) {
        starts.push_back(at);
      }
    }
    starts.push_back(word.size());
    for (std::size_t from = 0; from + 3 < starts.size(); ++from) {
      for (std::size_t length = 3; length <= 5 && from + length < starts.size(); ++length) {
        const auto run = std::string_view(word).substr(starts[from], starts[from + length] - starts[from]);
        letters.push_back({Hash(FeatureGroup::letters).add(run).index(), position(i), position(i)});
      }
    }
  }
}

void add_opening(Features& features, const std::vector<std::string>& words) {
  std::size_t first = 0;
  while (first < words.size() && first < kMostPoliteWords && polite_words().contains(words[first])) {
    ++first;
  }
  if (first == words.size()) {
    first = 0;
  }
  auto& opening = group(features, FeatureGroup::opening);
  for (std::size_t i = first; i < words.size() && i < first + kOpeningWords; ++i) {
    opening.push_back({Hash(FeatureGroup::opening).add(words[i]).index(), position(i), position(i)});
    const auto place = static_cast<char>('0' + (i - first));
    opening.push_back(
        {Hash(FeatureGroup::opening).add(place).add(words[i]).index(), position(i), position(i)});
  }
}

void add_meaning(Features& features, const std::vector<std::string>& words) {
  const auto& concepts = Concepts::built_in();
  const auto found = concepts.in(words);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& name = concepts.name(found[i].concept_id);
    group(features, FeatureGroup::meaning)
        .push_back({Hash(FeatureGroup::meaning).add(name).index(), found[i].first, found[i].last});
    const auto& before = i == 0 ? std::string() : concepts.name(found[i - 1].concept_id);
    group(features, FeatureGroup::meaning_pair)
        .push_back({Hash(FeatureGroup::meaning_pair).add(before).add(name).index(),
                    i == 0 ? found[i].first : found[i - 1].first, found[i].last});
  }
}

/// In which half of "this, or that" a word stands; 0 where there is no "or".
std::size_t middle(const std::vector<std::string>& words) {
  static const std::set<std::string, std::less<>> kOr = {"or",  "oder", "ou",  "o",    "of", "eller",
                                                         "или", "czy",  "lub", "veya", "أو", "या"};
  const auto at = std::find_if(words.rbegin(), words.rend(), [](const auto& w) { return kOr.contains(w); });
  return at == words.rend() ? 0 : static_cast<std::size_t>(words.rend() - at);
}

/// The thread, where the text alone may mean anything: "yes", "the other one too".
void add_thread(Features& features, const ScoredText& text) {
  const auto asked = words_of(text.assistant_before);
  const auto half = middle(asked);
  const auto add = [&](FeatureGroup which, const Hash& hash) {
    group(features, which).push_back({hash.index(), kWholeText, kWholeText});
  };
  for (std::size_t i = 0; i < asked.size(); ++i) {
    add(FeatureGroup::asked, Hash(FeatureGroup::asked).add(asked[i]));
    if (i + 1 < asked.size()) {
      add(FeatureGroup::asked_pair, Hash(FeatureGroup::asked_pair).add(asked[i]).add(asked[i + 1]));
    }
    for (std::size_t word = 0; word < features.words.size() && word < kReplyWords; ++word) {
      add(FeatureGroup::reply,
          Hash(FeatureGroup::reply).add(i < half ? '1' : '2').add(features.words[word]).add(asked[i]));
    }
  }
  const auto& concepts = Concepts::built_in();
  for (const auto& found : concepts.in(asked)) {
    add(FeatureGroup::asked_meaning, Hash(FeatureGroup::asked_meaning).add(concepts.name(found.concept_id)));
  }
  for (const auto& word : words_of(text.user_before)) {
    add(FeatureGroup::said, Hash(FeatureGroup::said).add(word));
  }
}

}  // namespace

Features features_of(const ScoredText& text) {
  Features features;
  features.words = words_of(text.text);
  add_words(features, features.words);
  add_letters(features, features.words);
  add_opening(features, features.words);
  add_meaning(features, features.words);
  if (features.words.size() <= kShort && !(text.assistant_before.empty() && text.user_before.empty())) {
    add_thread(features, text);
  }
  return features;
}

std::string pack(const Features& features) {
  // Each group: its size in three bytes, then three bytes for each index; the least significant first.
  std::string packed;
  const auto add = [&](std::size_t number) {
    for (int shift = 0; shift < 24; shift += 8) {
      packed.push_back(static_cast<char>((number >> shift) & 0xFF));
    }
  };
  for (const auto& in_group : features.groups) {
    add(in_group.size());
    for (const auto& feature : in_group) {
      add(feature.index);
    }
  }
  return packed;
}

Features unpack(std::string_view packed) {
  Features features;
  std::size_t at = 0;
  const auto take = [&] {
    std::size_t number = 0;
    for (int shift = 0; shift < 24; shift += 8) {
      number |= std::size_t{static_cast<unsigned char>(packed[at++])} << shift;
    }
    return number;
  };
  for (auto& in_group : features.groups) {
    if (packed.size() - at < 3) {
      return {};
    }
    const auto count = take();
    if ((packed.size() - at) / 3 < count) {
      return {};
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto index = take();
      if (index >= kWeightCount) {
        return {};
      }
      in_group.push_back({static_cast<std::uint32_t>(index), kWholeText, kWholeText});
    }
  }
  return at == packed.size() ? features : Features();
}

}  // namespace router
