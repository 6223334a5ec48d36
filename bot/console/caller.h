#pragma once

#include <string>

namespace bot::console {

/// What somebody may do in the console; each may what the ones before may.
enum class Role {
  viewer,  ///< sees
  editor,  ///< "operator": thresholds, verdicts, re-run, cancel
  admin,   ///< people, deliveries, everything
};

/// Who is signed in.
struct Caller {
  std::string name;  ///< as it stands in the log: "admin", "operator", "viewer", or of [admin.user.NAME]
  Role role = Role::viewer;
};

}  // namespace bot::console
