#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// What was said in chats, found by its words: in the index of the log (store/log_words.h), by the column
/// that names the chat. So a chat's words are what its decisions are about: what people wrote to the bot or
/// passed on to it, what it answered, what specialists reported; and
/// reminders that were posted. Thread rule: that of the Database.
class SaidWords {
 public:
  explicit SaidWords(Database& db) : db_(db) {}

  /// Around a word that was looked for, in a snippet.
  static constexpr char kBegin = '\x01', kEnd = '\x02';

  enum class By { person, bot, specialist };
  struct Hit {
    DecisionId decision;  ///< 0: none, it is a reminder that was posted
    ConversationId conversation;
    By by = By::person;
    PersonId person;          ///< who wrote, or was answered
    MessageId message;        ///< what the person wrote, or our post
    base::Timestamp at;       ///< when the person wrote, or it was decided
    std::string external_id;  ///< the platform's id of the person's message; may be empty
    std::string snippet;      ///< on one line; "…" where something is left out
  };

  /// The newest texts in these rooms (Conversations::room_of) that hold all of the words together with those
  /// that belong to them, of at most `decisions` decisions. Words of four characters and more may go on.
  std::vector<Hit> find(const std::vector<ConversationId>& rooms, const std::vector<std::string>& words,
                        int decisions);

  /// The rooms in which a person finds what is like this chat: its own alone, or, of chats that are all of
  /// one person (`personal`: ids that begin alike, up to a "/"), the newest of them too.
  std::vector<ConversationId> rooms_of(const Conversation& conversation, bool personal);

 private:
  std::deque<Hit> posts(const std::string& wanted, int most);

  Database& db_;
};

}  // namespace store
