#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// A call of one of the secretary's tools by MCP.
struct ToolCallRecord {
  std::int64_t id = 0;
  MessageId message;  ///< the person's, in whose turn the model called it
  ConversationId conversation;
  PersonId person;
  std::string server;
  std::string tool;
  std::string arguments;    ///< JSON
  std::string hash;         ///< of exactly what is to be done
  bool only_reads = false;  ///< as the server says
  ToolCallState state = ToolCallState::open;
  std::optional<MessageId> shown = {};  ///< the message that asks the person
  std::optional<MessageId> said = {};   ///< one with what the model said beside it, and of nothing else
  std::string result = {};              ///< the tool's words, or what went wrong
  base::Timestamp made = {};
  std::optional<base::Timestamp> expires = {};
  std::optional<base::Timestamp> begun = {};
  std::optional<base::Timestamp> ended = {};
  std::optional<PersonId> by = {};  ///< whoever pressed a button of it
  std::string comment = {};         ///< what they said to it
  std::string about = {};  ///< JSON: what the server shows of what it is about, as it stood in the question
  std::string read_back = {};  ///< JSON: what was read after it; empty where nothing was
};

/// SQL that takes the texts out of calls, to be followed by which; within a ChainedErasure. With them goes
/// the hash, on which guesses of the arguments could be tried.
inline constexpr const char* kEmptyCalls =
    "UPDATE tool_calls SET arguments = '{}', hash = '', result = '', comment = '', about = '', read_back = ''";

/// Calls of tools. A row is there before its call is made, so that none is made
/// twice because the program died. Thread rule: that of the Database.
class ToolCalls {
 public:
  explicit ToolCalls(Database& db) : db_(db) {}

  /// As open where it has a time at which it expires, else as running from now on.
  std::int64_t add(const ToolCallRecord& call, base::Timestamp now);
  std::optional<ToolCallRecord> find(std::int64_t id);
  void set_shown(std::int64_t id, MessageId shown);

  /// From open to running, as `by` said; false where somebody was faster, or its time is over.
  bool begin(std::int64_t id, PersonId by, base::Timestamp now);
  /// From running to `state`.
  bool end(std::int64_t id, ToolCallState state, const std::string& result, base::Timestamp now,
           const std::string& read_back = {});
  /// Whoever settles an open call, and what they say to it; nobody where its time is over.
  struct Settled {
    std::optional<PersonId> by = {};
    std::string comment = {};
  };
  /// From open to `state`; false if somebody was faster.
  bool settle(std::int64_t id, ToolCallState state, base::Timestamp now, const Settled& settled);

  /// Whether one of those that were asked beside these words still waits for an answer, or was begun.
  bool is_any_alive(MessageId said);
  /// Those that the turn of that message has made, in their order.
  std::vector<ToolCallRecord> of(MessageId message);
  /// Those that the person is asked about in that chat.
  std::vector<ToolCallRecord> open_of(ConversationId conversation, PersonId person);
  /// Of that person's last fifty calls the readings of that server in that chat that were done, the newest
  /// first.
  std::vector<ToolCallRecord> recent_readings(ConversationId conversation, PersonId person,
                                              const std::string& server);
  /// The last one that the person was asked about in that chat.
  std::optional<ToolCallRecord> last_asked(ConversationId conversation, PersonId person);
  /// One that they were asked about there and that was begun since then.
  std::optional<ToolCallRecord> begun_since(ConversationId conversation, PersonId person,
                                            base::Timestamp since);
  /// All in that state; for open and running alone.
  std::vector<ToolCallRecord> open();
  std::vector<ToolCallRecord> running();
  /// Those that are being made in that chat.
  std::vector<ToolCallRecord> running_in(ConversationId conversation);
  /// Of which nobody knows what they did, and that nobody has put away (InboxDone, doubt_name), the newest
  /// first.
  std::vector<ToolCallRecord> doubts(int limit);
  int doubt_count();
  static std::string doubt_name(std::int64_t id) { return "call-" + std::to_string(id); }

 private:
  Database& db_;
};

}  // namespace store
