#include "llm/mcp/header_parameters.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/http_field_syntax.h"
#include "base/json.h"
#include "base/utf8.h"

namespace llm::mcp {
namespace {

using nlohmann::json;

constexpr const char* kKey = "x-mcp-header";
constexpr int kDeepest = 64;

/// Whether the word stands as a key anywhere in it.
bool has_anywhere(const json& value, int depth = 0) {
  if (depth > kDeepest || !value.is_structured()) {
    return false;
  }
  return (value.is_object() && value.contains(kKey)) ||
         std::ranges::any_of(value, [&](const json& part) { return has_anywhere(part, depth + 1); });
}

bool is_plain_type(const json& property) {
  const auto type = base::json_text(property, "type");
  return type == "string" || type == "integer" || type == "boolean";
}

/// Reads what is reached by `properties` alone; false where a rule is broken.
bool read(const json& schema, std::vector<std::string>& path, std::vector<HeaderParameter>& found) {
  if (path.size() > kDeepest) {
    return false;
  }
  for (const auto& [key, part] : schema.items()) {
    if (key != "properties" && key != kKey && has_anywhere(part)) {
      return false;
    }
  }
  const auto& properties = base::json_object(schema, "properties");
  for (const auto& [name, property] : properties.items()) {
    if (!property.is_object()) {
      continue;
    }
    path.push_back(name);
    if (const auto* const header = base::json_member(property, kKey)) {
      if (!header->is_string() || !base::is_token(header->get_ref<const std::string&>()) ||
          !is_plain_type(property)) {
        return false;
      }
      found.push_back({path, "Mcp-Param-" + header->get<std::string>()});
    }
    if (!read(property, path, found)) {
      return false;
    }
    path.pop_back();
  }
  return true;
}

}  // namespace

std::optional<std::vector<HeaderParameter>> header_parameters(const json& schema) {
  std::vector<std::string> path;
  std::vector<HeaderParameter> found;
  if (!schema.is_object() || schema.contains(kKey) || !read(schema, path, found)) {
    return std::nullopt;
  }
  std::set<std::string> fields;
  for (const auto& parameter : found) {
    if (!fields.insert(base::ascii_lower(parameter.field)).second) {
      return std::nullopt;
    }
  }
  return found;
}

std::vector<std::pair<std::string, std::string>> header_fields(const std::vector<HeaderParameter>& parameters,
                                                               const json& arguments) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& parameter : parameters) {
    const json* value = &arguments;
    for (const auto& name : parameter.path) {
      value = value == nullptr ? nullptr : base::json_member(*value, name.c_str());
    }
    if (value != nullptr && value->is_primitive() && !value->is_null()) {
      fields.emplace_back(parameter.field, header_value(value->is_string() ? value->get<std::string>()
                                                                           : base::dump_json(*value)));
    }
  }
  return fields;
}

std::string header_value(const std::string& text) {
  const bool is_ascii = std::ranges::all_of(text, [](unsigned char c) { return c < 0x7f; });
  const bool looks_encoded = text.starts_with("=?base64?") && text.ends_with("?=");
  if (is_ascii && !looks_encoded && base::is_field_value(text) && base::trim(text) == text) {
    return text;
  }
  return "=?base64?" + base::base64_encode(text) + "?=";
}

}  // namespace llm::mcp
