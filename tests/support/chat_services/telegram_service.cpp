#include "tests/support/chat_services/telegram_service.h"

#include <algorithm>

#include "base/json.h"
#include "base/utf8.h"

namespace support {
namespace {

using nlohmann::json;

constexpr std::int64_t kBot = 4711;

base::HttpResponse ok(const json& result) {
  return base::HttpResponse::json(base::dump_json({{"ok", true}, {"result", result}}));
}

base::HttpResponse refused(int code, const std::string& description) {
  auto response = base::HttpResponse::json(
      base::dump_json({{"ok", false}, {"error_code", code}, {"description", description}}));
  response.status = code;
  return response;
}

std::vector<std::pair<std::string, std::string>> buttons_of(const json& body) {
  std::vector<std::pair<std::string, std::string>> buttons;
  const auto markup = body.value("reply_markup", json::object());
  for (const auto& row : markup.value("inline_keyboard", json::array())) {
    for (const auto& button : row) {
      buttons.emplace_back(button.value("text", ""), button.value("callback_data", ""));
    }
  }
  return buttons;
}

std::string chat_of(const json& body) {
  auto chat = std::to_string(body.value("chat_id", std::int64_t{0}));
  return body.contains("message_thread_id")
             ? chat + "/" + std::to_string(body["message_thread_id"].get<std::int64_t>())
             : chat;
}

/// What a reader sees of the HTML; an entity is one character.
std::string visible(const std::string& html) {
  std::string out;
  for (std::size_t i = 0; i < html.size(); ++i) {
    if (html[i] == '<') {
      i = std::min(html.find('>', i), html.size());
    } else if (html[i] == '&') {
      i = std::min(html.find(';', i), html.size());
      out += '&';
    } else {
      out += html[i];
    }
  }
  return out;
}

std::int64_t number(const std::string& text) {
  return std::stoll(text);
}

}  // namespace

std::string telegram_html_problem(const std::string& html) {
  static const std::vector<std::string> allowed = {"b", "i", "u", "s", "a", "code", "pre", "blockquote"};
  std::vector<std::string> open;
  for (std::size_t i = 0; i < html.size(); ++i) {
    if (html[i] == '&') {
      const auto end = html.find(';', i);
      const auto entity = html.substr(i, end == std::string::npos ? 1 : end - i + 1);
      if (entity != "&lt;" && entity != "&gt;" && entity != "&amp;" && entity != "&quot;") {
        return "Bad Request: can't parse entities: unsupported entity " + entity;
      }
    }
    if (html[i] != '<') {
      continue;
    }
    const auto end = html.find('>', i);
    if (end == std::string::npos) {
      return "Bad Request: can't parse entities: unclosed start tag";
    }
    auto tag = html.substr(i + 1, end - i - 1);
    i = end;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) {
        return "Bad Request: can't parse entities: unexpected end tag " + tag;
      }
      open.pop_back();
      continue;
    }
    tag = tag.substr(0, tag.find(' '));
    if (std::find(allowed.begin(), allowed.end(), tag) == allowed.end()) {
      return "Bad Request: can't parse entities: unsupported start tag \"" + tag + "\"";
    }
    open.push_back(tag);
  }
  return open.empty() ? "" : "Bad Request: can't parse entities: can't find end tag " + open.back();
}

TelegramService::TelegramService(Transport transport) : transport_(transport) {
  open();
}

TelegramService::~TelegramService() {
  close();
}

void TelegramService::configure(Desk& desk) const {
  desk.config.set("chat.svc", "platform", toml_text("telegram")).set("chat.svc", "repair_buttons", "false");
  desk.config.set("chat.svc", "access", toml_text("open"));
  desk.config.set("chat.svc", "token", toml_text("env:TELEGRAM_TOKEN"));
  desk.config.set("chat.svc", "api_base_url", toml_text(url()));
  desk.environment["TELEGRAM_TOKEN"] = kToken;
  if (transport_ == Transport::webhook) {
    desk.config.set("chat.svc", "transport", toml_text("webhook"));
    desk.config.set("chat.svc", "secret", toml_text("env:TELEGRAM_SECRET"));
    desk.environment["TELEGRAM_SECRET"] = kSecret;
  }
}

json TelegramService::update(const json& message, const std::string& kind) {
  return {{"update_id", next_update_++}, {kind, message}};
}

