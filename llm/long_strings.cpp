#include "llm/long_strings.h"

namespace llm {

std::string LongStrings::cut(std::string_view bytes) {
  std::string kept;
  kept.reserve(bytes.size());
  for (const char c : bytes) {
    if (keeps(c)) {
      kept += c;
    }
  }
  return kept;
}

bool LongStrings::keeps(char c) {
  constexpr int kHexDigits = 4;
  if (c == '\n' || c == '\r') {  // no string of JSON goes over the end of a line
    in_string_ = false;
    return true;
  }
  if (!in_string_) {
    if (c == '"') {
      in_string_ = true;
      after_backslash_ = dropping_ = false;
      length_ = 0;
      escape_ = 0;
    }
    return true;
  }
  if (after_backslash_) {
    after_backslash_ = false;
    escape_ = c == 'u' ? kHexDigits : 0;
    return !dropping_;
  }
  if (c == '"') {
    in_string_ = false;
    return true;
  }
  const bool inside_character = escape_ > 0 || (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
  escape_ -= escape_ > 0 ? 1 : 0;
  dropping_ = dropping_ || (length_ >= max_bytes_ && !inside_character);
  after_backslash_ = c == '\\';
  ++length_;
  return !dropping_;
}

}  // namespace llm
