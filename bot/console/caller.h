#pragma once

#include <cstdint>
#include <string>

#include "bot/runtime/admin_settings.h"

namespace bot::console {

/// What somebody may do in the console.
using Role = runtime::ConsoleRole;
using runtime::to_string;

/// Who is signed in.
struct Caller {
  std::string name;  ///< as it stands in the log: "admin", "operator", "viewer", or of [admin.user.NAME]
  Role role = Role::viewer;
  bool chat = false;         ///< may use the chat page
  std::int64_t session = 0;  ///< which of store::Sessions
  std::string csrf = {};     ///< what a change of theirs has as X-CSRF-Token
};

}  // namespace bot::console
