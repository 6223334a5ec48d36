#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/code_spans.h"

namespace base {

/// Whether a model calls a tool at that place of its text.
using IsCall = std::function<bool(const Folded& text, std::size_t at)>;

/// A mark of a thought that stands in a text.
struct ThoughtMark {
  enum class Kind { opens, closes, alone };
  Kind kind;
  std::string_view name;  ///< which the mark that closes has, too
  std::size_t size;
};

/// The mark at that place, if there is one. `name` is there as long as `text`.
std::optional<ThoughtMark> thought_mark_at(const Folded& text, std::size_t at);

/// Whether what stands there, up to the end of the text, may become such a mark when more follows.
bool may_become_thought_mark(const Folded& text, std::size_t at);

/// The text of a model without its thoughts, such as <think>…</think>, whose server does not take them out.
/// Code is left as it is, so that an answer can speak of such marks. A thought that never comes to an end
/// goes on to the end of the text, or to a call in the middle of it.
std::string without_thoughts(std::string_view text, const IsCall& is_call = {});

}  // namespace base
