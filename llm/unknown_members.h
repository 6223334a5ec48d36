#pragma once

#include <initializer_list>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace llm {

/// What of a message we do not read but its provider may want back: signatures of thoughts, thoughts, and
/// what will be thought of next. Both functions take objects and pass over null.

/// Adds the members of `piece` but for those in `known` to `members`. Of a message that comes in pieces,
/// strings are put one behind the other, and elements of lists with the same index and type are one element.
void merge_unknown(nlohmann::json& members, const nlohmann::json& piece,
                   std::initializer_list<std::string_view> known);

/// The same for an object within a message, such as a call: of its strings only those that hold running text
/// are put together; any other one replaces the one before.
void merge_unknown_inside(nlohmann::json& members, const nlohmann::json& piece,
                          std::initializer_list<std::string_view> known);

/// Makes the strings in `value` UTF-8 with base::joined_halves().
void join_halves_in(nlohmann::json& value);

}  // namespace llm
