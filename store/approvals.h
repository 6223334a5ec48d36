#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"
#include "store/states.h"

namespace store {

/// What a specialist asked a person while it worked, and what was answered. It belongs to the person who
/// ordered the dispatch, in the chat where they did.
struct Approval {
  std::int64_t id = 0;
  DispatchId dispatch;
  ConversationId conversation;
  PersonId person;
  MessageId message;       ///< the one that shows it
  std::string request_id;  ///< the specialist's own
  std::string hash;        ///< of exactly what is to be done
  ApprovalKind kind = ApprovalKind::permission;
  std::string tool;
  std::string detail;          ///< as shown
  std::string questions = {};  ///< JSON: [{"text", "options", "several"}]
  /// Of a permission: the rules that leave for the whole task covers, as the specialist's CLI names them.
  std::vector<std::string> rules = {};
  std::string answers = "{}";  ///< JSON: answers so far, by the text of the question
  ApprovalState state = ApprovalState::open;
  std::string comment = {};  ///< what was said with it
  std::optional<PersonId> by = {};
  base::Timestamp asked = {};
  std::optional<base::Timestamp> settled = {};
};

/// The command that a person allowed in place of the one that was asked for; empty where there is none.
std::string allowed_instead(const Approval& approval);

/// Requests for approval. Thread rule: that of the Database.
class Approvals {
 public:
  explicit Approvals(Database& db) : db_(db) {}

  /// Stores it as open; message and times are set by the other functions.
  std::int64_t add(const Approval& approval, base::Timestamp now);
  void set_message(std::int64_t id, MessageId message);
  void set_answers(std::int64_t id, const std::string& answers);
  Approval get(std::int64_t id);
  std::optional<Approval> find(std::int64_t id);
  std::optional<Approval> find(DispatchId dispatch, const std::string& request_id);
  /// The one that this message shows, if it shows one.
  std::optional<Approval> shown_by(MessageId message);
  /// From open to `state`; false if somebody was faster.
  bool settle(std::int64_t id, ApprovalState state, const std::string& comment, std::optional<PersonId> by,
              base::Timestamp now);

  /// Those of one dispatch, in their order.
  std::vector<Approval> of(DispatchId dispatch);
  /// The same, behind those of the interrupted dispatches that it continues, where `before` is what the
  /// prompt of one that continues another has in front of the other's.
  std::vector<Approval> of_task(DispatchId dispatch, const std::string& before);
  std::vector<Approval> open_of(DispatchId dispatch);
  /// Those that nobody has settled, of all dispatches.
  std::vector<Approval> open();
  /// Those that wait in that chat.
  std::vector<Approval> open_in(ConversationId conversation);

 private:
  Database& db_;
};

}  // namespace store
