#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "store/chain.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// Takes out of the database what people and the bot said long ago, and leaves the rows: ids, times, what was
/// decided, done and paid, so that a late repeat is still known and whatever names a message still finds it.
/// Decisions, dispatches, approvals and verdicts are not touched; of calls of tools, which are said with the
/// message, the texts go. Thread rule: that of the Database.
class Retention {
 public:
  explicit Retention(Database& db) : db_(db) {}

  /// One step, in a transaction of its own: looks at the next `rows` messages from where the last step ended,
  /// and empties those that were written before `before` and are at rest. What is under way (an open turn,
  /// question, request, run or delivery) is looked at again by later().
  struct Step {
    int emptied = 0;
    bool more = false;  ///< the next step may find something
  };
  Step empty_old(base::Timestamp before, int rows, base::Timestamp now);
  /// The same for what was under way when its turn came.
  Step empty_later(int rows, base::Timestamp now);

  /// Takes out of the log which words of the message moved p: they are its own. Inside the caller's
  /// transaction.
  void forget_judged_words(MessageId message);
  /// Empties that message, whatever it is under way to; `why` is the event of the chain. Inside the caller's
  /// transaction.
  void empty(MessageId message, base::Timestamp now, const char* why = chain_event::kPruned);
  /// The same at once for all that was said in a conversation. Inside the caller's transaction.
  void empty_of(ConversationId conversation, base::Timestamp now);

  /// How much of the file is in use; what was emptied is used again before it grows.
  std::uint64_t bytes_in_use();

 private:
  /// The next ones, up to one that is younger.
  std::vector<MessageId> next_before(base::Timestamp before, int rows);
  bool is_at_rest(MessageId message);
  /// The calls of tools in its turn.
  void empty_calls(MessageId message, const char* why);
  /// Empties those of them that are at rest, and remembers the others. Returns how many.
  int empty_all(const std::vector<MessageId>& messages, base::Timestamp now);

  Database& db_;
};

}  // namespace store
