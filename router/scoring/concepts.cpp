#include "router/scoring/concepts.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "router/scoring/built_in_data.h"

namespace router {
namespace {

/// Calls `take` with each part of the text between separators.
void each_part(std::string_view text, char separator, const auto& take) {
  while (true) {
    const auto end = text.find(separator);
    take(base::trim(text.substr(0, end)));
    if (end == std::string_view::npos) {
      return;
    }
    text.remove_prefix(end + 1);
  }
}

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

std::uint16_t position(std::size_t word) {
  return static_cast<std::uint16_t>(
      std::min<std::size_t>(word, std::numeric_limits<std::uint16_t>::max() - 1));
}

}  // namespace

const Concepts& Concepts::built_in() {
  static const Concepts concepts{built_in_concepts()};
  return concepts;
}

Concepts::Concepts(std::string_view lexicon) {
  each_part(lexicon, '\n', [this](std::string_view line) {
    if (line.empty() || line.starts_with('#')) {
      return;
    }
    std::optional<std::uint16_t> concept_id;
    each_part(line, '|', [&](std::string_view field) {
      if (!concept_id) {
        concept_id = static_cast<std::uint16_t>(names_.size());
        names_.emplace_back(field);
        return;
      }
      const auto colon = field.find(':');
      if (colon != std::string_view::npos) {
        each_part(field.substr(colon + 1), ' ', [&](std::string_view word) { add(word, *concept_id); });
      }
    });
  });
}

void Concepts::add(std::string_view word, std::uint16_t concept_id) {
  const bool stem = word.ends_with('*');
  if (stem) {
    word.remove_suffix(1);
  }
  std::vector<std::string> words;
  each_part(word, '_', [&](std::string_view part) { words.emplace_back(part); });
  if (words.front().empty()) {
    return;
  }
  if (words.size() > 1) {
    auto first = words.front();
    expressions_[std::move(first)].push_back({std::move(words), stem, concept_id});
  } else {
    (stem ? stems_ : words_).emplace(words.front(), concept_id);
  }
}

std::vector<Concepts::Found> Concepts::in(const std::vector<std::string>& words) const {
  std::vector<Found> found;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::size_t length = 0;
    std::uint16_t concept_id = 0;
    if (const auto at = expressions_.find(words[i]); at != expressions_.end()) {
      for (const auto& entry : at->second) {
        const auto n = entry.words.size();
        if (n <= length || i + n > words.size() ||
            !std::equal(entry.words.begin(), entry.words.end() - 1,
                        words.begin() + static_cast<std::ptrdiff_t>(i))) {
          continue;
        }
        const auto& last = words[i + n - 1];
        if (entry.stem ? last.starts_with(entry.words.back()) : last == entry.words.back()) {
          length = n;
          concept_id = entry.concept_id;
        }
      }
    }
    if (length == 0) {
      if (const auto at = words_.find(words[i]); at != words_.end()) {
        length = 1;
        concept_id = at->second;
      }
    }
    for (std::size_t end = words[i].size(); length == 0 && end >= 2; --end) {
      if (end < words[i].size() && !begins_character(words[i][end])) {
        continue;
      }
      if (const auto at = stems_.find(std::string_view(words[i]).substr(0, end)); at != stems_.end()) {
        length = 1;
        concept_id = at->second;
      }
    }
    if (length > 0) {
      found.push_back({concept_id, position(i), position(i + length - 1)});
      i += length - 1;
    }
  }
  return found;
}

}  // namespace router
