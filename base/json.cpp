#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace base {

using nlohmann::json;

namespace {

// The parser itself is not recursive, but the destructor and dump() are.
constexpr int kMaxDepth = 200;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
/// How many bytes the escape of a unit has: "\uXXXX".
constexpr std::size_t kEscape = 6;

bool is_high(unsigned unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

bool is_low(unsigned unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/// The unit of UTF-16 whose escape the text begins with.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < kEscape || !text.starts_with("\\u")) {
    return std::nullopt;
  }
  unsigned unit = 0;
  const auto* const end = text.data() + kEscape;
  const auto [read_to, error] = std::from_chars(text.data() + 2, end, unit, 16);
  return error == std::errc() && read_to == end ? std::optional(unit) : std::nullopt;
}

std::string bytes_of(unsigned surrogate) {
  return {static_cast<char>(0xe0U | surrogate >> 12U), static_cast<char>(0x80U | (surrogate >> 6U & 0x3fU)),
          static_cast<char>(0x80U | (surrogate & 0x3fU))};
}

/// The surrogate whose bytes_of() the text begins with.
std::optional<unsigned> surrogate_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() < 3 || byte(0) != 0xed || (byte(1) & 0xe0U) != 0xa0 || (byte(2) & 0xc0U) != 0x80) {
    return std::nullopt;
  }
  return 0xd000U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU);
}

std::string character(unsigned high, unsigned low) {
  const auto point = 0x10000U + ((high & 0x3ffU) << 10U) + (low & 0x3ffU);
  return {static_cast<char>(0xf0U | point >> 18U), static_cast<char>(0x80U | (point >> 12U & 0x3fU)),
          static_cast<char>(0x80U | (point >> 6U & 0x3fU)), static_cast<char>(0x80U | (point & 0x3fU))};
}

enum class Halves { replaced, kept };

/// JSON with U+FFFD in place of half a character, which the parser would not take; and, for whoever keeps
/// them, what was there. An object's members lose their order when they are parsed, so the places are found
/// again by counting U+FFFD in the order of the text.
class WholeCharacters {
 public:
  WholeCharacters(std::string_view text, Halves halves) {
    text_.reserve(text.size());
    while (!text.empty()) {
      text.remove_prefix(text.front() == '\\' ? take_escape(text) : take_bytes(text, halves));
    }
  }

  const std::string& text() const { return text_; }

  /// Puts the halves back. To be called for all strings in the order of the text.
  void restore(std::string& string) {
    for (auto at = string.find(kReplacement); at != std::string::npos; ++seen_) {
      const auto& half = next_ < halves_.size() && halves_[next_].count == seen_ ? halves_[next_++].bytes
                                                                                 : std::string(kReplacement);
      string.replace(at, kReplacement.size(), half);
      at = string.find(kReplacement, at + half.size());
    }
  }

 private:
  struct Half {
    std::size_t count;  ///< how many U+FFFD stand before it
    std::string bytes;
  };

  std::size_t take_escape(std::string_view text) {
    const auto unit = escaped_unit(text);
    if (!unit) {
      text_ += text.substr(0, 2);  // what is escaped is no escape itself
      return std::min<std::size_t>(text.size(), 2);
    }
    if (is_high(*unit) && is_low(escaped_unit(text.substr(kEscape)).value_or(0))) {
      text_ += text.substr(0, 2 * kEscape);
      return 2 * kEscape;
    }
    if (is_high(*unit) || is_low(*unit)) {
      replace(bytes_of(*unit));
    } else {
      text_ += text.substr(0, kEscape);
      count_ += *unit == 0xfffd ? 1 : 0;
    }
    return kEscape;
  }

  std::size_t take_bytes(std::string_view text, Halves halves) {
    const auto size = utf8_sequence(text);
    if (size == 0 && halves == Halves::kept) {
      replace(std::string(text.substr(0, 1)));
      return 1;
    }
    const auto bytes = text.substr(0, std::max<std::size_t>(size, 1));
    text_ += bytes;
    count_ += bytes == kReplacement ? 1 : 0;
    return bytes.size();
  }

