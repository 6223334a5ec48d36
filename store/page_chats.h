#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// Whose chats of the page: those of one person are the conversations of the section whose ids begin with
/// `prefix`; where that is empty, those without a "/" in their ids.
struct PageOwner {
  std::string section;
  std::string prefix;
};

/// A chat as the page lists it.
struct ListedChat {
  std::string chat_id;
  std::string title;
  base::Timestamp updated;
  /// Ours, where it is the last in the chat; nothing where the person has the last word.
  std::optional<MessageId> said_last;
};

/// The chats of the program's own page, as the people who use it keep them. Thread rule: that of the
/// Database.
class PageChats {
 public:
  explicit PageChats(Database& db) : db_(db) {}

  /// The newest `limit` that have something to show, those used last first. A chat that nobody named is
  /// called by what was first asked in it.
  std::vector<ListedChat> list(const PageOwner& owner, int limit);
  /// From now on it has that name; an empty one takes the name away.
  void rename(ConversationId conversation, const std::string& title);

  /// Takes out what was said in the chat, as Retention does, and no longer lists it until somebody writes
  /// there again. False where something is under way in it, and then nothing happened. Inside the caller's
  /// transaction.
  bool remove(ConversationId conversation, base::Timestamp now);
  /// Messages up to that one are no longer shown; 0: all are.
  MessageId deleted_through(ConversationId conversation);

  struct Hit {
    std::string chat_id;
    MessageId message;
    std::string text;
    base::Timestamp created;
  };
  /// Messages that hold every word of the query, in any case, the newest first.
  std::vector<Hit> search(const PageOwner& owner, const std::string& query, int limit);

  /// What is going on in a chat: the one that concerns a person most.
  enum class Waits { approval, question, run };
  struct Waiting {
    std::string chat_id;
    Waits waits = Waits::run;
  };
  /// Chats in which the person is waited for, or a specialist works; each once.
  std::vector<Waiting> waiting(const PageOwner& owner);
  std::optional<Waits> waits_in(ConversationId conversation);

  /// Puts the chats of the owner into one room, to which their projects belong.
  void share_room(const PageOwner& owner, const std::string& room);

 private:
  Database& db_;
};

}  // namespace store
