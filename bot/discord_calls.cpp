#include "bot/discord_calls.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat_platform.h"
#include "bot/service_call.h"

namespace bot {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr Pace kEditPace{milliseconds(1200), 1};

constexpr int kSuppressEmbeds = 1 << 2;
constexpr int kLoading = 1 << 7;

constexpr int kActionRow = 1;
constexpr int kButton = 2;
constexpr std::size_t kButtonsInRow = 5;
constexpr std::size_t kMostRows = 5;
constexpr std::size_t kMaxLabel = 80;

// https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
constexpr int kUnknownChannel = 10003;
constexpr int kUnknownMessage = 10008;

/// Discord remembers a nonce for "the past few minutes".
constexpr std::chrono::minutes kNonceLife{2};
constexpr std::chrono::minutes kClockDifference{1};
constexpr int kPageSize = 100;
constexpr int kMostPages = 5;

constexpr std::chrono::seconds kAcknowledged{10};
constexpr milliseconds kAskAgain{500};

constexpr std::int64_t kDiscordEpochMs = 1'420'070'400'000;

/// The smallest id of that time (https://discord.com/developers/docs/reference#snowflakes).
std::string snowflake_at(base::Timestamp time) {
  return std::to_string(std::max<std::int64_t>(0, base::to_unix_ms(time) - kDiscordEpochMs) << 22);
}

bool is_newer(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

int style(store::ButtonKind kind) {
  enum : int { primary = 1, secondary, success, danger };
  switch (kind) {
    case store::ButtonKind::yes:
    case store::ButtonKind::allow:
      return success;
    case store::ButtonKind::give:
    case store::ButtonKind::resume:
    case store::ButtonKind::allow_for_task:
    case store::ButtonKind::option:
      return primary;
    case store::ButtonKind::cancel:
    case store::ButtonKind::deny:
      return danger;
    case store::ButtonKind::no:
    case store::ButtonKind::change:
    case store::ButtonKind::file:
      return secondary;
  }
  return secondary;
}

json rows_of(const std::vector<store::Button>& buttons) {
  json rows = json::array();
  for (const auto& button : buttons) {
    if (rows.empty() || rows.back()["components"].size() == kButtonsInRow) {
      if (rows.size() == kMostRows) {
        break;
      }
      rows.push_back({{"type", kActionRow}, {"components", json::array()}});
    }
    const auto label = base::trim(button.label).empty() ? std::string("…") : button.label;
    rows.back()["components"].push_back({{"type", kButton},
                                         {"style", style(button.kind)},
                                         {"label", base::ellipsize(label, kMaxLabel)},
                                         {"custom_id", button.id}});
  }
  return rows;
}

/// The ids of the controls below a message of Discord's, in order.
std::vector<std::string> controls(const json& components) {
  std::vector<std::string> ids;
  if (components.is_array()) {
    for (const auto& component : components) {
      if (auto id = base::json_string(component, "custom_id")) {
        ids.push_back(*std::move(id));
      }
      if (const auto* inner = base::json_member(component, "components")) {
        const auto more = controls(*inner);
        ids.insert(ids.end(), more.begin(), more.end());
      }
    }
  }
  return ids;
}

std::string id_of(const json& message) {
  auto id = base::json_string(message, "id").value_or("");
  if (!is_snowflake(id)) {
    throw base::TransientError("Discord did not say which message it made");
  }
  return id;
}

/// The bot is not in that channel, or may not write there.
bool is_closed(const DiscordRefusal& e) {
  return e.status == 403 || e.code == kUnknownChannel;
}

/// The interaction is over, or what would have become its answer is gone.
bool is_over(const DiscordRefusal& e) {
  return e.status == 401 || e.status == 404;
}

}  // namespace

std::string discord_channel(const std::string& chat_id) {
  const auto slash = chat_id.find('/');
  return slash == std::string::npos ? chat_id : chat_id.substr(slash + 1);
}

std::string discord_nonce(const std::string& key) {
  return base::to_hex(base::sha256(key)).substr(0, 24);
}

DiscordCalls::DiscordCalls(DiscordApi& api, const store::OutgoingCall& call,
                           const std::optional<store::OutgoingCall::Ticket>& ticket, base::Timestamp now,
                           std::stop_token stop)
    : api_(api), call_(call), channel_(discord_channel(call.chat_id)), began_(now), stop_(std::move(stop)) {
  if (ticket) {
    ticket_ = parse_discord_ticket(ticket->value);
    expires_ = ticket->expires;
  }
}

base::Timestamp DiscordCalls::now() const {
  return began_ + std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_);
}

