#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

struct Project {
  ProjectId id;
  std::string slug;
  std::optional<ConversationId> conversation;  ///< where it was begun
  std::string description;
  base::Timestamp updated;
  std::string section = {};  ///< of that conversation, empty without one
  std::string room = {};
};

/// Whether the project belongs to the conversation's chat, of which it may be one thread of several.
bool is_of(const Project& project, const Conversation& conversation);

/// Folders in which specialists work, and the chat each belongs to. Thread rule: that of the Database.
class Projects {
 public:
  explicit Projects(Database& db) : db_(db) {}

  std::optional<Project> find(const std::string& slug);
  Project get(ProjectId id);

  /// Throws if the slug is taken; ask find() in the same transaction. Without a conversation it belongs to no
  /// chat.
  Project create(const std::string& slug, std::optional<ConversationId> conversation,
                 const std::string& description, base::Timestamp now);
  void touch(ProjectId id, base::Timestamp now);

  /// The chat's projects, most recently used first.
  std::vector<Project> of(const Conversation& conversation, int limit);
  /// Those whose slug, description or last result hold every word of the query, in any case.
  std::vector<Project> search(const Conversation& conversation, const std::string& query, int limit);

 private:
  Database& db_;
};

}  // namespace store
