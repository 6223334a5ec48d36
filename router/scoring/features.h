#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace router {

/// What is scored of a turn: the sender's own words, and the two messages before them.
struct ScoredText {
  std::string text;
  std::string assistant_before = {};  ///< the bot's last message in the thread
  std::string user_before = {};       ///< the person's message before this one
};

/// The number of weights; a feature's index is its hash, so two features may share one.
inline constexpr std::size_t kWeightBits = 18;
inline constexpr std::size_t kWeightCount = std::size_t{1} << kWeightBits;

/// The kinds of features. The order is part of what the log stores: new ones go to the end.
enum class FeatureGroup : std::uint8_t {
  word,
  word_pair,     ///< neighbours
  near_pair,     ///< two words with one to three others between them
  letters,       ///< three to five letters in a row within a word
  opening,       ///< the first words behind polite ones
  asked,         ///< of a short text: words of the bot's message before it
  asked_pair,    ///< and their neighbours
  said,          ///< of a short text: words of the person's message before it
  reply,         ///< of a short text: each of its words with each half of what was asked
  meaning,       ///< concepts, which several languages share (concepts.h)
  meaning_pair,  ///< one and the next
  asked_meaning  ///< of a short text: concepts in the bot's message before it
};
inline constexpr std::size_t kFeatureGroups = 12;

struct Feature {
  std::uint32_t index = 0;  ///< below kWeightCount
  std::uint16_t first = 0;  ///< the words of the text that it stands for, or the whole text
  std::uint16_t last = 0;
};

/// A turn as the scorer sees it.
struct Features {
  std::array<std::vector<Feature>, kFeatureGroups> groups;
  std::vector<std::string> words;  ///< of the text
};

/// Pure; microseconds for a usual message, since nothing but the text's two ends is read.
Features features_of(const ScoredText& text);

/// The indexes alone, for the log, and back; the words are not kept. A text that no version wrote gives no
/// features.
std::string pack(const Features& features);
Features unpack(std::string_view packed);

}  // namespace router
