#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bot/runtime/admin_settings.h"

namespace bot::web {

/// Somebody who uses the chat page. Each has chats of their own: the page calls them "main" or by a random
/// name, and in the store the name of their owner stands before that, so that no request can name a chat of
/// somebody else. Those of kFirst, who signs in with the token or as admin, stand there without a name.
/// A value; thread rule: any thread.
class PagePerson {
 public:
  static constexpr const char* kFirst = runtime::kFirstPerson;

  explicit PagePerson(std::string user_id = kFirst) : user_id_(std::move(user_id)) {}

  /// As the chat section of the page calls the person.
  const std::string& user_id() const { return user_id_; }

  /// What their chats begin with in the store; empty of kFirst, whose chats hold no "/".
  std::string prefix() const { return user_id_ == kFirst ? "" : user_id_ + "/"; }

  /// The chat in the store that the page calls `shown`, which is is_page_chat().
  std::string stored_chat(std::string_view shown) const { return prefix() + std::string(shown); }

  /// What the page calls that chat in the store; nothing where it is somebody else's.
  std::optional<std::string> shown_chat(std::string_view stored) const {
    const auto slash = stored.rfind('/');
    const auto begin = slash == std::string_view::npos ? 0 : slash + 1;
    if (stored.substr(0, begin) != prefix()) {
      return std::nullopt;
    }
    return std::string(stored.substr(begin));
  }

 private:
  std::string user_id_;
};

}  // namespace bot::web
