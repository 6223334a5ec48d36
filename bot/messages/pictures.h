#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/process/sandbox.h"
#include "bot/chat/platform.h"
#include "llm/chat_model.h"
#include "router/conversation_window.h"
#include "store/attachments.h"
#include "store/conversations.h"
#include "store/database.h"

namespace bot::messages {

/// Whether it is one, as far as its sender or the service says.
bool is_picture(const store::Attachment& attachment);

/// So many are shown to the model at once, those of the message that is answered before earlier ones.
inline constexpr std::size_t kMostPictures = 5;
/// Of what was said before, these messages and this time count.
inline constexpr std::size_t kMostMessagesBack = 12;
inline constexpr std::chrono::hours kPicturesLast{24};

/// The pictures that came along with these messages of one conversation and may be shown to the model: all of
/// those from `own_from` on, and the last of those before. Thread rule: that of the Database.
std::vector<store::Attachment> pictures_of(store::Database& db, const std::vector<store::Message>& messages,
                                           std::size_t own_from, base::Timestamp now);

/// What people sent, as a model takes it: fetched from the chat service, decoded in a child of its own,
/// scaled down. The last few stay in memory for a while, since the next turn shows them again; nothing is
/// written anywhere. Thread rule: any thread.
class Pictures {
 public:
  Pictures(base::Sandbox sandbox, const base::Clock& clock) : sandbox_(std::move(sandbox)), clock_(clock) {}

  /// `platform` may be null: the section is gone. Throws base::PermanentError with half a sentence, such as
  /// "it is larger than 20 MB", also where it may be had later, and base::Stopped.
  llm::Image look_at(const store::Attachment& attachment, chat::Platform* platform, std::uint64_t max_bytes,
                     std::stop_token stop);

 private:
  struct Known {
    store::AttachmentId id = {};
    std::optional<llm::Image> image = {};
    std::string problem = {};  ///< where there is none
    base::Timestamp used = {};
  };
  std::optional<Known> known(store::AttachmentId id);
  void keep(Known known);
  llm::Image fetch(const store::Attachment& attachment, chat::Platform* platform, std::uint64_t max_bytes,
                   const std::stop_token& stop) const;

  const base::Sandbox sandbox_;
  const base::Clock& clock_;
  base::Guarded<std::vector<Known>> known_;  ///< what was used last stands last
};

}  // namespace bot::messages
