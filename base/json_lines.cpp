#include "base/json_lines.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace base {
namespace {

bool is_in_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
         c == '.';
}

/// Whether a word outside strings is a number for some programs, but not for JSON.
bool is_unreadable_number(std::string_view word) {
  const auto digits = word.substr(word.starts_with('-') || word.starts_with('+') ? 1 : 0);
  std::string small(digits);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (small == "nan" || small == "inf" || small == "infinity") {
    return true;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc::result_out_of_range && end == digits.data() + digits.size();
}

}  // namespace

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

std::string with_readable_numbers(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    if (!in_string && is_in_word(text[i])) {
      const auto from = i;
      while (i < text.size() && is_in_word(text[i])) {
        ++i;
      }
      const auto word = text.substr(from, i - from);
      out += is_unreadable_number(word) ? std::string_view("null") : word;
      continue;
    }
    if (text[i] == '"') {
      in_string = !in_string;
    } else if (in_string && text[i] == '\\' && i + 1 < text.size()) {
      out += text[i++];
    }
    out += text[i++];
  }
  return out;
}

std::optional<nlohmann::json> parse_json_leniently(std::string_view text) {
  auto value = parse_json(text);
  if (!value) {
    value = parse_json(with_escaped_controls(text));
  }
  if (!value) {
    const auto mended = with_readable_numbers(with_escaped_controls(to_valid_utf8(text)));
    value = parse_json(mended);
    if (!value) {
      value = parse_json(strip_controls(mended));
    }
  }
  return value;
}

}  // namespace base
