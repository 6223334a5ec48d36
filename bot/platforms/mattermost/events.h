#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/http.h"
#include "bot/chat/capabilities.h"
#include "bot/chat/incoming_message.h"

namespace bot::mattermost {

/// What an outgoing webhook tells: that there is a post for the bot. The rest is read from the API, since the
/// call does not say in which thread the post is, and nothing of its files.
struct Notice {
  std::string channel;
  std::string post;
  std::string trigger_word;  ///< empty where the webhook takes every post of its channel
};

/// The call of an outgoing webhook, a form or JSON (server/public/model/outgoing_webhook.go), that has one of
/// the tokens. Throws Refused(401) for any other, and Refused(400). Pure function.
Notice read_notice(const base::HttpRequest& request, const std::vector<std::string>& tokens);

/// Who reads a post, and where.
struct Reader {
  std::string bot_user;                    ///< the user id of this bot
  std::string bot_name;                    ///< its user name, without "@"
  std::vector<std::string> trigger_words;  ///< those that an outgoing webhook is set to
};
struct Place {
  std::string channel;
  bool is_direct = false;
};

/// A post (server/public/model/post.go), if it is meant for the bot or may be. Nothing for what bots,
/// webhooks and Mattermost itself wrote, for what was deleted, and for what is in a channel without a trigger
/// word or mention and outside of a thread. `notice` is what told of it, where something did. Throws
/// Refused(400) where it is no post.
std::optional<chat::IncomingMessage> read_post(const nlohmann::json& post, const Place& place,
                                               const Reader& reader, const Notice* notice = nullptr);

/// What the post says now, as a change of the message that it was; nothing where nobody changed its text.
std::optional<chat::IncomingMessage> edit_of(const chat::IncomingMessage& message,
                                             const nlohmann::json& post);

/// The name that stands before a person's posts, in one line, from a user object
/// What was said before that post in its thread (what "GET posts/{id}/thread" gives), the oldest first.
/// Authors are ids.
std::vector<chat::Quotation> thread_before(const nlohmann::json& thread, const std::string& post,
                                           const chat::ReadsThreads::IsKnown& is_known,
                                           const std::string& bot_user);

/// (server/public/model/user.go); may be empty.
std::string user_name_of(const nlohmann::json& user);

}  // namespace bot::mattermost