bool DiscordCalls::ticket_is_valid(base::Timestamp at) const {
  return ticket_ && at < expires_;
}

/// Of several answers to one command only the oldest may: the others would overwrite it.
bool DiscordCalls::takes_original(const std::string& key) const {
  return ticket_ && ticket_->kind == DiscordTicket::Kind::command && call_.answers_first &&
         key == call_.target_key;
}

std::string DiscordCalls::in_channel(const std::string& rest) const {
  return "/channels/" + url_encode(channel_) + "/messages" + rest;
}

std::string DiscordCalls::in_webhook(const std::string& rest) const {
  return "/webhooks/" + api_.account().application_id + "/" + url_encode(ticket_ ? ticket_->token : "") +
         rest;
}

json DiscordCalls::call(const char* method, const std::string& path, Right right, const json& body,
                        const Piece* piece) {
  DiscordApi::Call made{method, path, channel_};
  made.right = right;
  if (!body.is_null()) {
    made.body = base::dump_json(body);
  }
  if (piece != nullptr) {
    made.file = piece->file;
  }
  try {
    return api_.call(made, now(), stop_);
  } catch (const DiscordRefusal& e) {
    // The token is good from the moment on at which Discord has read that the interaction was received, and
    // an answer can be quicker than that.
    if (right == Right::ticket && e.status == 404 && now() < expires_ - kDiscordTicketLife + kAcknowledged) {
      throw Paced(now() + kAskAgain);
    }
    throw;
  }
}

json DiscordCalls::call_either(const char* method, const std::string& channel_path, const json& body,
                               const std::string& webhook_path, const json& webhook_body,
                               const Piece* piece) {
  const bool has_ticket = ticket_is_valid(now());
  if (!has_ticket || !api_.is_closed(channel_, now())) {
    try {
      return call(method, channel_path, Right::bot, body, piece);
    } catch (const DiscordRefusal& e) {
      if (!bot::is_closed(e)) {
        throw;
      }
      api_.note_closed(channel_, now());
      if (!has_ticket) {
        throw;
      }
    }
  }
  return call(method, webhook_path, Right::ticket, webhook_body, piece);
}

json DiscordCalls::shown(const Piece& piece) const {
  return {{"content", piece.text},
          {"components", rows_of(piece.buttons)},
          {"flags", kSuppressEmbeds},
          {"allowed_mentions", {{"parse", json::array()}}}};
}

std::string DiscordCalls::send(const Piece& piece, const std::string& key) {
  api_.pacer().take(channel_, now());
  auto body = shown(piece);
  if (piece.file) {
    body["attachments"] = json::array({{{"id", 0}, {"filename", piece.file->name}}});
  }
  if (takes_original(key) && ticket_is_valid(now())) {
    try {
      return id_of(call("PATCH", in_webhook("/messages/@original"), Right::ticket, body, &piece));
    } catch (const DiscordRefusal& e) {
      if (!is_over(e)) {
        throw;
      }
      base::log_debug("{}: the command cannot be answered any more: {}", call_.key, e.what());
    }
  }
  auto post = body;
  post["nonce"] = discord_nonce(key);
  post["enforce_nonce"] = true;
  // A command is no message that could be replied to; of a click it is the message with the button.
  if (!piece.reply_to.empty() && ticket_ && is_snowflake(ticket_->message_id)) {
    post["message_reference"] = {{"message_id", ticket_->message_id}, {"fail_if_not_exists", false}};
  }
  return id_of(call_either("POST", in_channel(""), post, in_webhook("?wait=true"), body, &piece));
}

void DiscordCalls::edit(const std::string& external_id, const Piece& piece) {
  api_.pacer().take(channel_, now(), kEditPace);
  const auto body = shown(piece);
  const auto which = "/" + url_encode(external_id);
  try {
    call_either("PATCH", in_channel(which), body, in_webhook("/messages" + which), body, nullptr);
  } catch (const DiscordRefusal& e) {
    if (e.code == kUnknownMessage) {
      throw base::PermanentError("the message on Discord that it changes is gone");
    }
    throw;
  }
}

