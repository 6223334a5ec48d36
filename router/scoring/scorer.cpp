#include "router/scoring/scorer.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "router/scoring/built_in_data.h"

namespace router {
namespace {

/// In tenths, in the order of FeatureGroup.
constexpr std::array<std::int64_t, kFeatureGroups> kGroupWeights = {10, 7, 5, 10, 5, 7, 5, 4, 7, 10, 7, 7};
/// z is scale * sum / 2^kScaleShift.
constexpr int kScaleShift = 24;

constexpr std::size_t kShortestSalad = 5;
constexpr std::size_t kMostLeftOut = 12;
constexpr std::size_t kLeastKept = 4;

/// Words that connect others, in the languages that are written with Latin letters.
bool is_small_word(const std::string& word) {
  static const std::set<std::string, std::less<>> kSmall = {
      "a",    "an",   "the",  "to",    "of",   "in",   "on",    "at",   "for",  "and",   "or",    "is",
      "it",   "its",  "i",    "me",    "my",   "you",  "your",  "we",   "us",   "our",   "this",  "that",
      "with", "from", "by",   "be",    "are",  "was",  "he",    "she",  "his",  "her",   "they",  "them",
      "do",   "does", "so",   "as",    "if",   "but",  "not",   "no",   "can",  "could", "would", "will",
      "have", "has",  "what", "when",  "how",  "who",  "there", "up",   "der",  "die",   "das",   "den",
      "dem",  "ein",  "eine", "einen", "und",  "oder", "ist",   "im",   "am",   "auf",   "zu",    "zum",
      "von",  "mit",  "für",  "ich",   "du",   "wir",  "sie",   "mir",  "mich", "uns",   "nicht", "bitte",
      "de",   "het",  "een",  "en",    "van",  "te",   "op",    "voor", "met",  "ik",    "je",    "we",
      "dat",  "er",   "le",   "la",    "les",  "un",   "une",   "des",  "du",   "et",    "ou",    "à",
      "au",   "dans", "pour", "sur",   "avec", "je",   "tu",    "il",   "on",   "que",   "qui",   "pas",
      "ce",   "ma",   "mon",  "el",    "los",  "las",  "una",   "y",    "o",    "en",    "por",   "para",
      "con",  "que",  "mi",   "se",    "lo",   "al",   "del",   "gli",  "i",    "di",    "da",    "per",
      "che",  "il",   "e",    "non",   "os",   "as",   "um",    "uma",  "do",   "da",    "em",    "no",
      "na",   "com",  "não",  "och",   "att",  "på",   "i",     "en",   "ett",  "som",   "för",   "med",
      "og",   "at",   "det",  "er",    "til",  "jeg",  "w",     "z",    "na",   "do",    "się",   "nie",
      "to",   "jest", "ve",   "bir",   "bu",   "için", "ile",   "mi"};
  return kSmall.contains(word);
}

bool is_latin(const std::string& word) {
  return !word.empty() && word.front() >= 'a' && word.front() <= 'z';
}

/// Whether words [from, to) are words of a language with Latin letters, and nothing connects them.
bool is_salad(const std::vector<std::string>& words, std::size_t from, std::size_t to) {
  for (auto i = from; i < to; ++i) {
    if (is_small_word(words[i]) || !is_latin(words[i])) {
      return false;
    }
  }
  return true;
}

std::int64_t integer_root(std::uint64_t number) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    const auto candidate = root | bit;
    if (candidate * candidate <= number) {
      root = candidate;
    }
  }
  return static_cast<std::int64_t>(root);
}

std::map<std::string, Logit> logits(const nlohmann::json& json) {
  std::map<std::string, Logit> values;
  for (const auto& [name, value] : json.items()) {
    values[name] = value.get<Logit>();
  }
  return values;
}

}  // namespace

std::int64_t group_factor(std::size_t group, std::size_t size) {
  const auto root = [](std::size_t of) { return integer_root(std::uint64_t{of} << 24); };
  // Those of usual texts, each of which is wanted a hundred times for one turn.
  static const auto kRoots = [&] {
    std::array<std::int64_t, 512> roots{};
    for (std::size_t i = 0; i < roots.size(); ++i) {
      roots.at(i) = root(i);
    }
    return roots;
  }();
  // weight * 4096 / sqrt(size)
  return size == 0 ? 0 : (kGroupWeights.at(group) << 24) / (size < kRoots.size() ? kRoots[size] : root(size));
}

const Scorer& Scorer::built_in() {
  static const Scorer scorer{std::string(built_in_weights())};
  return scorer;
}

