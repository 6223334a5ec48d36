#include "llm/tool_arguments.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"

namespace llm {
namespace {

using nlohmann::json;

/// How often JSON may stand within a JSON string.
constexpr int kMaxWraps = 3;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == '+' || c == '.';
}

/// Copies one value that begins with a bracket and mends it on the way. What comes out need not be JSON, but
/// can be no other value than the one that was meant.
class Mender {
 public:
  Mender(std::string_view text, Extent extent) : rest_(text), extent_(extent) {}

  std::optional<std::string> mended() {
    do {
      if (rest_.empty()) {
        return close_all() ? std::optional(out_) : std::nullopt;
      }
      if (!take()) {
        return std::nullopt;
      }
    } while (!open_.empty());
    return out_;
  }

  std::string_view rest() const { return rest_; }

 private:
  char next() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool take() {
    const char c = rest_.front();
    if (c == '"' || c == '\'') {
      return take_string();
    }
    if (is_word(c)) {
      take_word();
      return true;
    }
    if (c == '}' || c == ']') {
      return close(next());
    }
    if (c == '{' || c == '[') {
      open_.push_back(c == '{' ? '}' : ']');
    }
    out_ += next();
    return true;
  }

  bool take_string() {
    const char quote = next();
    out_ += '"';
    while (!rest_.empty()) {
      const char c = next();
      if (c == quote) {
        out_ += '"';
        return true;
      }
      if (c == '\\') {
        take_escape();
      } else if (c == '"') {
        out_ += "\\\"";
      } else if (static_cast<unsigned char>(c) < 0x20) {
        out_ += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
      } else {
        out_ += c;
      }
    }
    return false;
  }

  void take_escape() {
    if (rest_.empty()) {
      return;
    }
    const char c = next();
    if (c == '\'') {
      out_ += '\'';
    } else {
      out_ += std::string_view("\"\\/bfnrtu").find(c) != std::string_view::npos ? "\\" : "\\\\";
      out_ += c;
    }
  }

  void take_word() {
    std::string word;
    while (!rest_.empty() && is_word(rest_.front())) {
      word += next();
    }
    const auto behind = base::trim(rest_);
    if (behind.starts_with(':') && !open_.empty() && open_.back() == '}') {
      out_ += '"' + word + '"';
      return;
    }
    struct Row {
      std::string_view python, json;
    };
    static constexpr std::array kWords = {Row{"True", "true"}, Row{"False", "false"}, Row{"None", "null"}};
    const auto* const known =
        std::find_if(kWords.begin(), kWords.end(), [&](const Row& row) { return row.python == word; });
    out_ += known != kWords.end() ? known->json : word;
  }

  void drop_comma() {
    const auto end = out_.find_last_not_of(" \t\r\n");
    if (end != std::string::npos && out_[end] == ',') {
      out_.resize(end);
    }
  }

  bool close(char bracket) {
    if (open_.empty() || open_.back() != bracket) {
      return false;
    }
    drop_comma();
    out_ += bracket;
    open_.pop_back();
    return true;
  }

  bool close_all() {
    if (extent_ == Extent::cut_off || open_.empty()) {
      return open_.empty();
    }
    while (!open_.empty()) {
      close(open_.back());
    }
    return true;
  }

  std::string_view rest_;
  const Extent extent_;
  std::string out_;
  std::string open_;  ///< the brackets that will close what is open
};

std::string_view without_fence(std::string_view text) {
  if (!text.starts_with("```")) {
    return text;
  }
  text.remove_prefix(std::min(text.size(), text.find_first_of("\n{[")));
  const auto end = text.rfind("```");
  return base::trim(text.substr(0, end));
}

/// Without what stands for nothing in front of an object, which some servers send before the first piece.
std::string_view without_nothing(std::string_view text) {
  for (bool any = true; any;) {
    any = false;
    for (const std::string_view nothing : {"null", "None", "undefined", "\"\"", "''"}) {
      const auto rest = base::trim(text.substr(std::min(nothing.size(), text.size())));
      if (text.starts_with(nothing) && !rest.empty() && (rest.front() == '{' || rest.front() == '[')) {
        text = rest;
        any = true;
      }
    }
  }
  return text;
}

/// The one value that objects one behind the other stand for.
std::optional<json> one_of_several(std::string_view text, Extent extent) {
  std::optional<json> found;
  while (!text.empty() && (text.front() == '{' || text.front() == '[')) {
    const auto value = take_value(text, extent);
    auto parsed = value ? base::parse_json(*value) : std::nullopt;
    if (!parsed || (found && !found->empty() && !parsed->empty() && *found != *parsed)) {
      return std::nullopt;
    }
    if (!found || found->empty()) {
      found = std::move(parsed);
    }
    text = base::trim(text);
  }
  // Remains of the model's own marks may follow, but no more data.
  return text.find('{') == std::string_view::npos ? found : std::nullopt;
}

}  // namespace

std::optional<std::string> take_value(std::string_view& text, Extent extent) {
  const auto begin = text.find_first_of("{[");
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  Mender mender(text.substr(begin), extent);
  auto mended = mender.mended();
  text = mender.rest();
  const auto parsed = mended ? base::parse_json(*mended) : std::nullopt;
  return parsed ? std::optional(base::dump_json(*parsed)) : std::nullopt;
}

std::optional<std::string> read_arguments(std::string_view written, Extent extent) {
  std::string text(base::trim(written));
  for (int wraps = 0; wraps <= kMaxWraps; ++wraps) {
    if (text.empty()) {
      return "{}";
    }
    auto value = base::parse_json(text);
    if (!value) {
      value = one_of_several(without_fence(without_nothing(text)), extent);
    }
    if (value && value->is_array() && value->size() == 1) {
      value = json(std::move(value->front()));
    }
    if (!value || !(value->is_object() || value->is_null() || value->is_string())) {
      return std::nullopt;
    }
    if (!value->is_string()) {
      return value->is_null() ? "{}" : base::dump_json(*value);
    }
    text = std::string(base::trim(value->get_ref<const std::string&>()));
  }
  return std::nullopt;
}

}  // namespace llm
