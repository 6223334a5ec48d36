#include "bot/platforms/telegram/updates.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/commands.h"
#include "bot/platforms/telegram/content.h"
#include "bot/texts/clicks.h"

namespace bot::telegram {
namespace {

using base::json_integer;
using base::json_string;
using nlohmann::json;

/// Clients cut a longer text in messages, at the end of a line or word where there is one near.
constexpr std::size_t kLongestText = 4'096;
constexpr std::size_t kShortestCut = kLongestText - 300;
constexpr std::chrono::milliseconds kRestWithin{1'500};

bool is_own_name(std::string_view name, const Self& self) {
  const auto lower = base::ascii_lower(name);
  // Every bot's name ends so; until the service has told ours, each may be meant.
  return self.username.empty() ? lower.ends_with("bot") : lower == base::ascii_lower(self.username);
}

/// "/cancel@other_bot" is that bot's, whatever it is a reply to.
bool is_for_another_bot(std::string_view text, const Self& self) {
  const auto word = text.substr(0, text.find_first_of(" \n\t"));
  const auto at = word.find('@');
  return word.starts_with('/') && at != std::string_view::npos && !is_own_name(word.substr(at + 1), self);
}

/// Whether the words are for the bot although others hear them, too.
bool is_addressed(const json& message, const Self& self) {
  const auto words = words_of(message);
  const auto& entities = entities_of(message);
  if (is_for_another_bot(base::trim(words), self)) {
    return false;
  }
  if (id_of(member(member(message, "reply_to_message"), "from")) == self.id && !self.id.empty()) {
    return true;
  }
  if (!entities.is_array() || is_brought(message)) {
    return false;
  }
  return std::any_of(entities.begin(), entities.end(), [&](const json& entity) {
    const auto type = json_string(entity, "type").value_or("");
    if (type == "text_mention") {
      return id_of(member(entity, "user")) == self.id;
    }
    if (type != "mention" && type != "bot_command") {
      return false;
    }
    const auto text = entity_text(words, entity);
    const auto at = text.find('@');
    if (at != std::string::npos) {
      return is_own_name(std::string_view(text).substr(at + 1), self);
    }
    if (json_integer(entity, "offset").value_or(-1) != 0) {
      return false;  // somebody speaks of a command
    }
    const auto command = chat::parse_command(text);
    return command && (command->name != chat::Command::Name::unknown || command->word == "start");
  });
}

/// Without the "@name" of the bot in front.
std::string without_mention(const std::string& text, const Self& self) {
  const auto trimmed = base::trim(text);
  if (!trimmed.starts_with('@')) {
    return std::string(trimmed);
  }
  const auto end = std::min(trimmed.find_first_of(" \n\t,:"), trimmed.size());
  if (!is_own_name(trimmed.substr(1, end - 1), self)) {
    return std::string(trimmed);
  }
  auto rest = trimmed.substr(end);
  while (!rest.empty() && (rest.front() == ',' || rest.front() == ':')) {
    rest.remove_prefix(1);
  }
  return std::string(base::trim(rest));
}

std::string chat_id_of(const json& message) {
  chat::ChatAddress address{id_of(member(message, "chat"))};
  if (base::json_bool(message, "is_topic_message").value_or(false)) {
    address.thread = id_of(message, "message_thread_id");
  }
  return address.text();
}

chat::IncomingMessage::Place place_of(const json& message) {
  return json_string(member(message, "chat"), "type").value_or("") == "private"
             ? chat::IncomingMessage::Place::direct
             : chat::IncomingMessage::Place::group;
}

/// The id of the message that it replies to: of another chat's none that could be one of this chat.
std::string id_of_original(const json& message) {
  const auto& original = member(message, "reply_to_message");
  // In a topic every message is a reply to the one that opened it.
  if (original.is_object() && !original.contains("forum_topic_created")) {
    return id_of(original, "message_id");
  }
  return member(message, "external_reply").is_object() || member(message, "reply_to_story").is_object()
             ? "elsewhere"
             : "";
}

/// Who, where and under which id; nothing where one of them cannot be told, or it is a bot.
std::optional<chat::IncomingMessage> envelope(const json& update, const json& message, const json& from,
                                              const Self& self) {
  chat::IncomingMessage incoming;
  incoming.external_id = fmt::format("{}:{}", self.key, update_id_of(update).value_or(0));
  incoming.chat_id = chat_id_of(message);
  incoming.room = id_of(member(message, "chat"));
  incoming.user_id = id_of(from);
  incoming.user_name = name_of(from);
  incoming.message_id = id_of(message, "message_id");
  incoming.reply_to = id_of_original(message);
  incoming.place = place_of(message);
  if (incoming.user_id.empty() || incoming.room.empty() || base::json_bool(from, "is_bot").value_or(false) ||
      json_string(member(message, "chat"), "type").value_or("") == "channel") {
    return std::nullopt;
  }
  return incoming;
}

/// What a person says to the bot in the name of the group or of a channel: it comes with a stand-in for the
/// person. Nothing for what a linked channel posts by itself.
std::optional<chat::IncomingMessage> read_nameless(const json& update, const json& message,
                                                   const Self& self) {
  if (base::json_bool(message, "is_automatic_forward").value_or(false) || !is_addressed(message, self)) {
    return std::nullopt;
  }
  auto incoming = envelope(update, message, member(message, "sender_chat"), self);
  if (!incoming || incoming->message_id.empty() || incoming->place != chat::IncomingMessage::Place::group) {
    return std::nullopt;
  }
  incoming->kind = chat::IncomingMessage::Kind::nameless;
  incoming->user_name.clear();
  return incoming;
}

/// The person's own words: none in what was forwarded or written by another bot.
std::string own_text(const json& message, const Self& self) {
  if (is_brought(message)) {
    return {};
  }
  auto text = base::strip_controls(without_mention(readable(words_of(message), entities_of(message)), self));
  if (words_of(message).empty() && attachments_of(message).empty()) {
    text = base::strip_controls(wordless(message));
  }
  const auto command = chat::parse_command(text);
  return command && command->word == "start" ? "/help" : text;
}

/// The files of the message, and in a group those of the message that it replies to: in a direct chat the bot
/// got them when they were sent.
std::vector<chat::Attachment> files_of(const json& message, const chat::IncomingMessage& incoming,
                                       const Self& self) {
  auto files = attachments_of(message);
  const auto command = chat::parse_command(incoming.text);
  if (command && is_quick(*command)) {
    return files;
  }
  const auto add = [&files](const json& original) {
    for (auto& file : attachments_of(original)) {
      files.push_back(std::move(file));
    }
  };
  if (incoming.place == chat::IncomingMessage::Place::group &&
      incoming.addressed == chat::IncomingMessage::Addressed::always) {
    add(replied_to(message, self));
  }
  add(member(message, "external_reply"));
  return files;
}

/// Whether it can be the end of a text that the client cut: nothing but words.
bool may_be_rest(const json& message) {
  return !base::json_text(message, "text").empty() && !is_brought(message) &&
         !member(message, "reply_to_message").is_object();
}

/// Whether the client may have cut the text there.
void note_cut(chat::IncomingMessage& incoming, const json& message) {
  const auto units = base::utf16_length(json_string(message, "text").value_or(""));
  if (units >= kShortestCut && !is_brought(message)) {
    incoming.rest_within = kRestWithin;
    incoming.text += units < kLongestText ? "\n" : "";
  }
}

std::optional<chat::IncomingMessage> read_message(const json& update, const json& message, const Self& self) {
  if (member(message, "sender_chat").is_object()) {
    return read_nameless(update, message, self);
  }
  auto incoming = envelope(update, message, member(message, "from"), self);
  if (!incoming || incoming->message_id.empty()) {
    return std::nullopt;
  }
  const auto words = words_of(message);
  incoming->album = json_string(message, "media_group_id").value_or("");
  if (incoming->place == chat::IncomingMessage::Place::group && !is_addressed(message, self)) {
    if (is_for_another_bot(base::trim(words), self) || (incoming->album.empty() && !may_be_rest(message))) {
      return std::nullopt;
    }
    incoming->addressed = incoming->album.empty() ? chat::IncomingMessage::Addressed::as_rest
                                                  : chat::IncomingMessage::Addressed::in_album;
  }
  incoming->text = own_text(message, self);
  incoming->attachments = files_of(message, *incoming, self);
  incoming->quotations = quotations_of(message, self);
  if (!base::trim(incoming->text).empty() || !incoming->attachments.empty() ||
      !incoming->quotations.empty()) {
    note_cut(*incoming, message);
    return incoming;
  }
  if (is_unreadable(message)) {
    incoming->kind = chat::IncomingMessage::Kind::unreadable;
    return incoming;
  }
  if (base::trim(words).empty()) {
    return std::nullopt;
  }
  incoming->text = "Hello";  // a bare mention
  return incoming;
}

/// What somebody put under a message or took away: of what changed at once, what was put there first.
std::optional<chat::IncomingMessage> read_reaction(const json& update, const json& event, const Self& self) {
  auto incoming = envelope(update, event, member(event, "user"), self);
  const auto difference = [&](const char* of, const char* without) {
    for (const auto& reaction : base::json_list(event, of)) {
      auto emoji = base::strip_controls(base::json_text(reaction, "emoji"));
      const auto& others = base::json_list(event, without);
      if (!emoji.empty() && std::find(others.begin(), others.end(), reaction) == others.end()) {
        return emoji;
      }
    }
    return std::string();
  };
  auto added = difference("new_reaction", "old_reaction");
  auto removed = difference("old_reaction", "new_reaction");
  if (!incoming || incoming->message_id.empty() || (added.empty() && removed.empty())) {
    return std::nullopt;
  }
  incoming->kind = chat::IncomingMessage::Kind::reaction;
  incoming->reaction = added.empty() ? chat::Reaction{std::move(removed), chat::Reaction::Change::removed}
                                     : chat::Reaction{std::move(added), chat::Reaction::Change::added};
  return incoming;
}

}  // namespace

std::optional<std::int64_t> update_id_of(const json& update) {
  return json_integer(update, "update_id");
}

std::optional<chat::IncomingMessage> read_update(const json& update, const Self& self) {
  if (const auto& message = member(update, "message"); message.is_object()) {
    if (const auto moved = json_integer(message, "migrate_to_chat_id")) {
      chat::IncomingMessage incoming;
      incoming.kind = chat::IncomingMessage::Kind::moved;
      incoming.external_id = fmt::format("{}:{}", self.key, update_id_of(update).value_or(0));
      incoming.chat_id = chat_id_of(message);
      incoming.text = std::to_string(*moved);
      return incoming;
    }
    return read_message(update, message, self);
  }
  if (const auto& message = member(update, "edited_message"); message.is_object()) {
    auto incoming = read_message(update, message, self);
    if (!incoming || incoming->addressed == chat::IncomingMessage::Addressed::in_album ||
        incoming->kind != chat::IncomingMessage::Kind::message) {
      return std::nullopt;
    }
    incoming->kind = chat::IncomingMessage::Kind::edit;
    incoming->rest_within = {};
    incoming->album.clear();  // its files are known
    if (incoming->place == chat::IncomingMessage::Place::group &&
        incoming->addressed == chat::IncomingMessage::Addressed::always) {
      // Telegram keeps the order of a chat: an edit of what never came is the first that is meant for the
      // bot.
      incoming->addressed = chat::IncomingMessage::Addressed::by_edit;
    }
    return incoming;
  }
  if (const auto& reaction = member(update, "message_reaction"); reaction.is_object()) {
    return read_reaction(update, reaction, self);
  }
  if (const auto& query = member(update, "callback_query"); query.is_object()) {
    auto incoming = envelope(update, member(query, "message"), member(query, "from"), self);
    const auto button = json_string(query, "data").value_or("");
    if (!incoming || button.empty()) {
      return std::nullopt;
    }
    incoming->button = button;
    incoming->ticket = json_string(query, "id").value_or("");
    return incoming;
  }
  return std::nullopt;
}

std::optional<json> answer_to_lost_click(const json& update, const Self& self) {
  const auto id = json_string(member(update, "callback_query"), "id").value_or("");
  if (id.empty() || read_update(update, self)) {
    return std::nullopt;
  }
  return json{{"callback_query_id", id}, {"text", texts::kOldMessage}};
}

Chat chat_of(const std::string& chat_id) {
  const auto address = chat::ChatAddress::parse(chat_id);
  Chat result;
  std::from_chars(address.chat.data(), address.chat.data() + address.chat.size(), result.chat);
  if (!address.thread.empty()) {
    std::from_chars(address.thread.data(), address.thread.data() + address.thread.size(),
                    result.topic.emplace());
  }
  return result;
}

}  // namespace bot::telegram
