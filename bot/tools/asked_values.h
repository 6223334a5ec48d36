#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace bot::tools {

/// A value that is there otherwise than a call asked for.
struct Otherwise {
  std::string name;   ///< as it is called there
  std::string value;  ///< as it stands there
  std::string asked;  ///< both for a person, instants in their zone
  std::string there;
};

/// What differs of one thing that a call has changed or made: its values afterwards against those arguments
/// that are called alike. `before`: what it was; null where it was not there. Instants are compared as
/// instants, in whatever zone they are written. What cannot be compared is left out.
std::vector<Otherwise> otherwise_than_asked(const nlohmann::json& before, const nlohmann::json& after,
                                            const nlohmann::json& arguments, const std::string& timezone);

/// The same of two texts of a reading, in which the thing has to be found first.
std::vector<Otherwise> otherwise_in_texts(const std::string& before, const std::string& after,
                                          const nlohmann::json& arguments, const std::string& timezone);

}  // namespace bot::tools
