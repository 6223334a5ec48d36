#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// One of the service's own messages that together show a message of ours.
struct MessagePart {
  int position = 0;
  std::string external_id;  ///< empty until the service has told it
  std::string shown;        ///< a digest of what it shows now, as far as it is known
  bool uncertain = false;   ///< nobody can tell whether it arrived; it is not sent again
  base::Timestamp attempted;
  std::string step = {};  ///< how far the attempt came, as mark_step() was told; empty once it is sent
  bool settled = false;   ///< a person has seen that what was uncertain arrived
};

/// In MessagePart::shown: not what the message says, but a draft of it (store/drafts.h).
inline constexpr const char* kShowsDraft = "draft";

/// What was sent of each message, written before and after every call, so that a crash between "sending" and
/// "sent" is noticed. Every function is a commit of its own, unless the caller holds a Transaction. Thread
/// rule: that of the Database.
class MessageParts {
 public:
  explicit MessageParts(Database& db) : db_(db) {}

  /// In order of position.
  std::vector<MessagePart> of(MessageId message);

  /// Before the first byte is sent.
  void mark_attempted(MessageId message, int position, base::Timestamp now);
  /// How far an attempt came that takes several calls; nothing where the part is not being attempted.
  void mark_step(MessageId message, int position, const std::string& step);
  void mark_sent(MessageId message, int position, const std::string& external_id);
  /// What it shows now.
  void mark_shown(MessageId message, int position, const std::string& digest);
  /// It certainly never arrived, or it was taken away.
  void forget(MessageId message, int position);
  /// Nobody can tell whether it arrived, and it is not sent again.
  void mark_uncertain(MessageId message, int position);
  /// It was sent again although the first may have arrived; only a placeholder may be.
  void mark_doubtful(MessageId message, int position);

  /// How many parts are uncertain or may have been doubled, for the admin.
  int doubtful_count();
  struct Doubt {
    std::string section;
    std::string chat_id;
    MessageId message;
    int position = 0;
    bool uncertain = false;  ///< else a placeholder that may have been doubled
    base::Timestamp attempted;
    std::string key = {};  ///< of the call that posted the message
  };
  /// The newest of them first.
  std::vector<Doubt> doubts(int limit);
  /// That part, where it is one.
  std::optional<Doubt> doubt(MessageId message, int position);
  /// Somebody has looked: it arrived, or its double is gone. It is in doubt no longer, and not sent again.
  void settle_doubt(MessageId message, int position, base::Timestamp now);

 private:
  Database& db_;
};

}  // namespace store
