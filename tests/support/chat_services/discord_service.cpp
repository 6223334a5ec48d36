#include "tests/support/chat_services/discord_service.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

#include "base/clock.h"
#include "base/crypto.h"

namespace support {
namespace {

using base::HttpRequest;
using nlohmann::json;

constexpr const char* kSeed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr std::int64_t kEpochMs = 1'420'070'400'000;

}  // namespace

DiscordService::DiscordService()
    : application_({{"id", kApplication},
                    {"name", "Frontdesk"},
                    {"verify_key", kPublicKey},
                    {"interactions_endpoint_url", nullptr}}) {
  open();
}

DiscordService::~DiscordService() {
  close();
}

void DiscordService::configure(Desk& desk) const {
  desk.environment["DISCORD_BOT_TOKEN"] = kBotToken;
  desk.config.set("chat.svc", "platform", "\"discord\"")
      .set("chat.svc", "repair_buttons", "false")
      .set("chat.svc", "access", "\"open\"")
      .set("chat.svc", "application_id", toml_text(kApplication))
      .set("chat.svc", "public_key", toml_text(kPublicKey))
      .set("chat.svc", "bot_token", "\"env:DISCORD_BOT_TOKEN\"")
      .set("chat.svc", "api_base_url", toml_text(url() + "/api/v10"));
}

std::string DiscordService::signature(const std::string& message) {
  const auto seed = base::from_hex(kSeed).value();
  const auto* bytes = reinterpret_cast<const unsigned char*>(seed.data());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes, seed.size()), &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string made(64, '\0');
  auto size = made.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(made.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1) {
    throw std::runtime_error("OpenSSL could not sign");
  }
  return base::to_hex(made);
}

HttpRequest DiscordService::signed_call(const std::string& body, const std::string& timestamp) {
  HttpRequest request;
  request.method = "POST";
  request.path = "/webhooks/svc";
  request.body = body;
  request.headers.add("Content-Type", "application/json");
  request.headers.add("X-Signature-Ed25519", signature(timestamp + body));
  request.headers.add("X-Signature-Timestamp", timestamp);
  return request;
}

HttpRequest DiscordService::signed_call(const std::string& body, base::Timestamp now) {
  return signed_call(body, std::to_string(base::to_unix_ms(now) / 1000));
}

HttpRequest DiscordService::forged(HttpRequest request) const {
  base::HttpFields headers;
  for (auto [name, value] : request.headers.all()) {
    if (name == "X-Signature-Ed25519") {
      value.front() = value.front() == '0' ? '1' : '0';
    }
    headers.add(name, value);
  }
  request.headers = headers;
  return request;
}

std::string DiscordService::next_id() {
  const auto now = (base::to_unix_ms(base::SystemClock().now()) - kEpochMs) << 22;
  last_id_ = std::max(last_id_ + 1, now);
  return std::to_string(last_id_);
}

json DiscordService::interaction(int type, const Said& said) {
  const std::lock_guard lock(state_);
  const auto id = said.id.empty() ? next_id()
                  : said.id.find_first_not_of("0123456789") == std::string::npos
                      ? said.id
                      : std::to_string(std::hash<std::string>()(said.id) >> 1);
  const bool direct = said.chat.empty();
  const auto chat = direct ? "7" + said.user : said.chat;
  const auto slash = chat.find('/');
  const auto channel = slash == std::string::npos ? chat : chat.substr(slash + 1);
  chats_[channel] = chat;
  const json user = {{"id", said.user},
                     {"username", "user" + said.user},
                     {"global_name", "Name of " + said.user},
                     {"bot", false}};
  json made = {{"id", id},
               {"application_id", kApplication},
               {"type", type},
               {"token", "token." + id},
               {"version", 1},
               {"channel_id", channel},
               {"channel",
                {{"id", channel},
                 {"type", direct                       ? 1
                          : slash == std::string::npos ? 0
                                                       : 11}}},
               {"context", direct ? 1 : 0}};
  if (slash != std::string::npos) {
    made["channel"]["parent_id"] = chat.substr(0, slash);
  }
  if (direct) {
    made["user"] = user;
  } else {
    made["guild_id"] = kGuild;
    made["member"] = {{"user", user}, {"roles", json::array()}};
  }
  const auto [known, is_new] =
      interactions_.try_emplace("token." + id, Interaction{id, channel, chat, {}, false});
  if (is_new && type == 2) {
    // What people see as "thinking".
    known->second.message = next_id();
    messages_.push_back({{"id", known->second.message},
                         {"channel_id", channel},
                         {"content", ""},
                         {"flags", 128},
                         {"application_id", kApplication},
                         {"author", {{"id", kBotUser}, {"bot", true}}},
                         {"interaction_metadata", {{"id", id}}}});
  }
  return made;
}

