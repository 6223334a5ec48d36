#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bot/markup/markup_dialect.h"

namespace bot::markup {

/// The smallest limit that is kept; a smaller one counts as this.
constexpr std::size_t kSmallestMarkupLimit = 128;

/// The Markdown in that dialect, in pieces of at most `limit` units each (as Dialect::cost() counts them),
/// every one well formed alone, not blank, and within Dialect::budget(); none where there is nothing to read.
///
/// A piece ends between blocks where that is possible, then at a line of code (the fence is closed and opened
/// again) or at the end of a sentence or word, and never inside a character. A heading stays with what
/// follows it. Nothing in the text makes marks, tags or mentions of everybody (@everyone, <!channel>, <@1>)
/// of its own; mentions in code are left, as no service obeys them there. Any input will do; pure function.
std::vector<std::string> render_parts(std::string_view markdown, const Dialect& dialect, std::size_t limit);

}  // namespace bot::markup
