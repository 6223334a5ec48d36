#include "bot/demo/template.h"

#include <algorithm>

namespace bot::demo {
namespace {

bool holds(std::string_view marks, TemplateSwitches switches) {
  bool wanted = true;
  for (const char mark : marks) {
    if (mark == '-') {
      wanted = false;
      continue;
    }
    const bool is_on = mark == 'p' ? switches.p : mark == 's' ? switches.s : switches.p || switches.s;
    if (is_on != wanted) {
      return false;
    }
    wanted = true;
  }
  return true;
}

}  // namespace

std::string fill_template(std::string_view text, TemplateSwitches switches) {
  std::string filled;
  filled.reserve(text.size());
  while (!text.empty()) {
    const auto length = std::min(text.find('\n'), text.size() - 1) + 1;
    auto line = text.substr(0, length);
    text.remove_prefix(length);
    if (line.starts_with('~')) {
      const auto end = line.find('~', 1);
      if (!holds(line.substr(1, end - 1), switches)) {
        continue;
      }
      line.remove_prefix(end + 1);
    }
    filled.append(line);
  }
  return filled;
}

}  // namespace bot::demo
