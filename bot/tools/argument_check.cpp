#include "bot/tools/argument_check.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace bot::tools {
namespace {

using nlohmann::json;

std::string type_of(const json& value) {
  return value.is_string()    ? "string"
         : value.is_boolean() ? "boolean"
         : value.is_number()  ? "number"
         : value.is_array()   ? "array"
         : value.is_object()  ? "object"
                              : "null";
}

bool is_of(const json& value, const std::string& type) {
  if (type == "integer") {
    // 3.0 is one, too
    return value.is_number_integer() ||
           (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
  }
  return type == type_of(value);
}

/// The types that the schema of one argument allows; none where it does not say.
json types_in(const json& property) {
  const auto* const type = base::json_member(property, "type");
  return type == nullptr ? json::array() : type->is_array() ? *type : json::array({*type});
}

}  // namespace

std::string argument_faults(const std::string& schema, const std::string& arguments) {
  const auto given = base::parse_json(arguments);
  if (!given || !given->is_object()) {
    return "The arguments must be one JSON object.";
  }
  const auto wanted = base::parse_json(schema).value_or(json::object());
  std::string faults;
  const auto add = [&](const std::string& fault) { faults += (faults.empty() ? "" : " ") + fault; };
  for (const auto& name : base::json_list(wanted, "required")) {
    if (name.is_string() && !given->contains(name.get<std::string>())) {
      add(fmt::format("The argument \"{}\" is missing.", name.get<std::string>()));
    }
  }
  for (const auto& [name, schema_of_it] : base::json_object(wanted, "properties").items()) {
    const auto* const value = base::json_member(*given, name.c_str());
    const auto types = types_in(schema_of_it);
    const bool fits = value == nullptr || types.empty() || std::ranges::any_of(types, [&](const json& type) {
                        return !type.is_string() || is_of(*value, type.get<std::string>());
                      });
    if (!fits) {
      add(fmt::format("The argument \"{}\" is of the type {} and must be {}.", name, type_of(*value),
                      base::dump_json(types)));
    }
  }
  return faults;
}

}  // namespace bot::tools
