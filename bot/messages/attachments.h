#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "bot/chat/capabilities.h"
#include "store/attachments.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/dispatch_log.h"

namespace bot::messages {

/// The folder in a project that holds what people attached.
inline constexpr const char* kAttachmentsFolder = "attachments";

/// Adds a line "[Attached: plan.pdf (application/pdf, 120 kB)]" to the text of each message that files came
/// along with, for a model that reads them.
void tell_attachments(const std::map<store::MessageId, std::vector<store::Attachment>>& attachments,
                      std::vector<store::Message>& messages);

/// What waits for the dispatch: files of whoever ordered it, of that conversation, of the last 24 hours.
std::vector<store::Attachment> waiting_attachments(store::Database& db, const store::DispatchRecord& dispatch,
                                                   base::Timestamp now);

/// Brings what waits for a dispatch into its project folder, which the caller has locked. Thread rule: one
/// thread.
class AttachmentFetch {
 public:
  struct Limits {
    std::uint64_t max_file = 0;             ///< bytes; 0: none is taken
    std::uint64_t keep_free = 64ULL << 20;  ///< bytes of the disk that stay free
    std::chrono::milliseconds pause{
        500};  ///< before the second try; doubled for the third, which is the last
    std::chrono::milliseconds longest{5'000};  ///< that a service's own wish for a pause is heeded
    std::uint64_t max_all() const { return 5 * max_file; }
  };
  /// `platform` may be null: the section is gone.
  AttachmentFetch(store::Database& db, chat::Platform* platform, const Limits& limits)
      : db_(db), platform_(platform), limits_(limits) {}

  /// Each file is committed when it is in place, or when it cannot be had, with the reason. When `stop` is
  /// requested, the rest goes on waiting. Throws what the database throws.
  void run(const store::DispatchRecord& dispatch, const std::filesystem::path& project, base::Timestamp now,
           std::stop_token stop);

 private:
  /// Places it and returns its size in bytes.
  std::uint64_t place(const store::Attachment& attachment, store::DispatchId dispatch,
                      const std::filesystem::path& project, std::uint64_t room, std::stop_token stop);

  store::Database& db_;
  chat::Platform* const platform_;
  const Limits limits_;
  int tries_ = 3;  ///< for one file; fewer when the service was found to be down
};

/// What the specialist is told of the files that its dispatch took; empty where there are none.
std::string attachments_prompt(const std::vector<store::Attachment>& taken);

/// A sentence for each of them that could not be had.
std::vector<std::string> attachment_problems(const std::vector<store::Attachment>& taken);

}  // namespace bot::messages
