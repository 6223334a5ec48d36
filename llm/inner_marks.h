#pragma once

#include <cstddef>
#include <string_view>

#include "base/code_spans.h"

namespace llm {

/// The marks that a call stands between. Without the one at its end, a call goes on to the end of the text.
struct CallMarks {
  std::string_view open, close;
  bool only_before_json = false;  ///< the word is too common to be a mark elsewhere
};

/// The marks of the call that begins at that place; null where none does.
const CallMarks* call_at(const base::Folded& text, std::size_t at);

/// The size of the mark there that ends a turn, so that what follows is made up; 0 where there is none.
std::size_t end_mark_at(const base::Folded& text, std::size_t at);

/// The size of the mark there that stands around what is meant for people, or in front of it; else 0.
std::size_t around_mark_at(const base::Folded& text, std::size_t at);

/// The size of the mark at the head of a text with which a turn begins; else 0.
std::size_t begin_mark_at_head(std::string_view text);

/// Whether what stands there, up to the end of the text, may become one of these marks when more follows.
bool may_become_mark(const base::Folded& text, std::size_t at);

}  // namespace llm
