#include "bot/markup/literal_markdown.h"

#include <algorithm>

#include "base/utf8.h"
#include "bot/markup/markup_dialect.h"

namespace bot::markup {

std::string literal_markdown(std::string_view text) {
  constexpr std::string_view kMarks = "\\`*_[]<>&~|";
  // The chat services themselves make something to press of "a.org", "@ann", "/cancel", "#tag" and "$TAG".
  constexpr std::string_view kCalls = "@#$/.:";
  const auto line = base::one_line(text);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    out += kMarks.find(line[i]) != std::string_view::npos ? "\\" : "";
    out.push_back(line[i]);
    const bool calls = kCalls.find(line[i]) != std::string_view::npos;
    out += calls && i + 1 < line.size() && line[i + 1] != ' ' ? kZeroWidthSpace : "";
  }
  return out;
}

std::string inline_code(std::string text) {
  std::replace(text.begin(), text.end(), '`', '\'');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return "`" + base::strip_controls(text) + "`";
}

std::string fenced(const std::string& text) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fence + "\n" + text + (text.ends_with('\n') ? "" : "\n") + fence;
}

}  // namespace bot::markup
