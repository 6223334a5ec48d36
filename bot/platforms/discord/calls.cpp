#include "bot/platforms/discord/calls.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/form.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/platforms/discord/components.h"
#include "bot/platforms/shared/service_call.h"

namespace bot::discord {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr shared::RateLimit kEditPace{milliseconds(1200), 1};

constexpr int kLoading = 1 << 7;

// https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
constexpr int kUnknownChannel = 10003;
constexpr int kUnknownMessage = 10008;
constexpr int kArchivedThread = 50083;

/// Discord remembers a nonce for "the past few minutes".
constexpr std::chrono::minutes kNonceLife{2};
/// How long before an attempt, by our clock, a message of Discord's clock may look that came of it.
constexpr std::chrono::minutes kUsualClockDifference{1};
constexpr std::chrono::hours kWorstClockDifference{24};
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

std::string member_id(const json& message) {
  return base::json_string(message, "id").value_or("");
}

std::string id_of(const json& message) {
  auto id = member_id(message);
  if (!is_id(id)) {
    throw base::TransientError("Discord did not say which message it made");
  }
  return id;
}

/// The bot is not in that channel, or may not write there.
bool is_closed(const Refusal& e) {
  return e.status == 403 || e.code == kUnknownChannel;
}

/// The interaction is over, or what would have become its answer is gone.
bool is_over(const Refusal& e) {
  return e.status == 401 || e.status == 404;
}

}  // namespace

std::string channel_of(const std::string& chat_id) {
  auto address = chat::ChatAddress::parse(chat_id);
  return address.thread.empty() ? address.chat : address.thread;
}

std::string nonce_of(const std::string& key, const std::string& call) {
  return base::to_hex(base::sha256(key + '\0' + call)).substr(0, 24);
}

Calls::Calls(Api& api, const store::OutgoingCall& call,
             const std::optional<store::OutgoingCall::Ticket>& ticket, std::vector<std::string> known,
             base::Timestamp now, std::stop_token stop)
    : api_(api),
      call_(call),
      channel_(channel_of(call.chat_id)),
      known_(std::move(known)),
      began_(now),
      stop_(std::move(stop)) {
  if (ticket) {
    ticket_ = parse_ticket(ticket->value);
    expires_ = ticket->expires;
  }
}

base::Timestamp Calls::now() const {
  return began_ + std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start_);
}

bool Calls::ticket_is_valid(base::Timestamp at) const {
  return ticket_ && at < expires_;
}

/// Of several answers to one command only the oldest may: the others would overwrite it.
bool Calls::takes_original(const std::string& key) const {
  return ticket_ && ticket_->kind == Ticket::Kind::command && call_.answers_first && key == call_.target_key;
}

std::string Calls::in_channel(const std::string& rest) const {
  return "/channels/" + base::url_encode(channel_) + "/messages" + rest;
}

std::string Calls::in_webhook(const std::string& rest) const {
  return "/webhooks/" + api_.account().application_id + "/" +
         base::url_encode(ticket_ ? ticket_->token : "") + rest;
}

json Calls::call(const char* method, const std::string& path, Right right, const json& body,
                 const chat::MessagePart* part) {
  Api::Call made{method, path, channel_};
  made.right = right;
  if (!body.is_null()) {
    made.body = base::dump_json(body);
  }
  if (part != nullptr) {
    made.file = part->file;
  }
  try {
    return api_.call(made, now(), stop_);
  } catch (const Refusal& e) {
    // The token is good from the moment on at which Discord has read that the interaction was received, and
    // an answer can be quicker than that.
    if (right == Right::ticket && e.status == 404 && now() < expires_ - kTicketLife + kAcknowledged) {
      throw chat::RateLimited(now() + kAskAgain);
    }
    throw;
  }
}

json Calls::call_either(const char* method, const std::string& channel_path, const json& body,
                        const std::string& webhook_path, const json& webhook_body,
                        const chat::MessagePart* part, Doubt doubt) {
  const bool has_ticket = ticket_is_valid(now());
  if (!has_ticket || !api_.is_closed(channel_, now())) {
    try {
      return call(method, channel_path, Right::bot, body, part);
    } catch (const Refusal& e) {
      if (!discord::is_closed(e)) {
        throw;
      }
      api_.note_closed(channel_, now());
      if (!has_ticket) {
        throw;
      }
      if (doubt == Doubt::yes) {
        // The earlier attempt may have gone by the interaction, which knows no nonce; delivery status() tells
        // now.
        throw base::TransientError("the bot may not write there, and nobody can tell whether it arrived");
      }
    }
  }
  return call(method, webhook_path, Right::ticket, webhook_body, part);
}

