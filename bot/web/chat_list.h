#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "base/http.h"
#include "store/conversations.h"
#include "store/database.h"
#include "store/page_chats.h"

namespace bot::web {

/// The chats of one person on the page, as JSON. Thread rule: that of the Database.
class ChatList {
 public:
  ChatList(store::Database& db, std::string section, std::string user)
      : db_(db), section_(std::move(section)), user_(std::move(user)) {}

  /// [{"id","title","updated"}], those used last first.
  nlohmann::json chats();
  /// [{"chat","kind": approval|question|run}]: where the person is waited for, or a specialist works.
  nlohmann::json waiting();
  /// [{"slug","about","updated"}]: the projects of all of them.
  nlohmann::json projects();

  /// PATCH {"title"}; 204.
  base::HttpResponse rename(const std::string& chat, const std::string& body);
  /// {"reminders"}: how many come in the chat.
  base::HttpResponse about(const std::string& chat);
  /// 204, or 409 where something is under way in it. Its reminders come in the newest other chat, or a new
  /// one.
  base::HttpResponse remove(const std::string& chat, base::Timestamp now);
  /// [{"chat","title","message","time","excerpt"}]: messages that hold every word, newest first.
  base::HttpResponse search(const std::string& query);

 private:
  std::optional<store::Conversation> conversation(const std::string& chat);
  void move_reminders(const store::Conversation& gone, base::Timestamp now);

  store::Database& db_;
  const std::string section_;
  const std::string user_;
};

/// What it is called in JSON.
const char* name_of(store::PageChats::Waits waits);

/// The part of a text around the first of the words, at most about 160 bytes; plain text.
std::string excerpt(const std::string& text, const std::string& query);

}  // namespace bot::web
