#pragma once

#include <compare>
#include <cstdint>

namespace store {

// One type per table, so that a message's id cannot be passed where a conversation's is meant.
struct PersonId {
  std::int64_t value = 0;
  auto operator<=>(const PersonId&) const = default;
};
struct ConversationId {
  std::int64_t value = 0;
  auto operator<=>(const ConversationId&) const = default;
};
struct MessageId {
  std::int64_t value = 0;
  auto operator<=>(const MessageId&) const = default;
};
struct ProjectId {
  std::int64_t value = 0;
  auto operator<=>(const ProjectId&) const = default;
};
struct DecisionId {
  std::int64_t value = 0;
  auto operator<=>(const DecisionId&) const = default;
};
struct DispatchId {
  std::int64_t value = 0;
  auto operator<=>(const DispatchId&) const = default;
};
struct AttachmentId {
  std::int64_t value = 0;
  auto operator<=>(const AttachmentId&) const = default;
};
struct OfferedFileId {
  std::int64_t value = 0;
  auto operator<=>(const OfferedFileId&) const = default;
};
struct LedgerId {
  std::int64_t value = 0;
  auto operator<=>(const LedgerId&) const = default;
};
struct NoteId {
  std::int64_t value = 0;
  auto operator<=>(const NoteId&) const = default;
};
struct OutboxId {
  std::int64_t value = 0;
  auto operator<=>(const OutboxId&) const = default;
};
struct ReminderId {
  std::int64_t value = 0;
  auto operator<=>(const ReminderId&) const = default;
};

}  // namespace store
