#include "llm/unknown_members.h"

#include <algorithm>
#include <iterator>
#include <string>

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace llm {
namespace {

using nlohmann::json;

constexpr std::string_view kLabels[] = {"id", "index", "type", "name", "role", "object", "format", "model"};
constexpr std::string_view kRunningText[] = {
    "text", "summary", "thinking", "reasoning", "reasoning_content", "transcript", "content", "data"};

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

template <std::size_t kSize>
bool is_one_of(std::string_view key, const std::string_view (&keys)[kSize]) {
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

enum class Level { message, inside };

void merge(json& known, const json& piece, bool is_running_text);

void merge_members(json& members, const json& piece, std::initializer_list<std::string_view> known,
                   Level level) {
  for (const auto& [key, value] : piece.items()) {
    if (value.is_null() || is_one_of(key, known)) {
      continue;
    }
    const bool is_running_text =
        !is_one_of(key, kLabels) && (level == Level::message || is_one_of(key, kRunningText));
    merge(members[key], value, is_running_text);
  }
}

/// Whether an element of a list goes on with the other one.
bool goes_on(const json& element, const json& known) {
  const auto index = base::json_integer(element, "index");
  const auto type = base::json_string(element, "type");
  return index && base::json_integer(known, "index") == index &&
         (!type || base::json_string(known, "type").value_or(*type) == *type);
}

void merge(json& known, const json& piece, bool is_running_text) {
  if (known.is_string() && piece.is_string() && is_running_text) {
    known.get_ref<std::string&>() += piece.get_ref<const std::string&>();
  } else if (known.is_object() && piece.is_object()) {
    merge_members(known, piece, {}, Level::inside);
  } else if (known.is_array() && piece.is_array()) {
    for (const auto& element : piece) {
      const auto same = std::find_if(known.begin(), known.end(),
                                     [&](const json& other) { return goes_on(element, other); });
      same != known.end() ? merge(*same, element, false) : known.push_back(element);
    }
  } else {
    known = piece;
  }
}

}  // namespace

void merge_unknown(json& members, const json& piece, std::initializer_list<std::string_view> known) {
  merge_members(members, piece, known, Level::message);
}

void merge_unknown_inside(json& members, const json& piece, std::initializer_list<std::string_view> known) {
  merge_members(members, piece, known, Level::inside);
}

void join_halves_in(json& value) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    text = base::joined_halves(text);
  } else if (value.is_structured()) {
    for (auto& element : value) {
      join_halves_in(element);
    }
  }
}

}  // namespace llm
