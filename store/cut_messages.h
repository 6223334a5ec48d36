#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "store/ids.h"

namespace store {

class Database;

/// Of messages that a service cut in parts and counts as several: which part is how long. Thread rule: that
/// of the Database.
class CutMessages {
 public:
  explicit CutMessages(Database& db) : db_(db) {}

  struct Part {
    std::string own_id;     ///< the service's id of it
    std::size_t bytes = 0;  ///< of the message's text
  };

  /// A further part; the first one is that of the message's own id.
  void add(MessageId message, const std::string& own_id, std::size_t bytes);
  void resize(MessageId message, const std::string& own_id, std::size_t bytes);
  /// In their order; none of a message that came whole.
  std::vector<Part> parts(MessageId message);
  /// The message of the conversation that the part belongs to.
  std::optional<MessageId> of_part(ConversationId conversation, const std::string& own_id);

 private:
  Database& db_;
};

}  // namespace store