HttpRequest DiscordService::message(const Said& said) {
  auto made = interaction(2, said);
  std::string name = "ask";
  auto words = said.text;
  if (words.starts_with('/')) {
    const auto end = std::min(words.find(' '), words.size());
    name = words.substr(1, end - 1);
    words = words.substr(std::min(end + 1, words.size()));
  }
  json options = json::array();
  if (!words.empty()) {
    options.push_back({{"type", 3}, {"name", name == "cancel" ? "project" : "text"}, {"value", words}});
  }
  made["data"] = {{"id", "55"}, {"type", 1}, {"name", name}, {"options", options}};
  return signed_call(made.dump());
}

HttpRequest DiscordService::ask_about(const Said& said, const std::string& author) {
  auto made = interaction(2, said);
  made["data"] = {{"id", "56"},
                  {"type", 3},
                  {"name", "Ask about this message"},
                  {"target_id", "880000000000000001"},
                  {"resolved",
                   {{"messages",
                     {{"880000000000000001",
                       {{"id", "880000000000000001"},
                        {"content", said.text},
                        {"author", {{"id", "4711"}, {"username", author}}},
                        {"attachments", json::array()}}}}}}}};
  return signed_call(made.dump());
}

HttpRequest DiscordService::click(const Shown& message, const std::string& label, const std::string& user) {
  const auto channel = message.chat.substr(message.chat.find('/') + 1);
  const bool direct = channel == "7" + user;
  auto made = interaction(3, {{}, direct ? std::string() : message.chat, user, {}});
  made["data"] = {{"component_type", 2}, {"custom_id", message.action(label)}};
  made["message"] = {{"id", message.id}, {"content", message.text}};
  const std::lock_guard lock(state_);
  interactions_.at(made["token"].get<std::string>()).message = message.id;
  return signed_call(made.dump());
}

void DiscordService::end_interactions() {
  const std::lock_guard lock(state_);
  ended_ = true;
}

void DiscordService::forget_original(const std::string& interaction) {
  const std::lock_guard lock(state_);
  interactions_.at("token." + interaction).gone = true;
}

void DiscordService::find_original(const std::string& interaction) {
  const std::lock_guard lock(state_);
  interactions_.at("token." + interaction).gone = false;
}

void DiscordService::tell_nonces() {
  const std::lock_guard lock(state_);
  tells_nonces_ = true;
}

void DiscordService::forget_nonces() {
  const std::lock_guard lock(state_);
  nonces_.clear();
}

void DiscordService::close_channel(const std::string& channel) {
  const std::lock_guard lock(state_);
  closed_.insert(channel);
}

void DiscordService::archive(const std::string& thread) {
  const std::lock_guard lock(state_);
  archived_.insert(thread);
}

void DiscordService::fill(const std::string& channel, int messages) {
  const std::lock_guard lock(state_);
  for (int i = 0; i < messages; ++i) {
    messages_.push_back(
        {{"id", next_id()}, {"channel_id", channel}, {"content", "hello"}, {"author", {{"id", "4711"}}}});
  }
}

void DiscordService::hide_history(const std::string& channel) {
  const std::lock_guard lock(state_);
  hidden_.insert(channel);
}

void DiscordService::take_away(const std::string& message) {
  {
    const auto lock = guard();
    std::erase_if(screen_, [&](const Shown& shown) { return shown.id == message; });
  }
  const std::lock_guard lock(state_);
  std::erase_if(messages_, [&](const json& known) { return known["id"] == message; });
}

void DiscordService::limit_globally() {
  const std::lock_guard lock(state_);
  global_ = true;
}

json DiscordService::keep_file(const std::string& name, const std::string& content) {
  const std::lock_guard lock(state_);
  const auto id = next_id();
  const auto path = "/attachments/500/" + id + "/file";
  files_[path] = content;
  return {{"id", id},
          {"filename", name},
          {"size", content.size()},
          {"content_type", "text/plain"},
          {"url", url() + path}};
}

json DiscordService::application() const {
  const std::lock_guard lock(state_);
  return application_;
}

void DiscordService::set_application(const std::string& member, const json& value) {
  const std::lock_guard lock(state_);
  application_[member] = value;
}

json DiscordService::commands() const {
  const std::lock_guard lock(state_);
  return commands_;
}

std::vector<json> DiscordService::messages() const {
  const std::lock_guard lock(state_);
  return messages_;
}

}  // namespace support
