#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "store/conversations.h"
#include "store/database.h"

namespace bot::web {

/// What the chat page shows, as JSON. Thread rule: that of the Database.
class PageData {
 public:
  explicit PageData(store::Database& db) : db_(db) {}

  /// One message with its HTML, its buttons and the state of the run it is about.
  nlohmann::json message(store::MessageId id);
  /// {"messages": […], "more": bool}: the newest messages before `before`, or of all.
  nlohmann::json history(const std::string& section, const std::string& chat,
                         std::optional<store::MessageId> before);

 private:
  nlohmann::json message(const store::Message& message, const std::string& chat);
  nlohmann::json dispatch(const store::Message& message);

  store::Database& db_;
};

}  // namespace bot::web
