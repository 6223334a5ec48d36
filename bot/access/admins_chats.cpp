#include "bot/access/admins_chats.h"

#include <algorithm>

#include "store/people.h"

namespace bot::access {

std::vector<store::Conversation> admins_chats(const runtime::Services& services, store::Database& db,
                                              std::optional<store::ConversationId> except) {
  std::vector<store::Conversation> chats;
  store::People people(db);
  store::Conversations conversations(db);
  const auto policy = services.policy();
  for (const auto& [section, access] : policy->access) {
    auto admins = people.with_role(section, store::PersonRole::admin);
    admins.insert(admins.end(), access.admins.begin(), access.admins.end());
    std::sort(admins.begin(), admins.end());
    admins.erase(std::unique(admins.begin(), admins.end()), admins.end());
    for (const auto& id : admins) {
      const auto admin = people.find(section, id);
      auto chat = admin ? conversations.last_alone_with(admin->id, except) : std::nullopt;
      if (chat) {
        chats.push_back(*std::move(chat));
      }
    }
  }
  return chats;
}

}  // namespace bot::access
