#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/ids.h"

namespace store {

/// A file that came along with a message. It waits until a dispatch takes it, which then either placed it in
/// its project (path) or could not have it (problem).
struct Attachment {
  AttachmentId id = {};
  MessageId message = {};
  std::string handle;                     ///< what the platform fetches it by
  std::string name;                       ///< as the sender called it, on one line; not safe as a file name
  std::string media_type;                 ///< may be empty
  std::optional<std::int64_t> size = {};  ///< in bytes: as the service said, or as it was when it was placed
  std::optional<DispatchId> dispatch = {};
  std::string path = {};     ///< relative to the project folder
  std::string problem = {};  ///< a sentence
};

/// Thread rule: that of the Database.
class Attachments {
 public:
  explicit Attachments(Database& db) : db_(db) {}

  /// Inside the transaction that stores the message.
  AttachmentId add(const Attachment& attachment);
  std::vector<Attachment> of(MessageId message);
  /// Those of the messages of a conversation from `first` to `last`; one without any is not in it.
  std::map<MessageId, std::vector<Attachment>> among(ConversationId conversation, MessageId first,
                                                     MessageId last);

  /// Whether a message has the file of that handle; looks through all of them.
  bool any_has(const std::string& handle);

  /// What that person sent in the conversation since `since`, not before its context start, and no dispatch
  /// took yet, oldest first, at most a hundred. What came with the order of another dispatch that is open is
  /// left to that one.
  std::vector<Attachment> waiting(const Conversation& conversation, PersonId person, base::Timestamp since,
                                  DispatchId for_dispatch);
  /// What the dispatch took, in its order.
  std::vector<Attachment> taken_by(DispatchId dispatch);
  /// The paths of all that was ever placed in the project.
  std::vector<std::string> placed_in(ProjectId project);

  /// Keeps a file of an album of which nobody knows yet whether it is meant for the bot; those kept since
  /// before `forget_before` are forgotten.
  void hold(const std::string& section, const std::string& album, const Attachment& attachment,
            base::Timestamp now, base::Timestamp forget_before);
  /// What hold() kept of that album, in its order, and keeps no longer.
  std::vector<Attachment> take_held(const std::string& section, const std::string& album);

  void mark_placed(AttachmentId id, DispatchId dispatch, const std::string& path, std::int64_t size);
  void mark_failed(AttachmentId id, DispatchId dispatch, const std::string& problem);

 private:
  Database& db_;
};

}  // namespace store
