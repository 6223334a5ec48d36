#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/tool_calls.h"

namespace store {

/// What calls of tools came to in the turns before. Only the calls of one person in one chat, and none whose
/// words were erased or are past their time. Thread rule: that of the Database.
class MadeCalls {
 public:
  explicit MadeCalls(Database& db) : db_(db), calls_(db) {}

  /// Of the turn of `until` and of the last ones before it, in which that person wrote, those that nobody is
  /// asked about any more; the oldest first. Nothing from before `since`, or before a new conversation began.
  std::vector<ToolCallRecord> recent(const Conversation& conversation, PersonId person, MessageId until,
                                     base::Timestamp since);

  /// The last one that was the same, in an earlier turn, and was done or may have been.
  std::optional<ToolCallRecord> same_before(const ToolCallRecord& wanted);

  /// Whether its person has not seen what came of it: nobody knows, or its turn failed behind it.
  bool is_in_doubt(const ToolCallRecord& call);

 private:
  Database& db_;
  ToolCalls calls_;
};

}  // namespace store
