#include "base/json_lines.h"

#include <fmt/format.h>

namespace base {

std::string with_escaped_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      continue;
    }
    out += c;
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string && c == '\\' && i + 1 < text.size() &&
               static_cast<unsigned char>(text[i + 1]) >= 0x20) {
      out += text[++i];
    }
  }
  return out;
}

}  // namespace base
