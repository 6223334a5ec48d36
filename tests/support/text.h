#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Whether a text contains a part: a bool that prints both when a CHECK of it fails.
class Containment {
 public:
  Containment(std::string_view text, std::string_view part)
      : text_(text), part_(part), found_(text.find(part) != std::string_view::npos) {}

  operator bool() const { return found_; }
  friend std::ostream& operator<<(std::ostream& out, const Containment& c) {
    return out << '"' << c.part_ << (c.found_ ? "\" is in \"" : "\" is not in \"") << c.text_ << '"';
  }

 private:
  std::string text_;
  std::string part_;
  bool found_;
};

inline Containment contains(std::string_view text, std::string_view part) {
  return {text, part};
}

/// How often `part` stands in the text; places that overlap count, too.
inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

/// Its lines, without their ends.
inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

/// The text with every place of `part` taken out.
inline std::string without(std::string text, std::string_view part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at)) {
    text.erase(at, part.size());
  }
  return text;
}

}  // namespace support
