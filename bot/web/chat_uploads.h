#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/http.h"
#include "bot/chat/incoming_message.h"
#include "bot/runtime/services.h"
#include "store/database.h"

namespace bot::web {

/// Takes the files that people send by the page, in pieces no larger than a request, and keeps them beside
/// the database until a dispatch fetches them. Thread rule: that of the Database.
class ChatUploads {
 public:
  ChatUploads(runtime::Services& services, store::Database& db, std::string user)
      : services_(services), db_(db), user_(std::move(user)) {}

  /// POST files?name=&type= with the first bytes, then `&file=ID&at=OFFSET` with further ones. Answers
  /// {"file": id, "size": bytes so far}; a piece that is there already is answered as if it had come now.
  base::HttpResponse post(const base::HttpRequest& request);

  /// Forgets a file that was not sent along after all; 204, also where a message has it, which keeps it.
  base::HttpResponse remove(const std::string& id);

  /// The files of a message, in its order. Throws base::PermanentError with a sentence where one is not this
  /// person's, or gone.
  std::vector<chat::Attachment> attachments(const nlohmann::json& ids);

  /// Gives `sink` the bytes of a file. Throws base::PermanentError where it is gone or larger.
  static void read(const runtime::Services& services, const std::string& id, std::uint64_t max_bytes,
                   const std::function<void(std::string_view)>& sink);

 private:
  base::HttpResponse begin(const base::HttpRequest& request);
  base::HttpResponse add(const base::HttpRequest& request, const std::string& id);
  void drop_old();

  runtime::Services& services_;
  store::Database& db_;
  const std::string user_;
};

}  // namespace bot::web
