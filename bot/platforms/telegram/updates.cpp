#include "bot/platforms/telegram/updates.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/commands.h"
#include "bot/texts/clicks.h"

namespace bot::telegram {
namespace {

using base::json_integer;
using base::json_member;
using base::json_string;
using nlohmann::json;

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxQuote = 1'000;
constexpr std::int64_t kMaxUnits = 1 << 20;

const json& member(const json& object, const char* key) {
  static const json nothing;
  const auto* value = json_member(object, key);
  return value != nullptr ? *value : nothing;
}

std::string id_of(const json& object, const char* key = "id") {
  const auto id = json_integer(object, key);
  return id ? std::to_string(*id) : std::string();
}

std::string name_of(const json& user) {
  auto name = json_string(user, "first_name").value_or("");
  if (const auto last = json_string(user, "last_name").value_or(""); !last.empty()) {
    name += " " + last;
  }
  if (base::one_line(name).empty()) {
    name = json_string(user, "username").value_or("");
  }
  return base::ellipsize(base::one_line(name), kMaxName);
}

/// The bytes of `text` that an entity covers; its offsets count UTF-16 units.
std::string entity_text(const std::string& text, const json& entity) {
  const auto offset = json_integer(entity, "offset").value_or(-1);
  const auto length = json_integer(entity, "length").value_or(-1);
  if (offset < 0 || length < 0 || offset > kMaxUnits || length > kMaxUnits) {
    return {};
  }
  std::int64_t unit = 0;
  std::string out;
  for (std::size_t i = 0; i < text.size() && unit < offset + length;) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (unit >= offset) {
      out += text.substr(i, bytes);
    }
    unit += bytes == 4 ? 2 : 1;
    i += bytes;
  }
  return out;
}

bool is_own_name(std::string_view name, const Self& self) {
  const auto lower = base::ascii_lower(name);
  // Every bot's name ends so; until the service has told ours, each may be meant.
  return self.username.empty() ? lower.ends_with("bot") : lower == base::ascii_lower(self.username);
}

/// A message of somebody, as one reads it: text or caption, and the entities in it.
struct Words {
  std::string text;
  json entities;
};

Words words_of(const json& message) {
  if (auto text = json_string(message, "text")) {
    return {*std::move(text), member(message, "entities")};
  }
  return {json_string(message, "caption").value_or(""), member(message, "caption_entities")};
}

/// "/cancel@other_bot" is that bot's, whatever it is a reply to.
bool is_for_another_bot(std::string_view text, const Self& self) {
  const auto word = text.substr(0, text.find_first_of(" \n\t"));
  const auto at = word.find('@');
  return word.starts_with('/') && at != std::string_view::npos && !is_own_name(word.substr(at + 1), self);
}

/// Whether the words are for the bot although others hear them, too.
bool is_addressed(const json& message, const Words& words, const Self& self) {
  if (is_for_another_bot(base::trim(words.text), self)) {
    return false;
  }
  if (id_of(member(member(message, "reply_to_message"), "from")) == self.id && !self.id.empty()) {
    return true;
  }
  if (!words.entities.is_array()) {
    return false;
  }
  return std::any_of(words.entities.begin(), words.entities.end(), [&](const json& entity) {
    const auto type = json_string(entity, "type").value_or("");
    if (type == "text_mention") {
      return id_of(member(entity, "user")) == self.id;
    }
    if (type != "mention" && type != "bot_command") {
      return false;
    }
    const auto text = entity_text(words.text, entity);
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

void add_file(std::vector<chat::Attachment>& files, const json& file, const std::string& name,
              const std::string& type) {
  if (const auto handle = json_string(file, "file_id")) {
    files.push_back({*handle, json_string(file, "file_name").value_or(name),
                     json_string(file, "mime_type").value_or(type), json_integer(file, "file_size")});
  }
}

std::vector<chat::Attachment> attachments_of(const json& message) {
  std::vector<chat::Attachment> files;
  const auto number = id_of(message, "message_id");
  if (const auto& photos = member(message, "photo"); photos.is_array() && !photos.empty()) {
    // The same picture in several sizes, the largest last.
    add_file(files, photos.back(), "photo-" + number + ".jpg", "image/jpeg");
  }
  // An animation comes as a document, too.
  add_file(files, member(message, "document"), "document-" + number, "");
  add_file(files, member(message, "audio"), "audio-" + number + ".mp3", "audio/mpeg");
  add_file(files, member(message, "video"), "video-" + number + ".mp4", "video/mp4");
  add_file(files, member(message, "voice"), "voice-" + number + ".ogg", "audio/ogg");
  add_file(files, member(message, "video_note"), "video-" + number + ".mp4", "video/mp4");
  return files;
}

/// What a message without words says, or nothing where nobody says anything with it (somebody joined, a
/// message was pinned).
std::string wordless(const json& message) {
  if (const auto& sticker = member(message, "sticker"); sticker.is_object()) {
    return fmt::format("[sticker {}]", json_string(sticker, "emoji").value_or("without a name"));
  }
  if (const auto& place = member(message, "location"); place.is_object()) {
    return fmt::format("[location: latitude {}, longitude {}]",
                       base::json_number(place, "latitude").value_or(0),
                       base::json_number(place, "longitude").value_or(0));
  }
  if (const auto& contact = member(message, "contact"); contact.is_object()) {
    return fmt::format("[contact: {} {}]", name_of(contact),
                       json_string(contact, "phone_number").value_or(""));
  }
  if (const auto& dice = member(message, "dice"); dice.is_object()) {
    return fmt::format("[dice: {}]", json_integer(dice, "value").value_or(0));
  }
  if (const auto& poll = member(message, "poll"); poll.is_object()) {
    return fmt::format("[poll: {}]", json_string(poll, "question").value_or(""));
  }
  return {};
}

/// What the message is a reply to, where the bot has not said it itself; else nothing.
const json& replied_to(const json& message, const Self& self) {
  static const json nothing;
  const auto& original = member(message, "reply_to_message");
  // In a topic every message is a reply to the one that opened it.
  const bool counts = original.is_object() && id_of(member(original, "from")) != self.id &&
                      !original.contains("forum_topic_created");
  return counts ? original : nothing;
}

/// What somebody wrote there, as a quote before the words that answer it: the bot may not have seen it.
std::string quoted(const json& original) {
  auto text = base::ellipsize(base::trim(base::strip_controls(words_of(original).text)), kMaxQuote);
  if (text.empty() && !attachments_of(original).empty()) {
    text = "(files only)";
  }
  if (text.empty()) {
    return {};
  }
  std::string quote = "> ";
  for (const char c : text) {
    quote += c;
    quote += c == '\n' ? "> " : "";
  }
  return fmt::format("{} wrote:\n{}\n\n", name_of(member(original, "from")), quote);
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
  incoming.place = place_of(message);
  if (incoming.user_id.empty() || id_of(member(message, "chat")).empty() ||
      base::json_bool(from, "is_bot").value_or(false) ||
      json_string(member(message, "chat"), "type").value_or("") == "channel") {
    return std::nullopt;
  }
  return incoming;
}

std::optional<chat::IncomingMessage> read_message(const json& update, const json& message, const Self& self) {
  auto incoming = envelope(update, message, member(message, "from"), self);
  // What a channel or a group says in its own name comes with a stand-in for the person.
  if (!incoming || incoming->message_id.empty() || member(message, "sender_chat").is_object()) {
    return std::nullopt;
  }
  const auto words = words_of(message);
  const bool in_group = incoming->place == chat::IncomingMessage::Place::group;
  incoming->album = json_string(message, "media_group_id").value_or("");
  if (in_group && !is_addressed(message, words, self)) {
    if (incoming->album.empty() || is_for_another_bot(base::trim(words.text), self)) {
      return std::nullopt;
    }
    incoming->addressed = chat::IncomingMessage::Addressed::in_album;
  }
  auto text = base::strip_controls(without_mention(words.text, self));
  incoming->attachments = attachments_of(message);
  const auto& original = replied_to(message, self);
  if (incoming->attachments.empty() && words.text.empty()) {
    text = base::strip_controls(wordless(message));
    if (text.empty()) {
      return std::nullopt;
    }
  }
  const auto command = chat::parse_command(text);
  // In a direct chat the bot got the file when it was sent.
  const bool takes_file = in_group && incoming->addressed == chat::IncomingMessage::Addressed::always;
  if (takes_file && !(command && is_quick(*command))) {
    for (auto& file : attachments_of(original)) {
      incoming->attachments.push_back(std::move(file));
    }
  }
  if (base::trim(text).empty() && incoming->attachments.empty()) {
    text = "Hello";  // a bare mention
  }
  if (command && command->word == "start") {
    text = "/help";
  } else if (!command) {
    text = quoted(original) + text;
  }
  incoming->text = std::move(text);
  if (base::trim(incoming->text).empty() && incoming->attachments.empty()) {
    return std::nullopt;
  }
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
    if (!incoming || incoming->addressed != chat::IncomingMessage::Addressed::always) {
      return std::nullopt;
    }
    incoming->kind = chat::IncomingMessage::Kind::edit;
    incoming->album.clear();  // its files are known
    return incoming;
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