json TelegramService::text_message(const std::string& text, const std::string& user,
                                   const std::string& chat) {
  json where = chat.empty() ? json{{"id", number(user)}, {"type", "private"}, {"first_name", "Ann"}}
                            : json{{"id", number(chat)}, {"type", "supergroup"}, {"title", "The team"}};
  return {{"message_id", next_message_++},
          {"date", 1'700'000'000},
          {"from", {{"id", number(user)}, {"is_bot", false}, {"first_name", "Ann"}, {"last_name", user}}},
          {"chat", where},
          {"text", text}};
}

base::HttpRequest TelegramService::call_with(const json& update) {
  base::HttpRequest request;
  request.method = "POST";
  request.path = "/webhooks/svc";
  request.body = base::dump_json(update);
  request.headers.add("X-Telegram-Bot-Api-Secret-Token", kSecret);
  return request;
}

base::HttpRequest TelegramService::message(const Said& said) {
  auto& known = said_[said.id.empty() ? "new " + std::to_string(next_update_) : said.id];
  if (known.is_null()) {
    known = update(text_message(said.text, said.user, said.chat));
  }
  return call_with(known);
}

base::HttpRequest TelegramService::click(const Shown& message, const std::string& label,
                                         const std::string& user) {
  auto where = text_message("", user, message.chat.starts_with('-') ? message.chat : "");
  where["message_id"] = number(message.id);
  where["from"] = {{"id", kBot}, {"is_bot", true}, {"first_name", "Frontdesk"}};
  return call_with(update({{"id", "query-" + std::to_string(next_update_)},
                           {"from", {{"id", number(user)}, {"is_bot", false}, {"first_name", "Ann"}}},
                           {"message", where},
                           {"data", message.action(label)}},
                          "callback_query"));
}

base::HttpRequest TelegramService::forged(base::HttpRequest request) const {
  request.headers = {{"X-Telegram-Bot-Api-Secret-Token", std::string(kSecret) + "x"}};
  return request;
}

base::HttpResponse TelegramService::tell(const Desk& desk, const base::HttpRequest& request) {
  if (transport_ == Transport::webhook) {
    return ChatService::tell(desk, request);
  }
  offer(json::parse(request.body));
  return {};
}

void TelegramService::offer(const json& update) {
  const auto lock = guard();
  offered_.push_back(update);
}

std::string TelegramService::webhook() const {
  const auto lock = guard();
  return webhook_;
}

void TelegramService::set_webhook(const std::string& url, const std::vector<std::string>& allowed_updates) {
  const auto lock = guard();
  webhook_ = url;
  allowed_updates_ = allowed_updates;
}

void TelegramService::take_away(const std::string& id) {
  const auto lock = guard();
  std::erase_if(screen_, [&](const Shown& message) { return message.id == id; });
}

void TelegramService::take_placeholders_away(int count) {
  const auto lock = guard();
  placeholders_to_take_away_ = count;
}

void TelegramService::move(const std::string& from, const std::string& to) {
  const auto lock = guard();
  moved_[from] = to;
}

void TelegramService::put_file(const std::string& file_id, const std::string& content) {
  const auto lock = guard();
  files_[file_id] = content;
}

base::HttpResponse TelegramService::send(const json& body) {
  const auto text = body.value("text", "");
  if (text.empty()) {
    return refused(400, "Bad Request: message text is empty");
  }
  Shown message;
  message.id = std::to_string(next_message_++);
  message.chat = chat_of(body);
  message.text = text;
  message.actions = buttons_of(body);
  if (body.contains("reply_parameters")) {
    message.reply_to = std::to_string(body["reply_parameters"].value("message_id", std::int64_t{0}));
  }
  screen_.push_back(message);
  return ok({{"message_id", number(message.id)}, {"chat", {{"id", body.value("chat_id", std::int64_t{0})}}}});
}

base::HttpResponse TelegramService::edit(const json& body) {
  const auto id = std::to_string(body.value("message_id", std::int64_t{0}));
  if (placeholders_to_take_away_ > 0) {
    placeholders_to_take_away_ -= static_cast<int>(std::erase_if(
        screen_, [&](const Shown& message) { return message.id == id && is_placeholder(message.text); }));
  }
  const auto known =
      std::find_if(screen_.begin(), screen_.end(), [&](const Shown& message) { return message.id == id; });
  if (known == screen_.end()) {
    return refused(400, "Bad Request: message to edit not found");
  }
  const auto text = body.value("text", "");
  if (base::utf16_length(visible(text)) > 4096) {
    return refused(400, "Bad Request: message is too long");
  }
  if (body.value("parse_mode", "") == "HTML") {
    if (const auto problem = telegram_html_problem(text); !problem.empty()) {
      return refused(400, problem);
    }
  }
  if (text == known->text && buttons_of(body) == known->actions) {
    return refused(400,
                   "Bad Request: message is not modified: specified new message content and reply markup are "
                   "exactly the same as a current content and reply markup of the message");
  }
  known->text = text;
  known->actions = buttons_of(body);
  ++known->edits;
  return ok(true);
}

base::HttpResponse TelegramService::draft(const json& body) {
  if (body.value("draft_id", std::int64_t{0}) == 0 ||
      base::utf16_length(visible(body.value("text", ""))) > 4096) {
    return refused(400, "Bad Request: draft is invalid");
  }
  if (body.value("chat_id", std::int64_t{0}) < 0) {
    return refused(400, "Bad Request: TEXTDRAFT_PEER_INVALID");
  }
  if (const auto problem = telegram_html_problem(body.value("text", "")); !problem.empty()) {
    return refused(400, problem);
  }
  return ok(true);
}

base::HttpResponse TelegramService::updates(const json& body) {
  if (!webhook_.empty()) {
    return refused(409,
                   "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
                   "delete the webhook first");
  }
  const auto offset = body.value("offset", std::int64_t{0});
  std::erase_if(offered_, [&](const json& u) { return u["update_id"].get<std::int64_t>() < offset; });
  return ok(offered_);
}

base::HttpResponse TelegramService::answer(const ServiceCall& call) {
  const auto& path = call.request.path;
  const std::string prefix = std::string("/bot") + kToken + "/", files = std::string("/file") + prefix;
  if (path.starts_with(files)) {
    base::HttpResponse response;
    response.body = files_[path.substr(files.size())];
    return response;
  }
  if (!path.starts_with(prefix)) {
    return refused(401, "Unauthorized");
  }
  const auto body = base::parse_json(call.request.body).value_or(json::object());
  if (const auto moved = moved_.find(std::to_string(base::json_integer(body, "chat_id").value_or(0)));
      moved != moved_.end()) {
    auto response = refused(400, "");
    response.body =
        base::dump_json({{"ok", false},
                         {"error_code", 400},
                         {"description", "Bad Request: group chat was upgraded to a supergroup chat"},
                         {"parameters", {{"migrate_to_chat_id", number(moved->second)}}}});
    return response;
  }
  return carry_out(path.substr(prefix.size()), body, call.request.body);
}

base::HttpResponse TelegramService::carry_out(const std::string& method, const json& body,
                                              const std::string& raw) {
  if (method == "getMe") {
    return ok({{"id", kBot}, {"is_bot", true}, {"first_name", "Frontdesk"}, {"username", "frontdesk_bot"}});
  }
  if (method == "sendMessage") {
    return send(body);
  }
  if (method == "editMessageText") {
    return edit(body);
  }
  if (method == "deleteMessage") {
    const auto id = std::to_string(body.value("message_id", std::int64_t{0}));
    const auto before = screen_.size();
    std::erase_if(screen_, [&](const Shown& message) { return message.id == id; });
    return screen_.size() < before ? ok(true) : refused(400, "Bad Request: message to delete not found");
  }
  if (method == "getUpdates") {
    return updates(body);
  }
  if (method == "setWebhook" || method == "deleteWebhook") {
    webhook_ = body.value("url", "");
    allowed_updates_ = body.value("allowed_updates", allowed_updates_);  // unless it is told, it stays
    return ok(true);
  }
  if (method == "getWebhookInfo") {
    json info = {{"url", webhook_}, {"pending_update_count", offered_.size()}};
    if (!allowed_updates_.empty()) {
      info["allowed_updates"] = allowed_updates_;
    }
    return ok(info);
  }
  if (method == "getFile") {
    const auto id = body.value("file_id", "");
    return files_.contains(id) ? ok({{"file_id", id}, {"file_path", id}, {"file_size", files_[id].size()}})
                               : refused(400, "Bad Request: invalid file_id");
  }
  if (method == "sendDocument") {
    Shown message;
    message.id = std::to_string(next_message_++);
    message.text = "document " + raw;
    screen_.push_back(message);
    return ok({{"message_id", number(message.id)}});
  }
  if (method == "sendMessageDraft") {
    return draft(body);
  }
  return method == "sendChatAction" || method == "answerCallbackQuery" || method == "setMyCommands"
             ? ok(true)
             : refused(404, "Not Found: method not found");
}

bool TelegramService::is_write(const ServiceCall& call) const {
  const auto method = call.request.path.substr(call.request.path.rfind('/') + 1);
  return method == "sendMessage" || method == "editMessageText" || method == "sendDocument";
}

base::HttpResponse TelegramService::refusal(int status, const std::string& retry_after) const {
  auto response =
      refused(status, status == 400 ? "Bad Request: can't parse entities: unexpected end tag at byte offset 3"
                                    : "refused");
  if (status == 429) {
    response.body = base::dump_json({{"ok", false},
                                     {"error_code", 429},
                                     {"description", "Too Many Requests: retry after " + retry_after},
                                     {"parameters", {{"retry_after", std::stoi(retry_after)}}}});
  }
  return response;
}

}  // namespace support
