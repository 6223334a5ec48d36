#pragma once

#include <string>
#include <string_view>

namespace bot::markup {

// CommonMark lets "**" begin or end bold text only where spaces stand between words: in
// "边界：**社区：**Fable" the second one ends nothing, because it stands between punctuation and a letter.
// Scripts that are written without spaces, and their punctuation, need a rule of their own; it is that of
// https://github.com/tats-u/markdown-cjk-friendly, and covers other punctuation beside such a letter, too. An
// unseen character between the two makes an ordinary parser follow it.

/// The Markdown with a mark (U+FDD0, which is no character of any text) wherever the parser needs one.
/// Markdown that has it already gets none.
std::string with_flank_marks(std::string_view markdown);

/// A piece of what the parser made of that, without the marks.
std::string without_flank_marks(std::string_view text);

}  // namespace bot::markup
