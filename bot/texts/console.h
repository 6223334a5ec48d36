#pragma once

#include "bot/texts/page.h"

namespace bot::texts {

// What the console's API answers where it refuses a call.

inline constexpr const char* kRoleMayNot = "Your role does not allow this.";
inline constexpr const char* kNoSuchSession = "There is no such session, or it has ended.";

}  // namespace bot::texts
