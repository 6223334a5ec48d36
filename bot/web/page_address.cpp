#include "bot/web/page_address.h"

namespace bot::web {
namespace {

constexpr std::size_t kLongestId = 128;
constexpr const char* kRoom = "main";

std::string prefix_of(const std::string& user) {
  return user == kLocalUser ? "" : user + "/";
}

}  // namespace

bool is_chat_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestId &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string_view::npos;
}

std::string stored_chat(const std::string& user, const std::string& shown) {
  return prefix_of(user) + shown;
}

std::string shown_chat(const std::string& stored) {
  return stored.substr(stored.rfind('/') + 1);
}

std::string user_of_chat(const std::string& stored) {
  const auto slash = stored.rfind('/');
  return slash == std::string::npos ? kLocalUser : stored.substr(0, slash);
}

std::string room_of(const std::string& user) {
  return stored_chat(user, kRoom);
}

store::PageOwner owner_of(const std::string& section, const std::string& user) {
  return {section, prefix_of(user)};
}

}  // namespace bot::web