void DiscordCalls::remove(const std::string& external_id) {
  api_.pacer().take(channel_, now(), kEditPace);
  const auto which = "/" + url_encode(external_id);
  try {
    call_either("DELETE", in_channel(which), json(), in_webhook("/messages" + which), json(), nullptr);
  } catch (const DiscordRefusal& e) {
    if (e.code != kUnknownMessage) {
      throw;
    }
  }
}

PieceCalls::Fate DiscordCalls::fate(const Piece& piece, const std::string& key, base::Timestamp attempted) {
  // With a valid ticket it may have gone as a message of the interaction, which knows no nonce.
  const bool had_ticket = ticket_is_valid(attempted);
  if (!had_ticket && now() - attempted < kNonceLife) {
    return {Fate::Kind::absent};
  }
  const bool original = had_ticket && takes_original(key);
  if (original && ticket_is_valid(now())) {
    try {
      call("GET", in_webhook("/messages/@original"), Right::ticket, json(), nullptr);
      return {Fate::Kind::absent};  // it can be filled once more
    } catch (const DiscordRefusal& e) {
      if (!is_over(e)) {
        throw;
      }
    }
  }
  // The answer to a command is as old as the command, whenever it was filled.
  if (original && is_snowflake(call_.answers)) {
    const auto near_command = search(piece, key, original, call_.answers);
    if (!near_command.found.empty()) {
      return {Fate::Kind::arrived, near_command.found};
    }
    if (!near_command.readable) {
      return {Fate::Kind::unknowable};
    }
  }
  const auto near_attempt = search(piece, key, original, snowflake_at(attempted - kClockDifference));
  if (!near_attempt.found.empty()) {
    return {Fate::Kind::arrived, near_attempt.found};
  }
  return {near_attempt.readable ? Fate::Kind::absent : Fate::Kind::unknowable};
}

bool DiscordCalls::is_it(const json& message, const Piece& piece, const std::string& key, bool original) {
  const auto nonce = base::json_string(message, "nonce").value_or("");
  if (!nonce.empty()) {
    return nonce == discord_nonce(key);
  }
  const auto* author = base::json_member(message, "author");
  const auto by = author != nullptr ? base::json_string(*author, "id").value_or("") : std::string();
  const auto& application = api_.account().application_id;
  if (by != application && base::json_string(message, "application_id") != application &&
      by != api_.own_user(now(), stop_)) {
    return false;
  }
  const auto* asked = base::json_member(message, "interaction_metadata");
  const bool loading = (base::json_integer(message, "flags").value_or(0) & kLoading) != 0;
  if (original && asked != nullptr && base::json_string(*asked, "id") == call_.answers &&
      base::json_member(*asked, "original_response_message_id") == nullptr) {
    return !loading;
  }
  if (piece.file) {
    const auto* files = base::json_member(message, "attachments");
    if (files == nullptr || !files->is_array() || files->empty() ||
        base::json_integer(files->front(), "size") != static_cast<std::int64_t>(piece.file->content.size())) {
      return false;
    }
  }
  const auto* components = base::json_member(message, "components");
  return base::trim(base::json_string(message, "content").value_or("")) == base::trim(piece.text) &&
         (components != nullptr ? controls(*components) : std::vector<std::string>()) ==
             controls(rows_of(piece.buttons));
}

DiscordCalls::Search DiscordCalls::search(const Piece& piece, const std::string& key, bool original,
                                          const std::string& after) {
  const auto get = [&](const std::string& query) {
    return call("GET", in_channel(query), Right::bot, json(), nullptr);
  };
  try {
    auto from = after;
    for (int page = 0; page < kMostPages; ++page) {
      const auto messages = get(fmt::format("?limit={}&after={}", kPageSize, from));
      if (!messages.is_array()) {
        return {};
      }
      for (const auto& message : messages) {
        if (is_it(message, piece, key, original)) {
          return {true, id_of(message)};
        }
        const auto id = base::json_string(message, "id").value_or("");
        from = is_snowflake(id) && is_newer(id, from) ? id : from;
      }
      if (messages.size() < kPageSize) {
        // Without the right to read what was written, every channel looks empty.
        const bool seen = page > 0 || !messages.empty() || !get("?limit=1").empty();
        return {seen};
      }
    }
  } catch (const DiscordRefusal& e) {
    base::log_debug("{}: the channel cannot be read: {}", call_.key, e.what());
  }
  return {};
}

}  // namespace bot
