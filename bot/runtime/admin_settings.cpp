#include "bot/runtime/admin_settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/password_hash.h"
#include "base/utf8.h"
#include "bot/runtime/settings.h"

namespace bot::runtime {
namespace {

constexpr std::size_t kMaxName = 64;

struct BuiltIn {
  const char* name;
  const char* key;
  ConsoleRole role;
};
constexpr std::array<BuiltIn, 3> kBuiltIn = {{{kAdminName, "password", ConsoleRole::admin},
                                              {"operator", "operator_password", ConsoleRole::editor},
                                              {"viewer", "viewer_password", ConsoleRole::viewer}}};

/// Plain, or a hash that `frontdesk admin hash` printed.
void check_password(const config::Section& section, const std::string& key, const std::string& password) {
  if (password.starts_with("$scrypt$") && !base::is_password_hash(password)) {
    section.fail(key, "looks like a hash by `frontdesk admin hash`, but is not a whole one");
  }
}

void check_name(const config::Section& section, const std::string& name) {
  const auto lower = base::ascii_lower(name);
  if (is_built_in(lower)) {
    section.fail("", "this name is that of a user whose password stands in [admin] itself; choose another");
  }
  if (lower == kFirstPerson) {
    section.fail("", "this name is reserved for the admin on the chat page; choose another");
  }
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  if (name.empty() || name.size() > kMaxName || name.find_first_of("._-") == 0 ||
      lower.find_first_not_of(kAllowed) != std::string::npos) {
    section.fail("",
                 "a name has letters, digits, \".\", \"_\" and \"-\", begins with a letter or digit, and "
                 "is not longer than 64");
  }
}

AdminUser read_user(const std::string& name, config::Section& section) {
  check_name(section, name);
  if (!section.has("role")) {
    section.fail_as_missing("role", "is missing; it is viewer, operator or admin");
  }
  const auto role = section.one_of("role", "", {"viewer", "operator", "admin"});
  AdminUser user{.name = name,
                 .role = role == "admin"      ? ConsoleRole::admin
                         : role == "operator" ? ConsoleRole::editor
                                              : ConsoleRole::viewer,
                 .password = section.required_secret("password"),
                 .chat = section.boolean("chat", false)};
  check_password(section, "password", user.password);
  section.finish();
  return user;
}

}  // namespace

std::string to_string(ConsoleRole role) {
  switch (role) {
    case ConsoleRole::viewer:
      return "viewer";
    case ConsoleRole::editor:
      return "operator";
    case ConsoleRole::admin:
      return "admin";
  }
  return "viewer";
}

bool is_built_in(std::string_view name) {
  return std::any_of(kBuiltIn.begin(), kBuiltIn.end(), [&](const auto& user) { return user.name == name; });
}

const AdminUser* AdminSettings::find(std::string_view name) const {
  const auto it =
      std::find_if(users.begin(), users.end(), [&](const auto& user) { return user.name == name; });
  return it == users.end() ? nullptr : &*it;
}

AdminSettings read_admin(config::Section admin) {
  AdminSettings settings;
  for (const auto& [name, key, role] : kBuiltIn) {
    if (auto password = admin.optional_secret(key)) {
      check_password(admin, key, *password);
      settings.users.push_back({name, role, std::move(*password), role == ConsoleRole::admin});
    }
  }
  for (auto& [name, section] : admin.children("user")) {
    auto user = read_user(name, section);
    const auto lower = base::ascii_lower(name);
    for (const auto& other : settings.users) {
      if (base::ascii_lower(other.name) == lower) {
        section.fail("", "differs from another user's name in capitals alone; choose another");
      }
    }
    settings.users.push_back(std::move(user));
  }
  admin.finish();
  return settings;
}

std::string page_person(const AdminUser& user) {
  return user.name == kAdminName ? kFirstPerson : user.name;
}

void let_chat(const AdminSettings& admin, Access& access) {
  const bool any = std::any_of(admin.users.begin(), admin.users.end(),
                               [](const auto& user) { return user.chat && user.name != kAdminName; });
  if (!any) {
    return;  // the only person of the page needs nobody's leave
  }
  for (const auto& user : admin.users) {
    if (!user.chat) {
      continue;
    }
    const auto person = page_person(user);
    access.allow.insert(person);
    if (user.role == ConsoleRole::admin) {
      access.admins.insert(person);
    } else if (user.role == ConsoleRole::editor) {
      access.approvers.insert(person);
    }
  }
}

}  // namespace bot::runtime
