#include "bot/access/permissions.h"

#include <algorithm>
#include <set>
#include <vector>

#include "bot/access/person_name.h"
#include "bot/texts/access.h"

namespace bot::access {
namespace {

/// So many are named in a sentence.
constexpr std::size_t kMaxNamed = 5;

const runtime::Access& access_of(const runtime::Policy& policy, const std::string& section) {
  // In a section that is gone from the configuration nobody has a role.
  static const runtime::Access kNone;
  const auto it = policy.access.find(section);
  return it == policy.access.end() ? kNone : it->second;
}

bool are_personal(const runtime::Services& services, const std::string& section) {
  const auto* const platform = services.platform(section);
  return platform != nullptr && platform->features().chats_are_personal;
}

}  // namespace

std::string to_string(Role role) {
  switch (role) {
    case Role::user:
      return "user";
    case Role::approver:
      return "approver";
    case Role::admin:
      return "admin";
  }
  return "user";
}

Role role_of(const runtime::Access& access, const std::string& user_id) {
  return access.admins.contains(user_id)      ? Role::admin
         : access.approvers.contains(user_id) ? Role::approver
                                              : Role::user;
}

Role role_of(const runtime::Access& access, const store::People::Standing& standing,
             const std::string& user_id) {
  if (standing.blocked) {
    return Role::user;  // whatever the configuration says of them by now
  }
  const auto of_console = !standing.role                                  ? Role::user
                          : *standing.role == store::PersonRole::approver ? Role::approver
                                                                          : Role::admin;
  return std::max(role_of(access, user_id), of_console);
}

bool is_listed(const runtime::Access& access, const std::string& user_id, const std::string& place) {
  if (role_of(access, user_id) != Role::user) {
    return true;
  }
  if (place == store::kDirect) {
    return access.allow.contains(user_id);
  }
  const auto& in_groups = access.group_allow ? *access.group_allow : access.allow;
  return access.groups.contains(place) || in_groups.contains(user_id);
}

bool may_write(store::Database& db, const runtime::Access& access, const store::Person& person,
               const std::string& place, const store::People::Standing& standing) {
  if (standing.blocked) {
    return false;
  }
  return standing.role || access.mode == runtime::Access::Mode::open ||
         is_listed(access, person.user_id, place) ||
         (access.mode == runtime::Access::Mode::pairing && store::People(db).is_admitted(person.id, place));
}

Permissions::Permissions(const runtime::Services& services, store::Database& db, const std::string& section)
    : db_(db),
      section_(section),
      personal_(are_personal(services, section)),
      policy_(services.policy()),
      access_(access_of(*policy_, section)) {}

Role Permissions::role(const store::Person& person) const {
  if (person.section == store::kConsoleSection) {
    return Role::admin;  // what they may do there was checked there
  }
  return person.section == section_ ? role_of(access_, store::People(db_).standing(person.id), person.user_id)
                                    : Role::user;
}

std::string Permissions::approvers() const {
  return texts::any_of(approvers_beside({}), kMaxNamed);
}

std::string Permissions::orderer_or_approvers(store::PersonId orderer) const {
  const auto person = store::People(db_).get(orderer);
  auto names = approvers_beside(person.user_id);
  names.insert(names.begin(), name_in_markdown(person));
  return texts::any_of(std::move(names), kMaxNamed + 1);
}

std::vector<std::string> Permissions::approvers_beside(const std::string& user_id) const {
  store::People people(db_);
  const auto with = [&](const std::set<std::string>& of_file, store::PersonRole role) {
    std::vector<std::string> ids(of_file.begin(), of_file.end());
    const auto of_console = people.with_role(section_, role);
    ids.insert(ids.end(), of_console.begin(), of_console.end());
    return ids;
  };
  const auto admins = with(access_.admins, store::PersonRole::admin);
  auto ids = personal_ && !admins.empty() ? std::vector<std::string>()
                                          : with(access_.approvers, store::PersonRole::approver);
  ids.insert(ids.end(), admins.begin(), admins.end());
  std::vector<std::string> names;
  std::set<std::string> named{user_id};
  for (const auto& id : ids) {
    if (named.insert(id).second) {
      const auto person = people.find(section_, id);
      names.push_back(name_in_markdown(person.value_or(store::Person{{}, {}, id, {}})));
    }
  }
  return names;
}

std::optional<std::string> Permissions::refusal_to_answer(const store::Person& person,
                                                          store::PersonId orderer) const {
  if (person.id == orderer || is_approver(person)) {
    return std::nullopt;
  }
  return texts::only_they_can_answer(orderer_or_approvers(orderer));
}

std::optional<std::string> Permissions::refusal_to_allow(const store::Person& person,
                                                         store::PersonId orderer) const {
  if (auto refused = refusal_to_answer(person, orderer)) {
    return refused;
  }
  const auto others = approvers();
  if (others.empty() || is_approver(person)) {
    return std::nullopt;
  }
  return texts::only_they_can_allow(others);
}

std::optional<std::string> Permissions::refusal_to_stop(const store::Person& person, store::PersonId orderer,
                                                        const store::Conversation& conversation) const {
  if (!conversation.in_group || person.id == orderer || is_approver(person)) {
    return std::nullopt;
  }
  return texts::only_they_can_stop(orderer_or_approvers(orderer));
}

std::optional<std::string> Permissions::refusal_to_judge(const store::Person& person,
                                                         store::PersonId orderer) const {
  return person.id == orderer || is_approver(person)
             ? std::nullopt
             : std::optional(texts::only_they_can_judge(orderer_or_approvers(orderer)));
}

std::optional<std::string> Permissions::refusal_to_raise(const store::Person& person) const {
  return is_approver(person) ? std::nullopt : std::optional(texts::only_they_can_raise(approvers()));
}

std::optional<std::string> Permissions::allowed_by_instead_of(store::PersonId orderer) const {
  auto others = approvers();
  if (others.empty() || is_approver(store::People(db_).get(orderer))) {
    return std::nullopt;
  }
  return others;
}

}  // namespace bot::access
