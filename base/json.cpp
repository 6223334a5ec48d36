#include "base/json.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace base {

using nlohmann::json;

namespace {

// The parser itself is not recursive, but the destructor and dump() are.
constexpr int kMaxDepth = 200;

}  // namespace

std::optional<json> parse_json(std::string_view text) {
  // The parser takes a NUL for the end of the text, whatever follows it.
  if (text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  bool too_deep = false;
  const auto callback = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  auto value = json::parse(text.begin(), text.end(), callback, false);
  if (value.is_discarded() || too_deep) {
    return std::nullopt;
  }
  return value;
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
