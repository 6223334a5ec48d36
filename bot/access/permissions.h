#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bot/runtime/services.h"
#include "bot/runtime/settings.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::access {

/// What a person is in a chat section, each more than the ones before.
enum class Role { user, approver, admin };
std::string to_string(Role role);
/// By the configuration.
Role role_of(const runtime::Access& access, const std::string& user_id);
/// By the configuration, or where an admin made them more in the console; nobody who is blocked has that.
Role role_of(const runtime::Access& access, const store::People::Standing& standing,
             const std::string& user_id);

/// Whether the lists of the section let that person write in the place, which is store::kDirect or the id of
/// a group. Pairing comes on top.
bool is_listed(const runtime::Access& access, const std::string& user_id, const std::string& place);

/// Whether that person may write in that place by the rules of its section. Thread rule: that of the
/// Database.
bool may_write(store::Database& db, const runtime::Access& access, const store::Person& person,
               const std::string& place, const store::People::Standing& standing);

/// Who may do what in a chat section, by the configuration that is in force when it is made. Thread rule:
/// that of the Database.
class Permissions {
 public:
  Permissions(const runtime::Services& services, store::Database& db, const std::string& section);

  /// A person of another section is never more than a user here, but whoever acts in the console is an admin.
  Role role(const store::Person& person) const;
  bool is_approver(const store::Person& person) const { return role(person) != Role::user; }

  // Each returns nothing where the person may, else a sentence that says who may instead.
  /// Answer what the specialist asks while it works for `orderer`.
  std::optional<std::string> refusal_to_answer(const store::Person& person, store::PersonId orderer) const;
  /// The same for giving leave, which is the approvers' alone where there are any.
  std::optional<std::string> refusal_to_allow(const store::Person& person, store::PersonId orderer) const;
  /// Stop in that chat what `orderer` ordered: in direct messages whoever may write, in groups not everybody.
  std::optional<std::string> refusal_to_stop(const store::Person& person, store::PersonId orderer,
                                             const store::Conversation& conversation) const;

  /// Say whether what `orderer` got was right.
  std::optional<std::string> refusal_to_judge(const store::Person& person, store::PersonId orderer) const;

  /// Let more be spent than the configuration says: approvers and admins.
  std::optional<std::string> refusal_to_raise(const store::Person& person) const;

  /// Who alone can give leave while `orderer` cannot: "Ann or Bob". Nothing where the orderer can.
  std::optional<std::string> allowed_by_instead_of(store::PersonId orderer) const;

 private:
  /// "Ann, Bob or `u-7`"; empty where the section has neither approvers nor admins.
  std::string approvers() const;
  /// "Uma, Ann, Bob or `u-7`", or "Uma" alone.
  std::string orderer_or_approvers(store::PersonId orderer) const;
  /// Their names in Markdown, without that person's. Where nobody sees another one's chats, those of the
  /// admins alone, who have the console.
  std::vector<std::string> approvers_beside(const std::string& user_id) const;

  store::Database& db_;
  const std::string section_;
  const bool personal_;  ///< each sees their own chats alone
  const std::shared_ptr<const runtime::Policy> policy_;
  const runtime::Access& access_;
};

}  // namespace bot::access
