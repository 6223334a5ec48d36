#pragma once

#include <set>

#include "store/database.h"
#include "store/ids.h"

namespace store {

/// What searches in a chat have shown to whoever asked: by that the words of one person are found in the
/// answers to another. Thread rule: that of the Database.
class FoundMessages {
 public:
  explicit FoundMessages(Database& db) : db_(db) {}

  /// The answer to `asked` shows these, or what was answered to them, in a transaction of its own.
  void note(MessageId asked, const std::set<MessageId>& found);
  /// Our answers that show these messages or what was answered to them, and on from there.
  std::set<MessageId> answers_that_show(const std::set<MessageId>& messages);
  /// Inside a transaction: the answer to `asked` is no more; what shows that answer shows what it showed.
  void forget(MessageId asked);

 private:
  Database& db_;
};

}  // namespace store
