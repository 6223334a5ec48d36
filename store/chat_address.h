#pragma once

#include <string>
#include <string_view>

namespace store {

/// Where something is said: a chat, or a thread in it. As text, "<chat>" or "<chat>/<thread>": so it is
/// stored and written in the configuration. A service whose chat ids have slashes of their own has no threads
/// here and must not take them apart.
struct ChatAddress {
  std::string chat;
  std::string thread = {};  ///< empty: the chat itself

  static ChatAddress parse(std::string_view text) {
    const auto slash = text.find('/');
    return slash == std::string_view::npos
               ? ChatAddress{std::string(text)}
               : ChatAddress{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
  }
  std::string text() const { return thread.empty() ? chat : chat + "/" + thread; }

  bool operator==(const ChatAddress&) const = default;
};

}  // namespace store
