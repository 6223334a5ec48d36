#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/rfc3339.h"

namespace support {

/// Checks values against the JSON schemas of an OpenAPI 3.1 document, as far as ours go: $ref, allOf, anyOf,
/// enum, type, format date-time, required, properties, items.
class JsonSchema {
 public:
  explicit JsonSchema(const nlohmann::json& document) : document_(document) {}

  /// What does not fit, each with where it stands; empty where all fits.
  std::vector<std::string> problems(const nlohmann::json& schema, const nlohmann::json& value) const {
    std::vector<std::string> found;
    check(schema, value, "$", found);
    return found;
  }

  /// Members that are there and that no schema describes, each with where it stands. A schema without
  /// properties describes anything.
  std::vector<std::string> undescribed(const nlohmann::json& schema, const nlohmann::json& value,
                                       const std::string& at = "$") const {
    std::vector<std::string> found;
    const auto properties = described(schema, "properties");
    const auto items = described(schema, "items");
    if (value.is_object() && !properties.empty()) {
      for (const auto& [name, member] : value.items()) {
        if (!properties.contains(name)) {
          found.push_back(at + "." + name);
          continue;
        }
        const auto more = undescribed(properties.at(name), member, at + "." + name);
        found.insert(found.end(), more.begin(), more.end());
      }
    }
    if (value.is_array() && !items.empty()) {
      for (const auto& item : value) {
        const auto more = undescribed(items, item, at + "[]");
        found.insert(found.end(), more.begin(), more.end());
      }
    }
    return found;
  }

 private:
  using json = nlohmann::json;
  using Problems = std::vector<std::string>;

  /// What all parts of a schema say under that keyword.
  json described(const json& schema, const char* keyword) const {
    auto all = schema.value(keyword, json::object());
    if (schema.contains("$ref")) {
      all.update(described(document_.at(json::json_pointer(schema.at("$ref").get<std::string>().substr(1))),
                           keyword));
    }
    for (const char* parts : {"allOf", "anyOf", "oneOf"}) {
      for (const auto& part : schema.value(parts, json::array())) {
        all.update(described(part, keyword));
      }
    }
    return all;
  }

  void check(const json& schema, const json& value, const std::string& at, Problems& found) const {
    if (schema.contains("$ref")) {
      const auto ref = schema.at("$ref").get<std::string>();
      check(document_.at(json::json_pointer(ref.substr(1))), value, at, found);
      return;
    }
    for (const auto& part : schema.value("allOf", json::array())) {
      check(part, value, at, found);
    }
    check_any_of(schema, value, at, found);
    if (schema.contains("enum") && !contains(schema.at("enum"), value)) {
      found.push_back(at + ": " + value.dump() + " is none of the enum");
    }
    if (schema.contains("type") && !has_type(schema.at("type"), value)) {
      found.push_back(at + ": " + value.dump().substr(0, 80) + " is not of type " + schema.at("type").dump());
    }
    if (schema.value("format", "") == "date-time" && value.is_string() &&
        !base::parse_rfc3339(value.get<std::string>())) {
      found.push_back(at + ": " + value.dump() + " is no time");
    }
    check_members(schema, value, at, found);
  }

  void check_any_of(const json& schema, const json& value, const std::string& at, Problems& found) const {
    if (!schema.contains("anyOf")) {
      return;
    }
    const auto& choices = schema.at("anyOf");
    const bool fits = std::any_of(choices.begin(), choices.end(), [&](const json& choice) {
      Problems of_choice;
      check(choice, value, at, of_choice);
      return of_choice.empty();
    });
    if (!fits) {
      found.push_back(at + ": fits none of anyOf");
    }
  }

  void check_members(const json& schema, const json& value, const std::string& at, Problems& found) const {
    if (value.is_object()) {
      for (const auto& name : schema.value("required", json::array())) {
        if (!value.contains(name.get<std::string>())) {
          found.push_back(at + ": misses " + name.get<std::string>());
        }
      }
      const auto properties = schema.value("properties", json::object());
      for (const auto& [name, of_member] : properties.items()) {
        if (value.contains(name)) {
          check(of_member, value.at(name), at + "." + name, found);
        }
      }
    }
    if (value.is_array() && schema.contains("items")) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        check(schema.at("items"), value[i], at + "[" + std::to_string(i) + "]", found);
      }
    }
  }

  static bool contains(const json& list, const json& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  }

  static bool has_type(const json& type, const json& value) {
    if (type.is_array()) {
      return std::any_of(type.begin(), type.end(), [&](const json& one) { return has_type(one, value); });
    }
    const auto name = type.get<std::string>();
    return name == "string"    ? value.is_string()
           : name == "number"  ? value.is_number()
           : name == "integer" ? value.is_number_integer()
           : name == "boolean" ? value.is_boolean()
           : name == "object"  ? value.is_object()
           : name == "array"   ? value.is_array()
                               : name == "null" && value.is_null();
  }

  const nlohmann::json& document_;
};

}  // namespace support
