#pragma once

#include <string>
#include <string_view>

namespace bot::demo {

struct TemplateSwitches {
  bool p = false;
  bool s = false;
};

/// The text with only those lines that fit. A line that begins with `~marks~` is kept, without the mark,
/// where every mark holds; a mark is `p`, `s` or `q` (either of them), and `-` before it asks for the
/// opposite. A plain line is always kept.
std::string fill_template(std::string_view text, TemplateSwitches switches);

}  // namespace bot::demo