json Calls::shown(const chat::MessagePart& part) const {
  return {{"content", part.text},
          {"components", rows_of(part.buttons)},
          {"flags", kSuppressEmbeds},
          {"allowed_mentions", {{"parse", json::array()}}}};
}

std::string Calls::send(const chat::MessagePart& part, const std::string& key) {
  api_.rate_limiter().take(channel_, now());
  auto body = shown(part);
  if (part.file) {
    body["attachments"] = json::array({{{"id", 0}, {"filename", part.file->name}}});
  }
  const auto earlier = in_doubt_.find(key);
  const bool attempted = earlier != in_doubt_.end();
  if (takes_original(key) && ticket_is_valid(now())) {
    try {
      return id_of(call("PATCH", in_webhook("/messages/@original"), Right::ticket, body, &part));
    } catch (const Refusal& e) {
      if (!is_over(e)) {
        throw;
      }
      base::log_debug("{}: the command cannot be answered any more: {}", call_.key, e.what());
      // Of an answer that is gone nothing is to be seen. One whose token is over may well be there.
      if (attempted && !(e.code == kUnknownMessage && now() - earlier->second < kNonceLife)) {
        const auto before = look_up(part, key, earlier->second);
        if (before.kind == DeliveryStatus::Kind::arrived) {
          return before.external_id;
        }
        if (before.kind != DeliveryStatus::Kind::absent) {
          throw base::TransientError("the command is over, and nobody can tell whether it was answered");
        }
      }
    }
  }
  auto post = body;
  post["nonce"] = nonce_of(key, call_.key);
  post["enforce_nonce"] = true;
  // A command is no message that could be replied to; of a click it is the message with the button.
  if (!part.reply_to.empty() && ticket_ && is_id(ticket_->message_id)) {
    post["message_reference"] = {{"message_id", ticket_->message_id}, {"fail_if_not_exists", false}};
  }
  return id_of(call_either("POST", in_channel(""), post, in_webhook("?wait=true"), body, &part,
                           attempted ? Doubt::yes : Doubt::no));
}

void Calls::edit(const std::string& external_id, const chat::MessagePart& part) {
  api_.rate_limiter().take(channel_, now(), kEditPace);
  const auto body = shown(part);
  const auto which = "/" + base::url_encode(external_id);
  try {
    call_either("PATCH", in_channel(which), body, in_webhook("/messages" + which), body, nullptr, Doubt::no);
  } catch (const Refusal& e) {
    if (e.code == kUnknownMessage) {
      throw chat::Gone("the message on Discord that it changes is gone");
    }
    // Nothing in it can be changed; a new message opens it again.
    if (e.code == kArchivedThread) {
      throw chat::Gone("the thread on Discord is archived");
    }
    throw;
  }
}

void Calls::remove(const std::string& external_id) {
  api_.rate_limiter().take(channel_, now(), kEditPace);
  const auto which = "/" + base::url_encode(external_id);
  try {
    call_either("DELETE", in_channel(which), json(), in_webhook("/messages" + which), json(), nullptr,
                Doubt::no);
  } catch (const Refusal& e) {
    if (e.code != kUnknownMessage) {
      throw;
    }
  }
}

chat::PartCalls::DeliveryStatus Calls::delivery_status(const chat::MessagePart& part, const std::string& key,
                                                       base::Timestamp attempted) {
  const bool had_ticket = ticket_is_valid(attempted);
  if (had_ticket && takes_original(key)) {
    if (!ticket_is_valid(now())) {
      return look_up(part, key, attempted);
    }
    in_doubt_[key] = attempted;
    return {DeliveryStatus::Kind::absent};  // the same message is filled once more
  }
  // What an earlier call wanted to show is not known here, nor its nonce.
  if (call_.kind == store::CallKind::edit && attempted < call_.created) {
    const auto found = look_up(part, key, attempted);
    return found.kind == DeliveryStatus::Kind::arrived ? found
                                                       : DeliveryStatus{DeliveryStatus::Kind::unknowable};
  }
  // As a message of the interaction, which only is made where the bot may not write, it has no nonce.
  const bool has_nonce = !had_ticket || !api_.is_closed(channel_, now());
  if (has_nonce && now() - attempted < kNonceLife) {
    in_doubt_[key] = attempted;
    return {DeliveryStatus::Kind::absent};
  }
  return look_up(part, key, attempted);
}

