#include "bot/platforms/slack/events.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/form.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/commands.h"
#include "bot/platforms/shared/service_call.h"
#include "bot/platforms/slack/quoted.h"
#include "bot/platforms/slack/reactions.h"
#include "bot/platforms/slack/text.h"
#include "bot/platforms/slack/web_api.h"

namespace bot::slack {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxId = 200;
constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxUrl = 4'096;
constexpr std::size_t kMostFiles = 20;
/// https://docs.slack.dev/interactivity/handling-user-interaction: five answers within 30 minutes.
constexpr std::chrono::minutes kTicketLife{30};

std::string checked_id(const std::string& id, const char* what) {
  if (!is_id(id)) {
    throw chat::Refused(400, fmt::format("The call has no usable \"{}\".", what));
  }
  return id;
}

std::string id_of(const json& object, const char* key) {
  return checked_id(base::json_text(object, key), key);
}

/// An id that may be missing.
std::string maybe_id(const json& object, const char* key) {
  const auto id = base::json_text(object, key);
  return id.empty() ? id : checked_id(id, key);
}

/// On one line: it stands before a person's words in what the model reads.
std::string name_of(const std::string& text) {
  return base::ellipsize(base::one_line(text), kMaxName);
}

std::string name_of(const json& object, std::initializer_list<const char*> keys) {
  for (const auto* key : keys) {
    if (auto name = name_of(base::json_text(object, key)); !name.empty()) {
      return name;
    }
  }
  return {};
}

/// Files that Slack keeps itself and that can be read.
std::vector<chat::Attachment> attachments_of(const json& message) {
  std::vector<chat::Attachment> attachments;
  const auto* files = base::json_member(message, "files");
  if (files == nullptr || !files->is_array()) {
    return attachments;
  }
  for (const auto& file : *files) {
    auto url = base::json_text(file, "url_private_download");
    url = url.empty() ? base::json_text(file, "url_private") : url;
    // Of a file in a channel that is shared with another workspace Slack tells only the id.
    const auto id =
        base::json_text(file, "file_access") == "check_file_info" ? base::json_text(file, "id") : "";
    if ((url.empty() && !is_id(id)) || url.size() > kMaxUrl || attachments.size() == kMostFiles) {
      continue;
    }
    chat::Attachment attachment;
    attachment.name = name_of(file, {"name", "title", "id"});
    attachment.media_type = name_of(file, {"mimetype"});
    attachment.size = base::json_integer(file, "size");
    attachment.handle = url.empty() ? base::dump_json({{"id", id}, {"type", attachment.media_type}})
                                    : base::dump_json({{"url", url}, {"type", attachment.media_type}});
    attachments.push_back(std::move(attachment));
  }
  return attachments;
}

bool is_from_program(const json& message, const std::string& bot_user) {
  const auto has = [&](const char* key) {
    const auto* member = base::json_member(message, key);
    return member != nullptr && !member->is_null();
  };
  const auto user = base::json_text(message, "user");
  return has("bot_id") || has("bot_profile") || (!bot_user.empty() && user == bot_user) ||
         user == "USLACKBOT";
}

/// Of the kinds of messages (https://docs.slack.dev/reference/events/message#subtypes) those that a person
/// wrote.
bool is_from_person(const std::string& subtype) {
  return subtype.empty() || subtype == "file_share" || subtype == "me_message" ||
         subtype == "thread_broadcast";
}

/// The text as it was meant for the bot.
std::string words_of(const json& message, const Place& place) {
  const auto raw = base::json_text(message, "text");
  const auto addressed =
      strip_mention(raw, place.bot_user.empty() && !place.is_mention ? "-" : place.bot_user);
  auto words = std::string(base::trim(base::strip_controls(decode_text(addressed.text))));
  return addressed.by_mention ? chat::with_slash(words, chat::Bare::likely) : words;
}

/// The id of this bot among those that Slack sends the event to.
std::string bot_user_of(const json& call) {
  const auto* authorizations = base::json_member(call, "authorizations");
  if (authorizations != nullptr && authorizations->is_array()) {
    for (const auto& authorization : *authorizations) {
      if (base::json_bool(authorization, "is_bot").value_or(true)) {
        return maybe_id(authorization, "user_id");
      }
    }
  }
  return {};
}

std::optional<chat::IncomingMessage> read_edit(const json& event, const Place& place) {
  const auto& message = base::json_object(event, "message");
  const auto& before = base::json_object(event, "previous_message");
  const auto editor = base::json_text(base::json_object(message, "edited"), "user");
  // An unfolded link changes a message, too, and not its text.
  if ((!before.empty() && base::json_text(before, "text") == base::json_text(message, "text")) ||
      (!editor.empty() && editor != base::json_text(message, "user"))) {
    return std::nullopt;
  }
  auto incoming = read_message(message, place);
  if (!incoming) {
    return std::nullopt;
  }
  incoming->kind = chat::IncomingMessage::Kind::edit;
  const bool was_called = place.is_direct || mentions_user(base::json_text(before, "text"), place.bot_user);
  if (!was_called && incoming->addressed == chat::IncomingMessage::Addressed::always) {
    incoming->addressed = chat::IncomingMessage::Addressed::by_edit;
    return incoming;
  }
  incoming->twin_id.clear();
  incoming->attachments.clear();
  return incoming->text.empty() ? std::nullopt : incoming;
}

std::string event_id_of(const json& call) {
  return fmt::format("{}:{}", maybe_id(call, "team_id"), id_of(call, "event_id"));
}

std::optional<chat::IncomingMessage> read_event(const json& call, const std::string& bot_user) {
  const auto& event = base::json_object(call, "event");
  const auto type = base::json_text(event, "type");
  if (type == "reaction_added" || type == "reaction_removed") {
    const auto self = bot_user_of(call);
    auto incoming = read_reaction(event, self.empty() ? bot_user : self);
    if (incoming) {
      incoming->external_id = event_id_of(call);
    }
    return incoming;
  }
  if (type != "message" && type != "app_mention") {
    return std::nullopt;
  }
  Place place;
  place.channel = id_of(event, "channel");
  place.bot_user = bot_user_of(call);
  if (place.bot_user.empty()) {
    place.bot_user = bot_user;
  }
  place.is_direct = base::json_text(event, "channel_type") == "im" || is_direct_channel(place.channel);
  place.is_mention = type == "app_mention";
  auto incoming = base::json_text(event, "subtype") == "message_changed" ? read_edit(event, place)
                                                                         : read_message(event, place);
  if (incoming) {
    incoming->external_id = event_id_of(call);
  }
  return incoming;
}

void take_ticket(chat::IncomingMessage& incoming, const std::string& response_url,
                 const std::string& api_url) {
  const bool plain =
      std::all_of(response_url.begin(), response_url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (plain && response_url.size() <= kMaxUrl &&
      (is_same_origin(response_url, "https://hooks.slack.com") || is_same_origin(response_url, api_url))) {
    incoming.ticket = response_url;
    incoming.ticket_life = kTicketLife;
  }
}

/// An id of a call that has none of its own: Slack repeats neither commands nor clicks.
std::string id_of_call(const base::HttpRequest& request) {
  return base::to_hex(
             base::sha256(request.headers.get("X-Slack-Request-Timestamp").value_or("") + ":" + request.body))
      .substr(0, 32);
}

chat::IncomingMessage read_command(const base::HttpRequest& request, const std::string& api_url) {
  const auto& body = request.body;
  const auto field = [&](const char* name) { return base::form_field(body, name); };
  chat::IncomingMessage incoming;
  const auto team = field("team_id");
  const auto trigger = field("trigger_id");
  incoming.external_id =
      fmt::format("{}:command:{}", team.empty() ? team : checked_id(team, "team_id"),
                  trigger.empty() ? id_of_call(request) : checked_id(trigger, "trigger_id"));
  incoming.chat_id = checked_id(field("channel_id"), "channel_id");
  incoming.user_id = checked_id(field("user_id"), "user_id");
  incoming.user_name = name_of(base::to_valid_utf8(field("user_name")));
  incoming.place = is_direct_channel(incoming.chat_id) ? chat::IncomingMessage::Place::direct
                                                       : chat::IncomingMessage::Place::group;
  const auto text = base::strip_controls(decode_text(base::to_valid_utf8(field("text"))));
  // "help me with this" is no command here, either, but a word alone asks for nothing else.
  const bool is_word = base::trim(text).find_first_of(" \t\n") == std::string_view::npos;
  incoming.text = chat::with_slash(text, is_word ? chat::Bare::certain : chat::Bare::likely);
  take_ticket(incoming, field("response_url"), api_url);
  return incoming;
}

std::optional<chat::IncomingMessage> read_click(const json& click, const json& action,
                                                const base::HttpRequest& request,
                                                const std::string& api_url) {
  auto button = base::json_text(action, "value");
  button = button.empty() ? base::json_text(action, "action_id") : button;
  const auto type = base::json_text(action, "type");
  if (!(type.empty() || type == "button") || button.empty() || button.size() > kMaxId) {
    return std::nullopt;
  }
  const auto& user = base::json_object(click, "user");
  const auto& container = base::json_object(click, "container");
  const auto& message = base::json_object(click, "message");
  const auto& channel_object = base::json_object(click, "channel");
  const auto either = [](const json& first, const char* key, const json& second, const char* other) {
    const auto id = maybe_id(first, key);
    return id.empty() ? maybe_id(second, other) : id;
  };
  chat::IncomingMessage incoming;
  incoming.button = button;
  incoming.user_id = id_of(user, "id");
  incoming.user_name = name_of(user, {"name", "username"});
  incoming.chat_id = incoming.room =
      checked_id(either(channel_object, "id", container, "channel_id"), "channel");
  incoming.place = is_direct_channel(incoming.chat_id) ? chat::IncomingMessage::Place::direct
                                                       : chat::IncomingMessage::Place::group;
  incoming.message_id = checked_id(either(message, "ts", container, "message_ts"), "message_ts");
  const auto thread = either(message, "thread_ts", container, "thread_ts");
  if (!thread.empty() && thread != incoming.message_id) {
    incoming.chat_id = chat::ChatAddress{incoming.room, thread}.text();
  }
  auto moment = either(action, "action_ts", click, "trigger_id");
  if (moment.empty()) {
    moment = id_of_call(request);
  }
  incoming.external_id =
      fmt::format("{}:click:{}:{}:{}", either(base::json_object(click, "team"), "id", user, "team_id"),
                  incoming.user_id, incoming.message_id, moment);
  take_ticket(incoming, base::json_text(click, "response_url"), api_url);
  return incoming;
}

std::vector<chat::IncomingMessage> read_interaction(const std::string& payload,
                                                    const base::HttpRequest& request,
                                                    const std::string& api_url) {
  const auto interaction = base::parse_json(payload);
  if (!interaction || !interaction->is_object()) {
    throw chat::Refused(400, "The payload is not a JSON object in UTF-8.");
  }
  std::vector<chat::IncomingMessage> incoming;
  const auto* actions = base::json_member(*interaction, "actions");
  if (base::json_text(*interaction, "type") == "block_actions" && actions != nullptr && actions->is_array() &&
      !actions->empty()) {
    // One click is one action; more than one would share its id.
    if (auto click = read_click(*interaction, actions->front(), request, api_url)) {
      incoming.push_back(*std::move(click));
    }
  }
  return incoming;
}

/// Slack shows the body of an answer to a command or a click; an empty one says nothing.
base::HttpResponse taken() {
  return {200, "", "text/plain", {}, {}};
}

chat::Received read_json(const std::string& body, const std::string& bot_user) {
  const auto call = base::parse_json(body);
  if (!call || !call->is_object()) {
    throw chat::Refused(400, "The body is not a JSON object in UTF-8.");
  }
  const auto type = base::json_string(*call, "type");
  if (!type) {
    throw chat::Refused(400, "The call has no \"type\".");
  }
  if (*type == "url_verification") {
    const auto challenge = base::json_string(*call, "challenge");
    if (!challenge) {
      throw chat::Refused(400, "The call has no \"challenge\".");
    }
    return {{}, base::HttpResponse::json(base::dump_json({{"challenge", *challenge}}))};
  }
  chat::Received received{{}, taken()};
  if (*type == "event_callback") {
    if (auto incoming = read_event(*call, bot_user)) {
      received.incoming.push_back(*std::move(incoming));
    }
  }
  return received;
}

}  // namespace

bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= kMaxId && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

bool is_direct_channel(const std::string& channel) {
  return channel.starts_with('D');
}

std::optional<chat::IncomingMessage> read_message(const json& message, const Place& place) {
  if (!message.is_object() || !is_from_person(base::json_text(message, "subtype")) ||
      is_from_program(message, place.bot_user)) {
    return std::nullopt;
  }
  const auto ts = id_of(message, "ts");
  const auto thread = maybe_id(message, "thread_ts");
  const bool is_reply = !thread.empty() && thread != ts;
  const auto raw = base::json_text(message, "text");
  chat::IncomingMessage incoming;
  incoming.chat_id = incoming.room = place.channel;
  if (place.is_direct) {
    incoming.chat_id = chat::ChatAddress{place.channel, is_reply ? thread : std::string()}.text();
  } else {
    // The answer goes below the mention: what begins there is a conversation of its own.
    incoming.chat_id = chat::ChatAddress{place.channel, thread.empty() ? ts : thread}.text();
    incoming.place = chat::IncomingMessage::Place::group;
    const bool is_meant =
        place.is_mention || mentions_user(raw, place.bot_user) ||
        (is_reply && !place.bot_user.empty() && base::json_text(message, "parent_user_id") == place.bot_user);
    if (!is_meant && thread.empty()) {
      return std::nullopt;
    }
    incoming.addressed = is_meant ? chat::IncomingMessage::Addressed::always
                                  : chat::IncomingMessage::Addressed::in_own_conversation;
  }
  incoming.user_id = id_of(message, "user");
  incoming.user_name =
      name_of(base::json_object(message, "user_profile"), {"display_name", "real_name", "name"});
  incoming.message_id = ts;
  incoming.twin_id = fmt::format("{}:{}", place.channel, ts);
  incoming.text = words_of(message, place);
  incoming.quotations = quotations_of(message, place.bot_user);
  incoming.attachments = attachments_of(message);
  for (const auto& shared : shared_messages(message)) {
    for (auto& file : attachments_of(shared)) {
      incoming.attachments.push_back(std::move(file));
    }
  }
  if (incoming.text.empty() && incoming.attachments.empty() && incoming.quotations.empty()) {
    if (base::trim(raw).empty()) {
      return std::nullopt;
    }
    // Somebody only called the bot by its name.
    incoming.text = chat::with_slash("", chat::Bare::certain);
  }
  return incoming;
}

std::string user_name_of(const json& user) {
  const auto name = name_of(base::json_object(user, "profile"), {"display_name", "real_name"});
  return name.empty() ? name_of(user, {"real_name", "name"}) : name;
}

chat::Received read_call(const base::HttpRequest& request, const std::string& api_url,
                         const std::string& bot_user) {
  const auto type = base::ascii_lower(request.headers.get("Content-Type").value_or(""));
  if (!type.starts_with("application/x-www-form-urlencoded")) {
    return read_json(request.body, bot_user);
  }
  chat::Received received{{}, taken()};
  if (const auto payload = base::form_field(request.body, "payload"); !payload.empty()) {
    received.incoming = read_interaction(payload, request, api_url);
  } else if (!base::form_field(request.body, "command").empty()) {
    received.incoming.push_back(read_command(request, api_url));
  } else if (base::form_field(request.body, "ssl_check").empty()) {
    throw chat::Refused(400, "The form is neither a command nor an interaction.");
  }
  return received;
}

}  // namespace bot::slack
