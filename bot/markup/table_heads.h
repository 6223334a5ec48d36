#pragma once

#include <string>
#include <string_view>

namespace bot::markup {

// GitHub's tables (https://github.github.com/gfm/#tables-extension-), which models write, are more than md4c
// 0.4.8 takes for one: it wants three characters in each cell under the head, and an empty line before the
// head. And it drops the cells of a head that has more of them than the line below.

/// The Markdown with the tables written as the parser needs them. Code in fences stays as it is. A table of
/// more than 32 columns becomes text.
std::string with_plain_table_heads(std::string_view markdown);

}  // namespace bot::markup
