#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

void check_members(const nlohmann::json& object, const char* key) {
  const auto* member = base::json_member(object, key);
  if (const auto value = base::json_string(object, key)) {
    require(base::is_utf8(*value) && *member == *value, "a text is the member's");
  }
  if (const auto value = base::json_integer(object, key)) {
    require(nlohmann::json(*value).dump() == member->dump(), "a whole number is the member's");
  }
  if (const auto value = base::json_number(object, key)) {
    require(member->is_number(), "a number is the member's");
  }
  if (const auto value = base::json_bool(object, key)) {
    require(*member == *value, "true or false is the member's");
  }
}

void check_all(const nlohmann::json& value) {
  check_members(value, "type");
  check_members(value, "");
  if (value.is_structured()) {
    for (const auto& [key, element] : value.items()) {
      check_members(value, key.c_str());
      check_all(element);
    }
  }
}

}  // namespace

void json(std::string_view input) {
  const auto piece = base::parse_json_piece(input);
  require(base::is_utf8(base::joined_halves(input)), "joined halves are UTF-8");
  const auto value = base::parse_json(input);
  if (!value) {
    return;
  }
  require(base::is_utf8(input), "JSON is UTF-8");
  require(piece.has_value(), "what is JSON is a piece of a stream, too");
  check_all(*value);
  const auto line = base::dump_json(*value);
  require(line.find('\n') == std::string::npos, "it is written in one line");
  const auto again = base::parse_json(line);
  require(again && *again == *value, "what is written is read again as the same");
  require(base::dump_json(*again) == line, "and written as the same");
}

}  // namespace fuzz