  void replace(std::string half) {
    text_ += kReplacement;
    halves_.push_back({count_++, std::move(half)});
  }

  std::string text_;
  std::vector<Half> halves_;
  std::size_t count_ = 0;
  std::size_t seen_ = 0;
  std::size_t next_ = 0;
};

bool may_hold_halves(std::string_view text, Halves halves) {
  return text.find("\\ud") != std::string_view::npos || text.find("\\uD") != std::string_view::npos ||
         (halves == Halves::kept && !is_utf8(text));
}

std::optional<json> parse(std::string_view text, Halves halves) {
  // The parser takes a NUL for the end of the text, whatever follows it.
  if (text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::optional<WholeCharacters> whole;
  if (may_hold_halves(text, halves)) {
    whole.emplace(text, halves);
    text = whole->text();
  }
  // Most texts are short, and a callback for each value of theirs takes as long as reading it.
  const bool is_shallow =
      std::ranges::count_if(text, [](char c) { return c == '{' || c == '['; }) <= kMaxDepth;
  if (is_shallow && halves == Halves::replaced) {
    auto value = json::parse(text.begin(), text.end(), nullptr, false);
    return value.is_discarded() ? std::nullopt : std::optional(std::move(value));
  }
  bool too_deep = false;
  const auto callback = [&](int depth, json::parse_event_t event, json& value) {
    too_deep = too_deep || depth > kMaxDepth;
    if (whole && halves == Halves::kept && value.is_string() &&
        (event == json::parse_event_t::key || event == json::parse_event_t::value)) {
      whole->restore(value.get_ref<std::string&>());
    }
    return !too_deep;
  };
  auto value = json::parse(text.begin(), text.end(), callback, false);
  if (value.is_discarded() || too_deep) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::optional<json> parse_json(std::string_view text) {
  return parse(text, Halves::replaced);
}

std::optional<json> parse_json_piece(std::string_view text) {
  return parse(text, Halves::kept);
}

std::string joined_halves(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto size = utf8_sequence(text);
    const auto half = size == 0 ? surrogate_at(text) : std::nullopt;
    const auto other = half && is_high(*half) ? surrogate_at(text.substr(3)) : std::nullopt;
    if (other && is_low(*other)) {
      out += character(*half, *other);
    } else {
      out += size == 0 ? kReplacement : text.substr(0, size);
    }
    text.remove_prefix(other && is_low(*other) ? 6 : half ? 3 : std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string dump_json(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

const json* json_member(const json& object, const char* key) {
  if (!object.is_object()) {
    return nullptr;
  }
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

std::optional<std::string> json_string(const json& object, const char* key) {
  const auto* member = json_member(object, key);
  return member != nullptr && member->is_string() ? std::optional(member->get<std::string>()) : std::nullopt;
}

std::optional<std::int64_t> json_integer(const json& object, const char* key) {
  const auto* member = json_member(object, key);
  if (member == nullptr || !member->is_number_integer() ||
      (member->is_number_unsigned() && !std::in_range<std::int64_t>(member->get<std::uint64_t>()))) {
    return std::nullopt;
  }
  return member->get<std::int64_t>();
}

std::optional<double> json_number(const json& object, const char* key) {
  const auto* member = json_member(object, key);
  return member != nullptr && member->is_number() ? std::optional(member->get<double>()) : std::nullopt;
}

std::optional<bool> json_bool(const json& object, const char* key) {
  const auto* member = json_member(object, key);
  return member != nullptr && member->is_boolean() ? std::optional(member->get<bool>()) : std::nullopt;
}

std::string json_text(const json& object, const char* key) {
  return json_string(object, key).value_or("");
}

const json& json_object(const json& object, const char* key) {
  static const json kEmpty = json::object();
  const auto* member = json_member(object, key);
  return member != nullptr && member->is_object() ? *member : kEmpty;
}

const json& json_list(const json& object, const char* key) {
  static const json kEmpty = json::array();
  const auto* member = json_member(object, key);
  return member != nullptr && member->is_array() ? *member : kEmpty;
}

}  // namespace base
