#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace bot::tools {

/// What an argument names: a thing that is there already.
struct Named {
  std::string argument;  ///< "emailId"
  std::string value;     ///< "17"
};

/// The things that a call names, by arguments that sound like it: ids, addresses of resources, paths.
std::vector<Named> named_in(const nlohmann::json& arguments);

/// Whether the name of a value says that it is such a name.
bool sounds_like_id(const std::string& name);

/// The object that is the thing, the innermost; null where there is none.
const nlohmann::json* thing_in(const nlohmann::json& value, const Named& thing);

/// What a reading shows of one thing.
struct Facts {
  std::string lines;     ///< one fact each, who and what and when first; empty where nothing is shown
  bool repeats = false;  ///< it has more dates than the one that is shown
};

/// Of a tool's text what it shows of the thing. `arguments`: those of the reading. Instants are told in that
/// zone, too.
Facts facts_of(const std::string& text, const nlohmann::json& arguments, const Named& thing,
               const std::string& timezone);

/// The same of a reading that was asked for this thing alone, and need not repeat how it is called.
Facts facts_of_only(const std::string& text, const std::string& timezone);

}  // namespace bot::tools
