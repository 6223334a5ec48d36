#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bot::demo {

/// The answer to a question about the time somewhere, the date, the days until a holiday, or a sum; nothing
/// where the text asks for none of these. `tz` is the asker's zone.
std::optional<std::string> look_up(std::string_view text, base::Timestamp now, const std::string& tz);

/// The value of an expression of numbers, + - * / and parentheses, written out; a sentence where it has none
/// (division by zero); nothing where the text is not such an expression.
std::optional<std::string> calculate(std::string_view expression);

/// The answer to "what is 17 * 23", "20% of 85", "12 plus 30"; nothing for all else.
std::optional<std::string> answer_sum(std::string_view text);

}  // namespace bot::demo
