// What the workspace tells the program.
#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/form.h"
#include "bot/platforms/shared/service_call.h"
#include "tests/support/chat_services/slack_service.h"

namespace support {

using nlohmann::json;

namespace {

/// Written here once more, so that a mistake in the program's own is noticed.
std::string signature(const std::string& secret, const std::string& timestamp, const std::string& body) {
  const auto message = "v0:" + timestamp + ":" + body;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest, &size);
  std::string text = "v0=";
  for (unsigned i = 0; i < size; ++i) {
    text += fmt::format("{:02x}", digest[i]);
  }
  return text;
}

}  // namespace

base::HttpRequest SlackService::sign(const std::string& body, const std::string& content_type,
                                     base::Timestamp now) {
  const auto timestamp = std::to_string(base::to_unix_ms(now) / 1000);
  base::HttpRequest request;
  request.method = "POST";
  request.path = "/webhooks/svc";
  request.body = body;
  request.headers = {{"Content-Type", content_type},
                     {"X-Slack-Request-Timestamp", timestamp},
                     {"X-Slack-Signature", signature(kSecret, timestamp, body)}};
  return request;
}

base::HttpRequest SlackService::event(const json& event, const std::string& event_id) const {
  const json body = {
      {"token", "unused"},
      {"team_id", "T1"},
      {"api_app_id", "A1"},
      {"event", event},
      {"type", "event_callback"},
      {"event_id", event_id},
      {"event_time", 1'795'363'500},
      {"authorizations",
       {{{"team_id", "T1"}, {"user_id", kBot}, {"is_bot", true}, {"is_enterprise_install", false}}}}};
  return sign(body.dump(), "application/json");
}

json SlackService::write(const std::string& channel, const std::string& user, const std::string& text,
                         const json& more) {
  json message = {{"type", "message"}, {"user", user}, {"text", text}, {"ts", next_ts()}, {"team", "T1"}};
  message.update(more);
  const std::lock_guard lock(state_);
  messages_[channel].push_back(message);
  message["channel"] = channel;
  message["channel_type"] = channel.starts_with('D') ? "im" : "channel";
  return message;
}

base::HttpRequest SlackService::message(const Said& said) {
  std::string id = said.id;
  {
    const std::lock_guard lock(state_);
    id = id.empty() ? fmt::format("Ev0{}", ++next_id_) : id;
  }
  const auto chat = said.chat.empty() ? "D" + said.user : said.chat;
  const auto slash = std::min(chat.find('/'), chat.size());
  const auto channel = chat.substr(0, slash);
  const bool is_direct = channel.starts_with('D');
  json more = json::object();
  if (slash < chat.size()) {
    more["thread_ts"] = chat.substr(slash + 1);
  }
  {
    // What is told once more is the same message.
    const std::lock_guard lock(state_);
    if (const auto known = ts_of_event_.find(id); known != ts_of_event_.end()) {
      more["ts"] = known->second;
    }
  }
  auto message =
      write(channel, said.user, is_direct ? said.text : fmt::format("<@{}> {}", kBot, said.text), more);
  if (!is_direct) {
    message["type"] = "app_mention";
    message.erase("channel_type");
  }
  const std::lock_guard lock(state_);
  ts_of_event_[id] = message.at("ts");
  return event(message, id);
}

base::HttpRequest SlackService::command(const std::string& text, const std::string& channel,
                                        const std::string& user) {
  const auto body = fmt::format(
      "token=unused&team_id=T1&team_domain=test&channel_id={}&channel_name=general&user_id={}&user_name=ada&"
      "command=%2Ffrontdesk&text={}&api_app_id=A1&is_enterprise_install=false&response_url={}&trigger_id={}",
      channel, user, base::url_encode(text), base::url_encode(url() + "/response/" + channel), next_ts());
  return sign(body, "application/x-www-form-urlencoded");
}

base::HttpRequest SlackService::click(const Shown& message, const std::string& label,
                                      const std::string& user) {
  const auto id = message.action(label);
  if (id.empty()) {
    throw std::runtime_error("the message has no button " + label);
  }
  const auto slash = std::min(message.chat.find('/'), message.chat.size());
  const auto channel = message.chat.substr(0, slash);
  json container = {
      {"type", "message"}, {"message_ts", message.id}, {"channel_id", channel}, {"is_ephemeral", false}};
  // As Slack does, with the whole message in it: such a form is large.
  json shown = {
      {"bot_id", "B1"}, {"type", "message"}, {"text", message.text}, {"user", kBot}, {"ts", message.id}};
  if (slash < message.chat.size()) {
    container["thread_ts"] = shown["thread_ts"] = message.chat.substr(slash + 1);
  }
  const json payload = {{"type", "block_actions"},
                        {"user", {{"id", user}, {"username", "ada"}, {"name", "ada"}, {"team_id", "T1"}}},
                        {"api_app_id", "A1"},
                        {"token", "unused"},
                        {"container", container},
                        {"trigger_id", next_ts()},
                        {"team", {{"id", "T1"}, {"domain", "test"}}},
                        {"channel", {{"id", channel}, {"name", "general"}}},
                        {"message", shown},
                        {"response_url", url() + "/response/" + channel},
                        {"actions",
                         {{{"action_id", id},
                           {"block_id", "b"},
                           {"text", {{"type", "plain_text"}, {"text", label}}},
                           {"value", id},
                           {"type", "button"},
                           {"action_ts", next_ts()}}}}};
  return sign("payload=" + base::url_encode(payload.dump()), "application/x-www-form-urlencoded");
}

base::HttpRequest SlackService::forged(base::HttpRequest request) const {
  base::HttpFields headers;
  for (auto [name, value] : request.headers.all()) {
    if (name == "X-Slack-Signature") {
      value.back() = value.back() == '0' ? '1' : '0';
    }
    headers.add(name, value);
  }
  request.headers = headers;
  return request;
}

}  // namespace support
