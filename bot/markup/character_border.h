#pragma once

#include <cstddef>
#include <string_view>

namespace bot::markup {

/// The last place in (`from`, `at`] of the well-formed text where it may be cut without tearing what a reader
/// takes for one character: a letter and its combining marks, an emoji with its skin tone or variation, a
/// chain of joined emoji, a flag. Covers the common cases of Unicode's annex 29 and looks back a short way
/// only, so that endless marks are cut between code points; returns the first border after `from` where there
/// is no better one.
std::size_t character_border(std::string_view text, std::size_t from, std::size_t at);

/// In how many columns a monospaced font shows the well-formed text: 2 for East Asian wide characters and
/// emoji, 0 for marks. An approximation of Unicode's annex 11.
std::size_t display_width(std::string_view text);

}  // namespace bot::markup
