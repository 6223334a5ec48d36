#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

/// The candidate that a person most likely meant by `word`: the smallest edit distance (Levenshtein), at most
/// a third of the longer word; nothing where none is that near.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace base
