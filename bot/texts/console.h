#pragma once

#include <string>

#include "bot/texts/page.h"

namespace bot::texts {

// What the console's API answers where it refuses a call.

inline constexpr const char* kRoleMayNot = "Your role does not allow this.";
inline constexpr const char* kNoSuchSession = "There is no such session, or it has ended.";

/// Of a query or of a body, where nobody knows it by that name.
std::string unknown_parameter(const std::string& name);
std::string unknown_member(const std::string& name);

}  // namespace bot::texts
