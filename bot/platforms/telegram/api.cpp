#include "bot/platforms/telegram/api.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/platforms/telegram/updates.h"

namespace bot::telegram {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr const char* kPlaceholder = "…";
/// After a refused token, so that the log is not flooded until the operator has mended it.
constexpr milliseconds kWrongTokenPause{60'000};
/// Where a 429 does not say for how long.
constexpr milliseconds kUnnamedPause{1'000};

/// What a reader would see of the HTML that Telegram takes, for a service that does not.
std::string plain_of(std::string_view html) {
  std::string out;
  for (std::size_t i = 0; i < html.size();) {
    if (html[i] == '<') {
      i = std::min(html.find('>', i), html.size() - 1) + 1;
      continue;
    }
    bool replaced = false;
    for (const auto& [entity, character] :
         {std::pair<std::string_view, char>{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&amp;", '&'}}) {
      if (html.substr(i).starts_with(entity)) {
        out += character;
        i += entity.size();
        replaced = true;
        break;
      }
    }
    if (!replaced) {
      out += html[i++];
    }
  }
  return out;
}

bool says(const Refusal& refusal, std::string_view words) {
  return base::ascii_lower(refusal.what()).find(words) != std::string::npos;
}

json keyboard(const std::vector<store::Button>& buttons) {
  auto rows = json::array();
  std::size_t width = 0;
  for (const auto& button : buttons) {
    // Short labels share a row; a telephone shows about thirty characters.
    if (rows.empty() || width + button.label.size() > 30 || rows.back().size() >= 4) {
      rows.push_back(json::array());
      width = 0;
    }
    width += button.label.size() + 2;
    rows.back().push_back({{"text", button.label}, {"callback_data", button.id}});
  }
  return {{"inline_keyboard", rows}};
}

std::int64_t number(const std::string& id) {
  return chat_of(id).chat;
}

}  // namespace

shared::RateLimit rate_limit_of(const std::string& chat_id, Urgency urgency) {
  // https://core.telegram.org/bots/faq: about one message a second in a chat, twenty a minute in a group.
  // Edits count, too, so that a message, which is a placeholder and its edit, counts twice.
  const int room = urgency == Urgency::progress ? 2 : 8;
  return chat_id.starts_with('-') ? shared::RateLimit{milliseconds(3'200), room}
                                  : shared::RateLimit{milliseconds(1'000), room};
}

Api::Api(std::string base_url, std::string token)
    : base_url_(std::move(base_url)), token_(std::move(token)) {}

std::string Api::url(const std::string& method) const {
  return base::join_url(base_url_, "bot" + token_ + "/" + method);
}

json Api::result(const std::string& method, const base::HttpResponse& response) const {
  const auto body = base::parse_json(response.body);
  if (body && base::json_bool(*body, "ok").value_or(false)) {
    const auto* value = base::json_member(*body, "result");
    return value != nullptr ? *value : json();
  }
  auto code = body ? static_cast<int>(base::json_integer(*body, "error_code").value_or(0)) : 0;
  code = code == 0 ? response.status : code;
  const auto* more = body ? base::json_member(*body, "parameters") : nullptr;
  const auto what = fmt::format(
      "Telegram's {} answered with {}: {}", method, code,
      base::ellipsize(body ? base::json_string(*body, "description").value_or("") : "no JSON", 300));
  if (code == 429) {
    const auto seconds = more != nullptr ? base::json_integer(*more, "retry_after") : std::nullopt;
    throw chat::NotSent(
        what, seconds ? milliseconds(*seconds * 1000) : base::retry_after(response).value_or(kUnnamedPause));
  }
  if (code == 401 || (code == 404 && response.status == 404)) {
    throw WrongToken(what, kWrongTokenPause);
  }
  // A group became a supergroup; a message of the service's own tells it, too, and may come later.
  if (const auto to = more != nullptr ? base::json_integer(*more, "migrate_to_chat_id") : std::nullopt) {
    throw chat::Moved(what, std::to_string(*to));
  }
  if (code >= 400 && code < 500 && code != 408 && code != 409) {
    throw Refusal(code, what);
  }
  throw base::TransientError(what, base::retry_after(response));
}

json Api::call(const std::string& method, const json& parameters, std::stop_token stop,
               milliseconds patience) const {
  base::HttpCall http;
  http.url = url(method);
  http.body = base::dump_json(parameters);
  http.read_timeout = http.deadline = patience;
  return result(method, shared::call_service(http, std::move(stop)));
}

json Api::upload(const std::string& method, const std::vector<shared::FormField>& fields,
                 std::stop_token stop) const {
  base::HttpCall http;
  http.url = url(method);
  shared::set_multipart(http, fields);
  return result(method, shared::call_service(http, std::move(stop)));
}

void Api::fetch(const std::string& file_id, std::uint64_t max_bytes,
                const std::function<void(std::string_view)>& sink, std::stop_token stop) const {
  const auto file = call("getFile", {{"file_id", file_id}}, stop);
  const auto path = base::json_string(file, "file_path").value_or("");
  if (path.empty() || path.front() == '/' || path.find("..") != std::string::npos ||
      path.find_first_of(" \t\r\n?#\\") != std::string::npos) {
    throw base::PermanentError("Telegram does not hand this file out");
  }
  if (base::json_integer(file, "file_size").value_or(0) > static_cast<std::int64_t>(max_bytes)) {
    throw base::PermanentError(fmt::format("it is larger than {} MB", max_bytes >> 20));
  }
  shared::fetch_file(base::join_url(base_url_, "file/bot" + token_ + "/" + path), {}, max_bytes, sink,
                     std::move(stop));
}

Calls::Calls(const Api& api, shared::RateLimiter& rate_limiter, const store::OutgoingCall& call,
             base::Timestamp now, std::stop_token stop)
    : api_(api),
      rate_limiter_(rate_limiter),
      chat_id_(call.chat_id),
      chat_(chat::ChatAddress::parse(chat_id_).chat),
      pace_(rate_limit_of(chat_, chat::is_progress(call) ? Urgency::progress : Urgency::normal)),
      now_(now),
      stop_(std::move(stop)) {}

json Calls::held(const std::function<json()>& make) {
  const auto begun = std::chrono::steady_clock::now();
  try {
    return make();
  } catch (const chat::NotSent& e) {
    if (e.retry_after) {
      const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
      rate_limiter_.hold(chat_, now_ + took + *e.retry_after);
    }
    throw;
  }
}

json Calls::call(const std::string& method, const json& parameters) {
  return held([&] { return api_.call(method, parameters, stop_); });
}

bool Calls::sends_placeholder(const chat::MessagePart& part) const {
  return !part.file;
}

std::string Calls::send(const chat::MessagePart& part, const std::string&) {
  rate_limiter_.take(chat_, now_, pace_);
  const auto chat = chat_of(chat_id_);
  json message;
  try {
    message = send_to(chat, part);
  } catch (const Refusal& e) {
    if (!chat.topic || !(says(e, "thread not found") || says(e, "topic_"))) {
      throw;
    }
    // The topic was deleted or closed meanwhile.
    base::log_warning("{}; the message is sent without its topic", e.what());
    message = send_to({chat.chat, std::nullopt}, part);
  }
  const auto id = base::json_integer(message, "message_id");
  if (!id) {
    throw base::TransientError("Telegram did not say which message it made");
  }
  placeholder_ = std::to_string(*id);
  return placeholder_;
}

json Calls::send_to(const Chat& chat, const chat::MessagePart& part) {
  if (part.file) {
    std::vector<shared::FormField> fields = {{"chat_id", std::to_string(chat.chat)},
                                             {"caption", part.text},
                                             {"document", part.file->content, part.file->name}};
    if (chat.topic) {
      fields.push_back({"message_thread_id", std::to_string(*chat.topic)});
    }
    return held([&] { return api_.upload("sendDocument", fields, stop_); });
  }
  json parameters = {{"chat_id", chat.chat}, {"text", kPlaceholder}};
  if (chat.topic) {
    parameters["message_thread_id"] = *chat.topic;
  }
  // A click in a message that the service did not name has no number to reply to.
  if (!part.reply_to.empty() && part.reply_to.find_first_not_of("0123456789") == std::string::npos) {
    parameters["reply_parameters"] = {{"message_id", number(part.reply_to)},
                                      {"allow_sending_without_reply", true}};
  }
  return call("sendMessage", parameters);
}

void Calls::edit(const std::string& external_id, const chat::MessagePart& part) {
  if (external_id == std::exchange(placeholder_, {})) {
    rate_limiter_.spend(chat_, now_, pace_);
  } else {
    rate_limiter_.take(chat_, now_, pace_);
  }
  json parameters = {{"chat_id", chat_of(chat_id_).chat},
                     {"message_id", number(external_id)},
                     {"text", part.text},
                     {"parse_mode", "HTML"},
                     {"link_preview_options", {{"is_disabled", true}}},
                     {"reply_markup", keyboard(part.buttons)}};
  edit_text(std::move(parameters), external_id);
}

void Calls::edit_text(json parameters, const std::string& external_id) {
  try {
    call("editMessageText", parameters);
  } catch (const Refusal& e) {
    if (says(e, "not modified")) {
      return;
    }
    if (says(e, "to edit not found") || says(e, "can't be edited") || says(e, "message_id_invalid")) {
      throw chat::Gone(fmt::format("message {}: {}", external_id, e.what()));
    }
    if (e.code != 400 || !parameters.contains("parse_mode") || says(e, "chat not found")) {
      throw;
    }
    // Whatever it dislikes about the marks, the words are what counts.
    base::log_warning("{}; the text is sent without marks", e.what());
    parameters.erase("parse_mode");
    parameters["text"] = plain_of(parameters["text"].get<std::string>());
    edit_text(std::move(parameters), external_id);
  }
}

void Calls::remove(const std::string& external_id) {
  // Never put off: it may be the end of a step that was begun.
  rate_limiter_.spend(chat_, now_, pace_);
  try {
    call("deleteMessage", {{"chat_id", chat_of(chat_id_).chat}, {"message_id", number(external_id)}});
  } catch (const Refusal& e) {
    // Gone already, or too old to be taken away: then it stays.
    base::log_info("{}", e.what());
  }
}

chat::PartCalls::DeliveryStatus Calls::delivery_status(const chat::MessagePart& part, const std::string&,
                                                       base::Timestamp) {
  return {sends_placeholder(part) ? DeliveryStatus::Kind::harmless : DeliveryStatus::Kind::unknowable};
}

}  // namespace bot::telegram
