#include "bot/platforms/discord/interactions.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bot/platforms/discord/content.h"
#include "bot/texts/clicks.h"

namespace bot::discord {
namespace {

using nlohmann::json;

// https://discord.com/developers/docs/interactions/receiving-and-responding
constexpr int kPing = 1;
constexpr int kCommand = 2;
constexpr int kComponent = 3;
constexpr int kAutocomplete = 4;
constexpr int kModalSubmit = 5;

constexpr int kPong = 1;
constexpr int kMessageNow = 4;
constexpr int kMessageLater = 5;
constexpr int kUpdateLater = 6;
constexpr int kChoices = 8;
constexpr int kOnlyForThem = 64;

constexpr int kChatInput = 1;
constexpr int kMessageCommand = 3;
constexpr int kStringOption = 3;
constexpr int kAttachmentOption = 11;
constexpr int kButton = 2;

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxToken = 2048;
constexpr std::size_t kMaxUrl = 4096;
constexpr std::size_t kMaxCustomId = 100;
constexpr std::size_t kMaxAttachments = 10;

chat::Received answer_at_once(int type, json data = nullptr) {
  json body = {{"type", type}};
  if (!data.is_null()) {
    body["data"] = std::move(data);
  }
  return {{}, base::HttpResponse::json(base::dump_json(body))};
}

/// A sentence that only the person sees; nothing is stored.
chat::Received notice(const char* sentence) {
  return answer_at_once(
      kMessageNow,
      {{"content", sentence}, {"flags", kOnlyForThem}, {"allowed_mentions", {{"parse", json::array()}}}});
}

chat::Received stored(chat::IncomingMessage incoming, int type) {
  return {{std::move(incoming)}, base::HttpResponse::json(base::dump_json({{"type", type}}))};
}

std::string id(const json& parent, const char* key) {
  auto value = base::json_string(parent, key).value_or("");
  if (!is_id(value)) {
    throw chat::Refused(400, fmt::format("The member \"{}\" must be an id.", key));
  }
  return value;
}

const json& user_of(const json& interaction) {
  const auto& member = base::json_object(base::json_object(interaction, "member"), "user");
  return member.empty() ? base::json_object(interaction, "user") : member;
}

/// The channel, or "<channel>/<thread>" (channel types 10, 11 and 12 are threads).
std::string chat_of(const json& interaction) {
  const auto& channel = base::json_object(interaction, "channel");
  auto own = base::json_string(interaction, "channel_id").has_value() ? id(interaction, "channel_id")
                                                                      : id(channel, "id");
  const auto type = base::json_integer(channel, "type").value_or(0);
  const auto parent = base::json_string(channel, "parent_id").value_or("");
  return type >= 10 && type <= 12 && is_id(parent) ? chat::ChatAddress{parent, own}.text() : own;
}

/// The channel above a thread that everybody in the channel can see; a private thread (type 12) keeps its
/// own.
std::string room_of(const json& interaction) {
  const auto& channel = base::json_object(interaction, "channel");
  const auto parent = base::json_string(channel, "parent_id").value_or("");
  const auto type = base::json_integer(channel, "type").value_or(0);
  return (type == 10 || type == 11) && is_id(parent) ? parent : std::string();
}

/// Between one person and the bot. Of a chat of several people outside of a server, too, others read along.
bool is_direct(const json& interaction) {
  constexpr int kGroupDirect = 3;
  if (base::json_integer(base::json_object(interaction, "channel"), "type") == kGroupDirect) {
    return false;
  }
  constexpr int kBotDirect = 1;
  if (const auto context = base::json_integer(interaction, "context")) {
    return context == kBotDirect;
  }
  return !base::json_string(interaction, "guild_id").has_value() &&
         base::json_object(interaction, "member").empty();
}

chat::IncomingMessage begin(const json& interaction, Ticket ticket) {
  chat::IncomingMessage incoming;
  const auto& user = user_of(interaction);
  incoming.external_id = id(interaction, "id");
  incoming.chat_id = chat_of(interaction);
  incoming.room = room_of(interaction);
  incoming.user_id = id(user, "id");
  incoming.user_name = name_of(user);
  incoming.place =
      is_direct(interaction) ? chat::IncomingMessage::Place::direct : chat::IncomingMessage::Place::group;
  ticket.token = base::json_string(interaction, "token").value_or("");
  if (ticket.token.empty() || ticket.token.size() > kMaxToken) {
    throw chat::Refused(400, "The member \"token\" must be a token.");
  }
  incoming.ticket = to_string(ticket);
  incoming.ticket_life = kTicketLife;
  return incoming;
}

void add_attachment(chat::IncomingMessage& incoming, const json& attachment) {
  chat::Attachment found;
  found.handle = base::json_string(attachment, "url").value_or("");
  if (found.handle.empty() || found.handle.size() > kMaxUrl ||
      incoming.attachments.size() >= kMaxAttachments) {
    return;
  }
  found.name = base::ellipsize(text_member(attachment, "filename"), kMaxName);
  found.media_type = base::ellipsize(text_member(attachment, "content_type"), kMaxName);
  if (const auto size = base::json_integer(attachment, "size"); size && *size >= 0) {
    found.size = size;
  }
  incoming.attachments.push_back(std::move(found));
}

chat::Received ask_about_message(chat::IncomingMessage incoming, const json& interaction) {
  const auto& data = base::json_object(interaction, "data");
  const auto target = base::json_string(data, "target_id").value_or("");
  const auto& message =
      base::json_object(base::json_object(base::json_object(data, "resolved"), "messages"), target.c_str());
  for (const auto& attachment : files_of(message)) {
    add_attachment(incoming, attachment);
  }
  // A bot's user has the id of its application.
  incoming.quotations =
      quotations_of(message, incoming.user_id, base::json_text(interaction, "application_id"));
  if (incoming.quotations.empty() && incoming.attachments.empty()) {
    return notice(texts::kNothingToRead);
  }
  incoming.text = texts::kAskedAbout;
  return stored(std::move(incoming), kMessageLater);
}

bool is_command_word(std::string_view word) {
  return !word.empty() && word.size() <= 32 && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

chat::Received slash_command(chat::IncomingMessage incoming, const json& data) {
  const auto word = base::json_string(data, "name").value_or("");
  if (!is_command_word(word)) {
    throw chat::Refused(400, "The command has no name.");
  }
  std::string argument;
  for (const auto& option : base::json_list(data, "options")) {
    const auto type = base::json_integer(option, "type").value_or(0);
    const auto value = text_member(option, "value");
    if (type == kStringOption && !base::trim(value).empty()) {
      argument += (argument.empty() ? "" : " ") + value;
    } else if (type == kAttachmentOption) {
      add_attachment(incoming,
                     base::json_object(base::json_object(base::json_object(data, "resolved"), "attachments"),
                                       value.c_str()));
    }
  }
  if (word != "ask") {
    incoming.text = argument.empty() ? "/" + word : "/" + word + " " + argument;
  } else if (argument.empty() && incoming.attachments.empty()) {
    return notice(texts::kAskQuestionMissing);
  } else {
    incoming.text = argument;
  }
  return stored(std::move(incoming), kMessageLater);
}

chat::Received command(const json& interaction) {
  auto incoming = begin(interaction, {Ticket::Kind::command, {}, {}});
  const auto& data = base::json_object(interaction, "data");
  switch (base::json_integer(data, "type").value_or(kChatInput)) {
    case kChatInput:
      return slash_command(std::move(incoming), data);
    case kMessageCommand:
      return ask_about_message(std::move(incoming), interaction);
    default:
      return notice(texts::kNoSuchCommand);
  }
}

chat::Received click(const json& interaction) {
  const auto& data = base::json_object(interaction, "data");
  auto message_id = base::json_string(base::json_object(interaction, "message"), "id").value_or("");
  if (!is_id(message_id)) {
    message_id.clear();
  }
  auto incoming = begin(interaction, {Ticket::Kind::click, {}, std::move(message_id)});
  auto custom_id = base::json_string(data, "custom_id").value_or("");
  if (base::json_integer(data, "component_type").value_or(kButton) != kButton || custom_id.empty() ||
      custom_id.size() > kMaxCustomId) {
    return notice(texts::kOldControl);
  }
  incoming.button = std::move(custom_id);
  return stored(std::move(incoming), kUpdateLater);
}

}  // namespace

bool is_snowflake(std::string_view text) {
  return !text.empty() && text.size() <= 20 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

std::string to_string(const Ticket& ticket) {
  return ticket.kind == Ticket::Kind::command ? "command:" + ticket.token
                                              : "click:" + ticket.message_id + ":" + ticket.token;
}

std::optional<Ticket> parse_ticket(std::string_view text) {
  constexpr std::string_view kCommandMark = "command:";
  constexpr std::string_view kClickMark = "click:";
  Ticket ticket;
  if (text.starts_with(kCommandMark)) {
    ticket.token = text.substr(kCommandMark.size());
  } else if (text.starts_with(kClickMark)) {
    text.remove_prefix(kClickMark.size());
    const auto end = std::min(text.find(':'), text.size());
    ticket.kind = Ticket::Kind::click;
    ticket.message_id = text.substr(0, end);
    ticket.token = text.substr(std::min(end + 1, text.size()));
  }
  return ticket.token.empty() ? std::nullopt : std::optional(ticket);
}

bool is_signed(const base::HttpRequest& request, std::string_view public_key) {
  const auto signature = base::from_hex(request.headers.get("X-Signature-Ed25519").value_or(""));
  const auto timestamp = request.headers.get(kTimestampHeader).value_or("");
  return signature && !timestamp.empty() &&
         base::ed25519_verify(public_key, timestamp + request.body, *signature);
}

chat::Received read_interaction(std::string_view body) {
  const auto interaction = base::parse_json(body);
  if (!interaction || !interaction->is_object()) {
    throw chat::Refused(400, "The body is not a JSON object in UTF-8.");
  }
  const auto type = base::json_integer(*interaction, "type").value_or(0);
  if (type == kPing) {
    return answer_at_once(kPong);
  }
  if (type == kAutocomplete) {
    return answer_at_once(kChoices, {{"choices", json::array()}});
  }
  if (const auto& user = user_of(*interaction); base::json_bool(user, "bot").value_or(false)) {
    return notice(texts::kPeopleOnly);
  }
  if ((type == kCommand || type == kComponent) &&
      !base::json_string(user_of(*interaction), "id").has_value()) {
    return notice(texts::kUnknownSender);
  }
  switch (type) {
    case kCommand:
      return command(*interaction);
    case kComponent:
      return click(*interaction);
    case kModalSubmit:
      return notice(texts::kOldForm);
    default:
      throw chat::Refused(400, "This type of interaction is unknown.");
  }
}

}  // namespace bot::discord
