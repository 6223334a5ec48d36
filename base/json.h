#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace base {

/// The value, or nothing where the text is not one JSON value in UTF-8 or is nested deeper than 200. The
/// escape of half a surrogate pair without the other half is taken as U+FFFD.
std::optional<nlohmann::json> parse_json(std::string_view text);

/// As parse_json(), for one event of a stream that may cut a character in two between its events: what is
/// half a character stays in its string as it came, as three bytes of a surrogate or as ill-formed UTF-8.
/// A string of the result is text only after joined_halves().
std::optional<nlohmann::json> parse_json_piece(std::string_view text);

/// Strings of parse_json_piece(), put together, as UTF-8: halves that have met are their character, all
/// others U+FFFD.
std::string joined_halves(std::string_view text);

/// One line of JSON; ill-formed UTF-8 inside strings is replaced, so this never throws for text.
std::string dump_json(const nlohmann::json& value);

/// The member's value where it is there, of that type and within its range, else nothing. They never throw,
/// whatever `object` is.
std::optional<std::string> json_string(const nlohmann::json& object, const char* key);
std::optional<std::int64_t> json_integer(const nlohmann::json& object, const char* key);
std::optional<double> json_number(const nlohmann::json& object, const char* key);
std::optional<bool> json_bool(const nlohmann::json& object, const char* key);
/// The member where it is text, else an empty one.
std::string json_text(const nlohmann::json& object, const char* key);
/// The member where it is an object, or a list, else an empty one. It lives as long as `object`.
const nlohmann::json& json_object(const nlohmann::json& object, const char* key);
const nlohmann::json& json_list(const nlohmann::json& object, const char* key);
/// The member, or nullptr.
const nlohmann::json* json_member(const nlohmann::json& object, const char* key);
// Of one that ends before they are used.
const nlohmann::json& json_object(const nlohmann::json&& object, const char* key) = delete;
const nlohmann::json& json_list(const nlohmann::json&& object, const char* key) = delete;
const nlohmann::json* json_member(const nlohmann::json&& object, const char* key) = delete;

}  // namespace base