Scorer::Scorer(std::string bytes) : bytes_(std::move(bytes)) {
  const auto end = bytes_.find('\n');
  if (end == std::string::npos || bytes_.size() - end - 1 != kWeightCount) {
    throw std::runtime_error("these are no weights of the router: the size is wrong");
  }
  const auto header = base::parse_json(std::string_view(bytes_).substr(0, end));
  if (!header || header->value("format", 0) != 1) {
    throw std::runtime_error("these are no weights of the router: the first line cannot be read");
  }
  try {
    scale_ = header->at("scale").get<std::int64_t>();
    bias_ = header->at("bias").get<Logit>();
    for (const auto& [situation, weights] : header->at("fusion").items()) {
      fusion_[situation] = logits(weights);
    }
  } catch (const nlohmann::json::exception&) {
    throw std::runtime_error("these are no weights of the router: scale, bias or fusion is missing");
  }
  weights_ = reinterpret_cast<const std::int8_t*>(bytes_.data()) + end + 1;
  version_ = base::to_hex(base::sha256(bytes_)).substr(0, 12);
}

const std::map<std::string, Logit>& Scorer::fusion(const std::string& situation) const {
  static const std::map<std::string, Logit> kNone;
  const auto at = fusion_.find(situation);
  return at == fusion_.end() ? kNone : at->second;
}

Logit Scorer::weight(std::size_t group, std::size_t size, std::int64_t sum) const {
  return (sum * group_factor(group, size) * scale_) >> kScaleShift;
}

Logit Scorer::without(const Features& features, std::size_t first_kept, std::size_t end_kept) const {
  Logit z = bias_;
  for (std::size_t group = 0; group < kFeatureGroups; ++group) {
    std::int64_t sum = 0;
    std::size_t size = 0;
    for (const auto& feature : features.groups[group]) {
      // What comes from the thread stands for no word; it stays.
      if (feature.first >= first_kept &&
          (feature.last < end_kept || feature.first >= features.words.size())) {
        sum += weights_[feature.index];
        ++size;
      }
    }
    z += weight(group, size, sum);
  }
  return z;
}

Logit Scorer::z(const Features& features) const {
  return without(features, 0, std::max<std::size_t>(features.words.size(), 1));
}

Score Scorer::score(const Features& features) const {
  const auto count = features.words.size();
  Score score;
  score.z = z(features);
  for (std::size_t left_out = 2; left_out <= kMostLeftOut && left_out < count; left_out += 2) {
    const bool is_long = left_out > kShortestSalad;
    const bool salad_before = is_long && is_salad(features.words, 0, left_out);
    const bool salad_behind = is_long && is_salad(features.words, count - left_out, count);
    const bool enough_is_kept = left_out + kLeastKept <= count;
    if (enough_is_kept || salad_before) {
      const auto fall = score.z - without(features, left_out, count);
      score.fragile = enough_is_kept ? std::max(score.fragile, fall) : score.fragile;
      score.salad = salad_before ? std::max(score.salad, fall) : score.salad;
    }
    if (enough_is_kept || salad_behind) {
      const auto fall = score.z - without(features, 0, count - left_out);
      score.fragile = enough_is_kept ? std::max(score.fragile, fall) : score.fragile;
      score.salad = salad_behind ? std::max(score.salad, fall) : score.salad;
    }
  }
  return score;
}

std::vector<WordWeight> Scorer::weightiest(const Features& features, std::size_t most) const {
  // Each word once, and where each place of the text finds its own.
  std::vector<std::string_view> distinct(features.words.begin(), features.words.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<std::size_t> place(features.words.size());
  std::transform(features.words.begin(), features.words.end(), place.begin(), [&](const std::string& word) {
    return static_cast<std::size_t>(std::lower_bound(distinct.begin(), distinct.end(), word) -
                                    distinct.begin());
  });
  std::vector<Logit> moved(distinct.size());
  std::vector<bool> moves(distinct.size());
  for (std::size_t group = 0; group < kFeatureGroups; ++group) {
    const auto& in_group = features.groups[group];
    for (const auto& feature : in_group) {
      if (feature.first >= features.words.size()) {
        continue;
      }
      // A pair's weight is shared by its two words.
      const auto half = weight(group, in_group.size(), weights_[feature.index]) / 2;
      for (const auto at : {place[feature.first], place[feature.last]}) {
        moved[at] += half;
        moves[at] = true;
      }
    }
  }
  std::vector<WordWeight> words;
  for (std::size_t at = 0; at < distinct.size(); ++at) {
    if (moves[at]) {
      words.push_back({std::string(distinct[at]), moved[at]});
    }
  }
  const auto size_of = [](Logit x) { return x < 0 ? -x : x; };
  std::stable_sort(words.begin(), words.end(), [&](const WordWeight& a, const WordWeight& b) {
    return size_of(a.weight) > size_of(b.weight);
  });
  words.resize(std::min(most, words.size()));
  return words;
}

}  // namespace router