chat::PartCalls::DeliveryStatus Calls::look_up(const chat::MessagePart& part, const std::string& key,
                                               base::Timestamp attempted) {
  const bool original = ticket_is_valid(attempted) && takes_original(key);
  try {
    // The answer to a command is as old as the command, whenever it was filled.
    if (original && is_snowflake(call_.answers)) {
      const auto near_command = get_messages("&after=" + call_.answers);
      for (const auto& message : near_command) {
        if (is_it(message, part, key, original) != Match::none) {
          return {DeliveryStatus::Kind::arrived, id_of(message)};
        }
      }
    }
    return search(part, key, original, attempted);
  } catch (const Refusal& e) {
    base::log_debug("{}: the channel cannot be read: {}", call_.key, e.what());
    return {DeliveryStatus::Kind::unknowable};
  }
}

json Calls::get_messages(const std::string& query) {
  const auto path = in_channel(fmt::format("?limit={}", kPageSize) + query);
  auto messages = call("GET", path, Right::bot, json(), nullptr);
  return messages.is_array() ? messages : json::array();
}

/// An id of Discord's own that is older than whatever this message of ours became; empty where none is known.
std::string Calls::anchor() const {
  auto oldest = is_snowflake(call_.answers) ? call_.answers : std::string();
  if (oldest.empty()) {
    for (const auto& id : known_) {
      oldest = is_snowflake(id) && (oldest.empty() || is_newer(oldest, id)) ? id : oldest;
    }
  }
  return oldest;
}

Calls::Match Calls::is_it(const json& message, const chat::MessagePart& part, const std::string& key,
                          bool original) {
  const auto nonce = base::json_string(message, "nonce").value_or("");
  if (!nonce.empty()) {
    return nonce == nonce_of(key, call_.key) ? Match::sure : Match::none;
  }
  if (std::find(known_.begin(), known_.end(), member_id(message)) != known_.end()) {
    return Match::none;  // it shows another part
  }
  const auto* author = base::json_member(message, "author");
  const auto by = author != nullptr ? base::json_string(*author, "id").value_or("") : std::string();
  const auto& application = api_.account().application_id;
  if (by != application && base::json_string(message, "application_id") != application &&
      by != api_.own_user(now(), stop_)) {
    return Match::none;
  }
  const auto* asked = base::json_member(message, "interaction_metadata");
  const bool loading = (base::json_integer(message, "flags").value_or(0) & kLoading) != 0;
  if (original && asked != nullptr && base::json_string(*asked, "id") == call_.answers &&
      base::json_member(*asked, "original_response_message_id") == nullptr) {
    return loading ? Match::none : Match::sure;
  }
  if (part.file) {
    const auto* files = base::json_member(message, "attachments");
    if (files == nullptr || !files->is_array() || files->empty() ||
        base::json_integer(files->front(), "size") != static_cast<std::int64_t>(part.file->content.size())) {
      return Match::none;
    }
  }
  const auto* components = base::json_member(message, "components");
  const bool same = base::trim(base::json_string(message, "content").value_or("")) == base::trim(part.text) &&
                    (components != nullptr ? controls(*components) : std::vector<std::string>()) ==
                        controls(rows_of(part.buttons));
  return same ? Match::by_content : Match::none;
}

/// From the newest backwards, until nothing can come that was made by the attempt.
chat::PartCalls::DeliveryStatus Calls::search(const chat::MessagePart& part, const std::string& key,
                                              bool original, base::Timestamp attempted) {
  const auto oldest = anchor();
  const auto doubtful = snowflake_at(attempted - kUsualClockDifference);
  auto end = snowflake_at(attempted - kWorstClockDifference);
  end = !oldest.empty() && is_newer(oldest, end) ? oldest : end;
  std::string before;
  for (int page = 0; page < kMostPages; ++page) {
    const auto messages = get_messages(before.empty() ? "" : "&before=" + before);
    if (page == 0 && messages.empty()) {
      break;  // without the right to read what was written, every channel looks empty
    }
    for (const auto& message : messages) {
      const auto id = member_id(message);
      if (!is_snowflake(id)) {
        return {DeliveryStatus::Kind::unknowable};
      }
      const auto match = is_it(message, part, key, original);
      if (match == Match::sure || (match == Match::by_content && is_newer(id, oldest))) {
        // By the words alone it may be another one, where only our own clock tells which came first.
        const bool other = match == Match::by_content && oldest.empty() && !is_newer(id, doubtful);
        return other ? DeliveryStatus{DeliveryStatus::Kind::unknowable}
                     : DeliveryStatus{DeliveryStatus::Kind::arrived, id};
      }
      before = before.empty() || is_newer(before, id) ? id : before;
    }
    if (messages.size() < kPageSize || !is_newer(before, end)) {
      return {DeliveryStatus::Kind::absent};
    }
  }
  return {DeliveryStatus::Kind::unknowable};
}

}  // namespace bot::discord
