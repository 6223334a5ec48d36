#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"

namespace bot::runtime {

struct Access;

/// What somebody may do in the console; each may what the ones before may.
enum class ConsoleRole {
  viewer,  ///< sees
  editor,  ///< "operator": thresholds, verdicts, re-run, cancel
  admin,   ///< people, deliveries, everything
};
/// "viewer", "operator" or "admin".
std::string to_string(ConsoleRole role);

/// Who the person on the chat page is that signs in with the printed token, or as admin.
inline constexpr const char* kFirstPerson = "local";

/// The names of those whose passwords are keys of [admin] itself; they also sign in without a name.
inline constexpr const char* kAdminName = "admin";
bool is_built_in(std::string_view name);

/// Somebody who may sign in to the pages.
struct AdminUser {
  std::string name;
  ConsoleRole role = ConsoleRole::viewer;
  std::string password;  ///< plain, or a hash (base/password_hash.h)
  bool chat = false;     ///< may use the chat page
};

/// [admin]: the users of the pages. None: whoever has the token that is printed at the start is the admin.
struct AdminSettings {
  std::vector<AdminUser> users = {};

  bool empty() const { return users.empty(); }
  /// Null where there is no such user.
  const AdminUser* find(std::string_view name) const;
};

/// Throws base::ConfigError.
AdminSettings read_admin(config::Section admin);

/// Who is on the chat page when that user is signed in: a person of the page's chat section.
std::string page_person(const AdminUser& user);

/// Gives the named users of the chat page the rights of their roles in the page's section.
void let_chat(const AdminSettings& admin, Access& access);

}  // namespace bot::runtime
