#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http.h"
#include "bot/runtime/services.h"
#include "store/database.h"
#include "store/dispatch_log.h"

namespace bot::web {

/// Hands out the files of projects to the person who may see them: of dispatches in that person's chats on
/// the page alone, and nothing outside the project folder. Thread rule: that of the Database.
class ChatFiles {
 public:
  ChatFiles(runtime::Services& services, store::Database& db, std::string section, std::string user)
      : services_(services), db_(db), section_(std::move(section)), user_(std::move(user)) {}

  /// `what` is "d-17/src/app.py" (as an attachment where `download`), or "d-17.zip": what the run made or
  /// changed. 404 with a sentence for anything that this person may not have.
  base::HttpResponse get(std::string_view what, bool download);
  /// What the run changed in a file, "d-17/src/app.py", as unified diffs, one after the other; 404 where
  /// nothing was recorded.
  base::HttpResponse diff(std::string_view what);

 private:
  /// The dispatch of that name, where it is this person's.
  std::optional<store::DispatchRecord> dispatch(std::string_view name);
  base::HttpResponse archive(const store::DispatchRecord& dispatch);
  std::filesystem::path folder_of(const store::DispatchRecord& dispatch);

  runtime::Services& services_;
  store::Database& db_;
  const std::string section_;
  const std::string user_;
};

}  // namespace bot::web
