#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/code_spans.h"

namespace base {

/// Whether a model calls a tool at that place of its text.
using IsCall = std::function<bool(const Folded& text, std::size_t at)>;

/// The text of a model without its thoughts, such as <think>…</think>, whose server does not take them out.
/// Code is left as it is, so that an answer can speak of such marks. A thought that never comes to an end
/// goes on to the end of the text, or to a call in the middle of it.
std::string without_thoughts(std::string_view text, const IsCall& is_call = {});

}  // namespace base
