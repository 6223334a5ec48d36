#include "bot/reporting/people_items.h"

#include <nlohmann/json.hpp>

#include "base/rfc3339.h"
#include "bot/access/permissions.h"
#include "bot/runs/budget.h"
#include "store/people.h"

namespace bot::reporting {
namespace {

using nlohmann::json;

json time_json(const std::optional<base::Timestamp>& time) {
  return time ? json(base::format_rfc3339(*time)) : json(nullptr);
}

}  // namespace

base::Timestamp cost_since(base::Timestamp now, const std::string& timezone) {
  return runs::start_of_month(now, timezone);
}

std::vector<std::string> keys_that_admit(const runtime::Access& access, const std::string& section,
                                         const std::string& user_id) {
  std::vector<std::string> keys;
  const auto add = [&](const std::set<std::string>& ids, const char* key) {
    if (ids.contains(user_id)) {
      keys.push_back("chat." + section + "." + key);
    }
  };
  add(access.admins, "admins");
  add(access.approvers, "approvers");
  add(access.allow, "allow");
  if (access.group_allow) {
    add(*access.group_allow, "group_allow");
  }
  return keys;
}

json person_json(store::Database& db, const runtime::Policy& policy,
                 const store::OperationsView::Known& person) {
  const auto found = policy.access.find(person.section);
  const auto access = found == policy.access.end() ? runtime::Access{} : found->second;
  const auto keys = keys_that_admit(access, person.section, person.user_id);
  const auto places = store::People(db).places(person.id);
  const auto of_file = access::role_of(access, person.user_id);
  const auto role = access::role_of(access, {.role = person.role, .blocked = person.blocked}, person.user_id);
  const bool open = access.mode == runtime::Access::Mode::open && found != policy.access.end();
  const bool paired = access.mode == runtime::Access::Mode::pairing && !places.empty();
  const bool admitted = !person.blocked && (open || !keys.empty() || person.role || paired);
  return {
      {"person", person.section + ":" + person.user_id},
      {"name", person.name},
      {"role", to_string(role)},
      {"role_from", role == access::Role::user ? json(nullptr) : json(role == of_file ? "file" : "console")},
      {"admitted", admitted},
      {"admitted_from", !admitted       ? json(nullptr)
                        : !keys.empty() ? json("file")
                        : person.role   ? json("console")
                        : paired        ? json("pairing")
                                        : json("open")},
      {"keys", keys},
      {"places", places},
      {"blocked", person.blocked.has_value()},
      {"blocked_at", time_json(person.blocked)},
      {"first_seen", base::format_rfc3339(person.first_seen)},
      {"last_seen", time_json(person.last_seen)},
      {"messages", person.messages},
      {"usd_month", person.usd},
      {"erased_at", time_json(person.erased)}};
}

}  // namespace bot::reporting
