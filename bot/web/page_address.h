#pragma once

#include <string>
#include <string_view>

#include "bot/runtime/admin_settings.h"
#include "store/page_chats.h"

namespace bot::web {

// Which conversation is whose. A page calls its chats by ids without a "/"; those of the person "local" are
// stored under them, those of anybody else behind "<person>/", so that nobody can name a chat of another.

/// The person whose chats are stored under their own ids.
inline constexpr const char* kLocalUser = runtime::kFirstPerson;

/// Whether a page may call a chat so.
bool is_chat_id(std::string_view id);

std::string stored_chat(const std::string& user, const std::string& shown);
std::string shown_chat(const std::string& stored);
/// Whose chat it is.
std::string user_of_chat(const std::string& stored);
/// The chat to which the projects of all chats of that person belong.
std::string room_of(const std::string& user);
store::PageOwner owner_of(const std::string& section, const std::string& user);

}  // namespace bot::web
