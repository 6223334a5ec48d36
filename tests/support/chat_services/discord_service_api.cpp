// The REST API of the fake (https://discord.com/developers/docs/reference).
#include <algorithm>

#include "base/json.h"
#include "tests/support/chat_services/discord_service.h"

namespace support {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using nlohmann::json;

constexpr std::string_view kBase = "/api/v10/";

HttpResponse refused(int status, int code, const std::string& message) {
  auto response = HttpResponse::json(json{{"message", message}, {"code", code}}.dump());
  response.status = status;
  return response;
}

HttpResponse no_content() {
  HttpResponse response;
  response.status = 204;
  return response;
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

struct Sent {
  json body;
  json files = json::array();
};

/// JSON, or a form with payload_json and files[n].
Sent read(const HttpRequest& request) {
  const auto type = request.headers.get("content-type").value_or("");
  const auto mark = type.find("boundary=");
  if (mark == std::string::npos) {
    return {base::parse_json(request.body).value_or(json())};
  }
  Sent sent;
  const auto boundary = "--" + type.substr(mark + 9);
  auto rest = std::string_view(request.body);
  while (true) {
    const auto begin = rest.find(boundary);
    const auto head_end = rest.find("\r\n\r\n", begin);
    if (begin == std::string_view::npos || head_end == std::string_view::npos) {
      return sent;
    }
    const auto head = rest.substr(begin, head_end - begin);
    const auto end = rest.find("\r\n" + boundary, head_end);
    const auto content = rest.substr(head_end + 4, end - head_end - 4);
    if (head.find("name=\"payload_json\"") != std::string_view::npos) {
      sent.body = base::parse_json(content).value_or(json());
    } else if (head.find("name=\"files[") != std::string_view::npos) {
      const auto name = head.find("filename=\"") + 10;
      sent.files.push_back({{"id", "1"},
                            {"filename", head.substr(name, head.find('"', name) - name)},
                            {"size", content.size()},
                            {"content", content}});
    }
    rest.remove_prefix(end);
  }
}

/// What the API would find wrong with a message; 0 if nothing.
int problem(const Sent& sent) {
  const auto content = base::json_string(sent.body, "content").value_or("");
  const auto nonce = base::json_string(sent.body, "nonce").value_or("");
  if (!sent.body.is_object() || characters(content) > 2000 || nonce.size() > 25) {
    return 50035;
  }
  const auto* rows = base::json_member(sent.body, "components");
  if (rows != nullptr && rows->size() > 5) {
    return 50035;
  }
  for (const auto& row : rows != nullptr ? *rows : json::array()) {
    const auto& buttons = row.at("components");
    if (row.at("type") != 1 || buttons.empty() || buttons.size() > 5) {
      return 50035;
    }
    for (const auto& button : buttons) {
      if (button.at("type") != 2 || button.at("custom_id").get<std::string>().size() > 100 ||
          characters(button.at("label").get<std::string>()) > 80) {
        return 50035;
      }
    }
  }
  return content.empty() && sent.files.empty() ? 50006 : 0;
}

}  // namespace

bool DiscordService::is_write(const ServiceCall& call) const {
  const auto& request = call.request;
  return request.method != "GET" && request.path.find("/messages") != std::string::npos;
}

HttpResponse DiscordService::refusal(int status, const std::string& retry_after) const {
  if (status != 429) {
    return refused(status, 0, std::to_string(status));
  }
  const std::lock_guard lock(state_);
  auto response = HttpResponse::json(json{
      {"message", "You are being rate limited."},
      {"retry_after", std::stod(retry_after.empty() ? "1" : retry_after)},
      {"global", global_}}.dump());
  response.status = 429;
  response.headers.add("X-RateLimit-Scope", global_ ? "global" : "user");
  return response;
}

HttpResponse DiscordService::answer(const ServiceCall& call) {
  const std::lock_guard lock(state_);
  const auto& request = call.request;
  if (const auto file = files_.find(request.path); file != files_.end()) {
    return {200, file->second, "application/octet-stream", {}, {}};
  }
  if (!request.path.starts_with(kBase)) {
    return refused(404, 0, "404: Not Found");
  }
  if (!request.headers.get("User-Agent").value_or("").starts_with("DiscordBot (")) {
    return refused(403, 0, "the User-Agent is blocked");
  }
  const auto path = split(std::string_view(request.path).substr(kBase.size()));
  if (path.size() >= 3 && path[0] == "webhooks") {
    return webhook_call(request, path);
  }
  if (request.headers.get("Authorization") != std::string("Bot ") + kBotToken) {
    return refused(401, 0, "401: Unauthorized");
  }
  if (path.size() >= 3 && path[0] == "channels") {
    return channel_call(request, path);
  }
  if (path == Path{"users", "@me"}) {
    return HttpResponse::json(json{{"id", kBotUser}, {"bot", true}}.dump());
  }
  return path.size() >= 2 && path[0] == "applications" ? application_call(request, path)
                                                       : refused(404, 0, "404: Not Found");
}

HttpResponse DiscordService::channel_call(const HttpRequest& request, const Path& path) {
  const auto& channel = path[1];
  if (closed_.contains(channel)) {
    return refused(403, 50001, "Missing Access");
  }
  if (path[2] == "typing") {
    return no_content();
  }
  if (path.size() == 3) {
    return request.method == "GET" ? list(request, channel) : create(request, channel, nullptr);
  }
  return request.method == "DELETE" ? remove(path[3]) : change(request, path[3]);
}

HttpResponse DiscordService::webhook_call(const HttpRequest& request, const Path& path) {
  const auto it = interactions_.find(path[2]);
  if (path[1] != kApplication || it == interactions_.end()) {
    return refused(404, 10015, "Unknown Webhook");
  }
  auto& interaction = it->second;
  if (ended_) {
    return refused(401, 50027, "Invalid Webhook Token");
  }
  if (path.size() == 3) {
    return create(request, interaction.channel, &interaction);
  }
  if (path[4] != "@original") {
    return request.method == "DELETE" ? remove(path[4]) : change(request, path[4]);
  }
  const auto* const message = find(interaction.message);
  if (interaction.gone || message == nullptr) {
    return refused(404, 10008, "Unknown Message");
  }
  return request.method == "GET" ? HttpResponse::json(message->dump()) : change(request, interaction.message);
}

HttpResponse DiscordService::application_call(const HttpRequest& request, const Path& path) {
  if (path[1] == "@me") {
    if (request.method == "PATCH") {
      application_.update(base::parse_json(request.body).value_or(json::object()));
    }
    return HttpResponse::json(application_.dump());
  }
  const bool in_guild = path.size() == 5 && path[2] == "guilds";
  if (path.back() != "commands" || (in_guild && path[3] != kGuild)) {
    return refused(403, 50001, "Missing Access");
  }
  if (request.method == "PUT") {
    commands_ = base::parse_json(request.body).value_or(json::array());
  }
  return HttpResponse::json(commands_.dump());
}

HttpResponse DiscordService::list(const HttpRequest& request, const std::string& channel) const {
  const auto after = std::stoll(request.query.get("after").value_or("0"));
  const auto before = std::stoll(request.query.get("before").value_or("9000000000000000000"));
  const auto limit = std::stoul(request.query.get("limit").value_or("50"));
  json found = json::array();
  for (const auto& message : messages_) {
    const auto id = std::stoll(message["id"].get<std::string>());
    if (message["channel_id"] == channel && !hidden_.contains(channel) && id > after && id < before) {
      found.insert(found.begin(), message);
    }
  }
  // With `after` the oldest of them, else the newest.
  while (found.size() > limit) {
    found.erase(after > 0 ? found.begin() : found.end() - 1);
  }
  return HttpResponse::json(found.dump());
}

HttpResponse DiscordService::create(const HttpRequest& request, const std::string& channel,
                                    const Interaction* interaction) {
  const auto sent = read(request);
  if (const int code = problem(sent); code != 0) {
    return refused(400, code, "Invalid Form Body");
  }
  const auto nonce = base::json_string(sent.body, "nonce").value_or("");
  if (const auto known = nonces_.find(nonce);
      known != nonces_.end() && base::json_bool(sent.body, "enforce_nonce") == true) {
    const auto* const earlier = find(known->second);
    return earlier != nullptr ? HttpResponse::json(earlier->dump()) : refused(404, 10008, "Unknown Message");
  }
  json message = {{"id", next_id()},
                  {"channel_id", channel},
                  {"content", sent.body.value("content", "")},
                  {"components", sent.body.value("components", json::array())},
                  {"flags", sent.body.value("flags", 0)},
                  {"author", {{"id", kBotUser}, {"bot", true}}},
                  {"attachments", sent.files}};
  if (!nonce.empty()) {
    nonces_[nonce] = message["id"];
  }
  if (tells_nonces_) {
    message["nonce"] = nonce;
  }
  if (interaction != nullptr) {
    message["application_id"] = kApplication;
    message["interaction_metadata"] = {{"id", interaction->id}, {"original_response_message_id", "1"}};
  }
  if (sent.body.contains("message_reference")) {
    message["message_reference"] = sent.body["message_reference"];
  }
  archived_.erase(channel);
  messages_.push_back(message);
  show(message);
  return HttpResponse::json(message.dump());
}

HttpResponse DiscordService::change(const HttpRequest& request, const std::string& id) {
  auto* const message = find(id);
  if (message == nullptr) {
    return refused(404, 10008, "Unknown Message");
  }
  if (archived_.contains((*message)["channel_id"].get<std::string>())) {
    return refused(400, 50083, "Thread is archived");
  }
  auto sent = read(request);
  if (const int code = problem(sent); code != 0) {
    return refused(400, code, "Invalid Form Body");
  }
  message->update(sent.body);
  (*message)["flags"] = sent.body.value("flags", 0);
  show(*message);
  return HttpResponse::json(message->dump());
}

HttpResponse DiscordService::remove(const std::string& id) {
  if (find(id) == nullptr) {
    return refused(404, 10008, "Unknown Message");
  }
  std::erase_if(messages_, [&](const json& message) { return message["id"] == id; });
  std::erase_if(screen_, [&](const Shown& shown) { return shown.id == id; });
  return no_content();
}

json* DiscordService::find(const std::string& id) {
  const auto it = std::find_if(messages_.begin(), messages_.end(),
                               [&](const json& message) { return message["id"] == id; });
  return it == messages_.end() ? nullptr : &*it;
}

void DiscordService::show(const json& message) {
  auto it = std::find_if(screen_.begin(), screen_.end(),
                         [&](const Shown& shown) { return shown.id == message["id"]; });
  if (it == screen_.end()) {
    it = screen_.insert(screen_.end(), Shown());
    it->id = message["id"];
    const auto channel = message["channel_id"].get<std::string>();
    it->chat = chats_.contains(channel) ? chats_.at(channel) : channel;
    if (message.contains("interaction_metadata")) {
      it->reply_to = message["interaction_metadata"]["id"];
    } else if (message.contains("message_reference")) {
      it->reply_to = message["message_reference"]["message_id"];
    }
  } else {
    ++it->edits;
  }
  it->text = message["content"];
  for (const auto& file : message.value("attachments", json::array())) {
    it->text += "[file] " + file.value("filename", "") + ": " + file.value("content", "");
  }
  it->actions.clear();
  for (const auto& row : message.value("components", json::array())) {
    for (const auto& button : row["components"]) {
      it->actions.emplace_back(button["label"], button["custom_id"]);
    }
  }
}

}  // namespace support
