#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bot/runtime/services.h"
#include "dispatch/task/interaction.h"
#include "store/approvals.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/people.h"

namespace bot::runs {

/// Shows what a specialist asks, in the chat that ordered its work, and takes the answers. Every function but
/// ask(), withdraw() and expire_overdue() runs inside the caller's transaction. Thread rule: that of the
/// Database.
class ApprovalDesk {
 public:
  ApprovalDesk(runtime::Services& services, store::Database& db) : services_(services), db_(db) {}

  /// Writes the request down and posts it, with buttons.
  void ask(store::DispatchId dispatch, const store::Conversation& conversation, const std::string& slug,
           const std::string& reply_to, const dispatch::Request& request);
  /// The specialist waits for it no longer.
  void withdraw(store::DispatchId dispatch, const std::string& request_id);
  /// Denies what has waited for longer than dispatch.approval_timeout_s, and tells the specialist so.
  void expire_overdue(store::DispatchId dispatch);
  /// Settles what is still open of a dispatch as expired, with that sentence.
  void close(store::DispatchId dispatch, const std::string& why);

  /// What a person answered by a button. `change`: the command that they allow instead, or what is to be
  /// different in the plan; mostly empty. Returns a sentence for the chat where it was not taken, else
  /// nothing; in that case send() must be called after the commit.
  std::string take_button(const store::Approval& approval, store::ButtonKind kind, const std::string& label,
                          const store::Person& person, const std::string& change);
  /// What a person answered in words; returns the same.
  std::string take_text(const store::Approval& approval, const std::string& text,
                        const store::Person& person);
  /// Gives the specialist what was taken last.
  void send();

 private:
  struct Settled {
    store::ApprovalState state;
    std::string line;         ///< what is shown below the request
    std::string detail = {};  ///< Markdown below that
  };
  void settle(const store::Approval& approval, const Settled& settled, dispatch::Reply reply,
              std::optional<store::PersonId> by);
  void answer_question(const store::Approval& approval, const std::string& answer,
                       const store::Person& person);
  std::string take_plan_change(const store::Approval& approval, const std::string& text,
                               const store::Person& person);
  /// Allows another command than the one that was proposed.
  std::string allow_changed(const store::Approval& approval, const std::string& command,
                            const store::Person& person);
  void close_message(const store::Approval& approval, const std::string& line,
                     const std::string& detail = {});
  std::string text_of_question(const store::Approval& approval, std::vector<store::Button>& buttons) const;

  runtime::Services& services_;
  store::Database& db_;
  std::optional<std::pair<store::DispatchId, dispatch::Reply>> reply_;
};

/// Whether what is asked can be allowed in another form than it was proposed in: a command.
bool can_change(const store::Approval& approval);

/// After a start: what was open when the program ended is expired, never allowed.
void expire_open_approvals(runtime::Services& services, store::Database& db);

}  // namespace bot::runs
