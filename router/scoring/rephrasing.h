#pragma once

#include <cstddef>
#include <string_view>

namespace router {

/// Whether two texts of one person ask the same: one says all that the other does, in the same words, and not
/// much more. Another name, day or number in its place makes it another question. Pure.
bool is_rephrasing(std::string_view text, std::string_view before);

/// How much of their words two texts share, 0 to 1: the cosine of the sets. Pure.
double word_overlap(std::string_view text, std::string_view before);

/// How many words the text has, as the scorer reads them. Pure.
std::size_t word_count(std::string_view text);

}  // namespace router
