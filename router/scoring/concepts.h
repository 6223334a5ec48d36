#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace router {

/// What words of several languages have in common: "remind", "erinnere" and "提醒" are one concept, so that
/// what was learnt in one language holds in another. Immutable; thread rule: any thread.
class Concepts {
 public:
  /// The lexicon that the program was built with, router/scoring/concepts.txt.
  static const Concepts& built_in();

  /// One concept a line, `name | language: word stem* two_words | …`, each word as words_of() gives it, so
  /// that reading the lexicon costs little: folded, and a character of Chinese or Japanese is a word (提_醒).
  /// A `*` matches every word that begins so. What cannot be read is passed over.
  explicit Concepts(std::string_view lexicon);

  struct Found {
    std::uint16_t concept_id = 0;
    std::uint16_t first = 0;  ///< the words that it stands for
    std::uint16_t last = 0;
  };
  /// The concepts in words_of() a text, in their order; where several begin at a word, the longest one.
  std::vector<Found> in(const std::vector<std::string>& words) const;

  const std::string& name(std::uint16_t concept_id) const { return names_.at(concept_id); }
  std::size_t size() const { return names_.size(); }

 private:
  struct Entry {
    std::vector<std::string> words;
    bool stem = false;  ///< the last word may go on
    std::uint16_t concept_id = 0;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <typename Value>
  using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

  void add(std::string_view word, std::uint16_t concept_id);

  std::vector<std::string> names_;
  ByText<std::uint16_t> words_;
  ByText<std::uint16_t> stems_;
  ByText<std::vector<Entry>> expressions_;  ///< of several words, by the first
};

}  // namespace router
