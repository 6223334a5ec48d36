#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bot/runtime/services.h"
#include "dispatch/project/workspace.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/offered_files.h"
#include "store/outbox.h"
#include "store/projects.h"

namespace bot::messages {

/// The largest file that is sent to a chat, in bytes.
inline constexpr std::uint64_t kMostSent = 20ULL << 20;

/// The paths that a person most likely wants to have of what a run made or changed, the likeliest first:
/// documents, archives and images near the top before source files; nothing hidden, empty, too large or of a
/// tool's own folders.
std::vector<std::string> likely_wanted(const std::filesystem::path& folder,
                                       const std::vector<dispatch::FileChange>& changes, std::size_t most);

/// Hands files of a chat's projects to that chat. Thread rule: that of the Database.
class FilesOut {
 public:
  FilesOut(runtime::Services& services, store::Database& db) : services_(services), db_(db) {}

  /// Buttons for what a run left, where the chat takes files. Inside the caller's transaction.
  std::vector<store::Button> offer(const store::Conversation& conversation, store::DispatchId dispatch,
                                   const std::filesystem::path& folder,
                                   const std::vector<dispatch::FileChange>& changes);

  /// What to say to "/file [PROJECT] PATH", with the file where the chat takes files. Without PROJECT it is
  /// the one of this chat that was used last.
  store::Post requested(const store::Conversation& conversation, const std::string& argument);
  /// What to say to a click on a button of offer().
  store::Post offered(const store::Conversation& conversation, store::OfferedFileId id);

  /// Reads the file of a post that is about to be sent. One that cannot be had any more, or is not that
  /// chat's, becomes a sentence in the text.
  void read(const store::Conversation& conversation, store::Post& post);

 private:
  std::filesystem::path folder_of(const store::Project& project) const;
  store::Post post_of(const store::Conversation& conversation, const store::Project& project,
                      const std::string& path);

  runtime::Services& services_;
  store::Database& db_;
};

}  // namespace bot::messages
