#include "base/code_spans.h"

#include <algorithm>

#include "base/utf8.h"

namespace base {

bool begins_line(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, at);
  const auto line = before.find_last_of('\n');
  return trim(before.substr(line == std::string_view::npos ? 0 : line)).empty();
}

std::size_t end_of_code(std::string_view text, std::size_t at) {
  const char tick = text[at];
  if (tick != '`' && tick != '~') {
    return at;
  }
  const auto run = std::min(text.find_first_not_of(tick, at), text.size()) - at;
  const auto ticks = text.substr(at, run);
  if (run >= 3 && begins_line(text, at)) {
    for (auto close = text.find(ticks, at + run); close != std::string_view::npos;
         close = text.find(ticks, close + run)) {
      if (begins_line(text, close)) {
        return std::min(text.find_first_not_of(tick, close), text.size());
      }
    }
    return at;
  }
  const auto line = std::min(text.find('\n', at), text.size());
  for (auto close = at + run; tick == '`' && close < line;) {
    const auto begin = text.find(tick, close);
    const auto end = std::min(text.find_first_not_of(tick, begin), text.size());
    if (begin == std::string_view::npos || begin >= line) {
      return at;
    }
    if (end - begin == run) {
      return end;
    }
    close = end;
  }
  return at;
}

}  // namespace base
