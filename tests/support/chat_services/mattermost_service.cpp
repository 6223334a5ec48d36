#include "tests/support/chat_services/mattermost_service.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>

#include "base/form.h"

namespace support {
namespace {

using nlohmann::json;

constexpr std::string_view kApi = "/api/v4";

std::string text_of(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

base::HttpRequest to_webhook(const std::string& body, const std::string& content_type) {
  base::HttpRequest request;
  request.method = "POST";
  request.path = "/webhooks/svc";
  request.body = body;
  request.headers = {{"Content-Type", content_type}, {"Accept", "application/json"}};
  return request;
}

}  // namespace

MattermostService::MattermostService() {
  open();
}

MattermostService::~MattermostService() {
  close();
}

std::string MattermostService::id_of(const std::string& name) {
  constexpr std::size_t kLength = 26;
  return name.size() >= kLength ? name : name + std::string(kLength - name.size(), 'x');
}

void MattermostService::configure(Desk& desk) const {
  desk.environment["MATTERMOST_TOKEN"] = kToken;
  desk.environment["MATTERMOST_WEBHOOK_TOKEN"] = kWebhookToken;
  desk.config.set("server", "public_url", toml_text(kPublicUrl));
  desk.config.set("chat.svc", "platform", toml_text("mattermost"))
      .set("chat.svc", "repair_buttons", "false")
      .set("chat.svc", "access", toml_text("open"))
      .set("chat.svc", "url", toml_text(url()))
      .set("chat.svc", "token", toml_text("env:MATTERMOST_TOKEN"))
      .set("chat.svc", "webhook_token", toml_text("env:MATTERMOST_WEBHOOK_TOKEN"));
}

std::int64_t MattermostService::next_ms() {
  return last_ms_ = std::max(last_ms_ + 1, base::to_unix_ms(base::SystemClock().now()));
}

json& MattermostService::open_channel(const std::string& name) {
  const auto id = id_of(name);
  return channels_
      .emplace(id, json{{"id", id},
                        {"type", name.starts_with('d') ? "D" : "O"},
                        {"last_post_at", 0},
                        {"total_msg_count", 0}})
      .first->second;
}

/// The time of a channel's last post never goes back, whatever becomes of the clock (SaveMultiple in
/// server/channels/store/sqlstore/post_store.go).
void MattermostService::count_post(json& channel, const json& post) {
  channel["last_post_at"] = std::max<std::int64_t>(channel.value("last_post_at", 0LL), post.at("create_at"));
  channel["total_msg_count"] = channel.value("total_msg_count", 0) + 1;
}

json MattermostService::write(const std::string& channel, const std::string& user, const std::string& text,
                              const json& more) {
  const auto lock = guard();
  const std::lock_guard state(state_);
  const auto now = next_ms();
  json post = {{"id", id_of(fmt::format("p{}", ++next_id_))},
               {"create_at", now},
               {"update_at", now},
               {"edit_at", 0},
               {"delete_at", 0},
               {"user_id", id_of(user)},
               {"channel_id", id_of(channel)},
               {"root_id", ""},
               {"message", text},
               {"type", ""},
               {"props", json::object()},
               {"metadata", json::object()}};
  post.update(more);
  count_post(open_channel(channel), post);
  posts_[post.at("id")] = post;
  hidden_[post.at("id")] = lateness_;
  return post;
}

void MattermostService::change(const std::string& post, const std::string& text) {
  const auto lock = guard();
  const std::lock_guard state(state_);
  auto& changed = posts_.at(post);
  changed["message"] = text;
  changed["edit_at"] = changed["update_at"] = next_ms();
}

void MattermostService::drop(const std::string& post) {
  const auto lock = guard();
  const std::lock_guard state(state_);
  remove(post);
}

void MattermostService::fail(const std::string& path, int status, const std::string& error) {
  const std::lock_guard lock(state_);
  failing_[path] = {status, error};
}

void MattermostService::be_late(int reads) {
  const std::lock_guard lock(state_);
  lateness_ = reads;
}

void MattermostService::set_is_bot(bool is_bot) {
  const std::lock_guard lock(state_);
  is_bot_ = is_bot;
}

json MattermostService::keep_file(const std::string& name, const std::string& content,
                                  const std::string& type) {
  const std::lock_guard lock(state_);
  const auto id = id_of(fmt::format("f{}", ++next_id_));
  files_[id] = {name, content, type};
  return {{"id", id}, {"name", name}, {"mime_type", type}, {"size", content.size()}};
}

base::HttpRequest MattermostService::notice(const json& post, bool as_json, const std::string& trigger_word) {
  const auto ms = post.at("create_at").get<std::int64_t>();
  std::string files;
  for (const auto& file : post.at("metadata").value("files", json::array())) {
    files += (files.empty() ? "" : ",") + text_of(file, "id");
  }
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"channel_id", text_of(post, "channel_id")},
      {"channel_name", "town-square"},
      {"file_ids", files},
      {"post_id", text_of(post, "id")},
      {"team_domain", "team"},
      {"team_id", id_of("team")},
      {"text", text_of(post, "message")},
      {"token", kWebhookToken},
      {"trigger_word", trigger_word},
      {"user_id", text_of(post, "user_id")},
      {"user_name", "ada"}};
  if (as_json) {
    json body = {{"timestamp", ms}};
    for (const auto& [name, value] : fields) {
      body[name] = value;
    }
    return to_webhook(body.dump(), "application/json");
  }
  // Unlike JSON, in seconds.
  auto body = fmt::format("timestamp={}", ms / 1'000);
  for (const auto& [name, value] : fields) {
    body += fmt::format("&{}={}", name, base::url_encode(value));
  }
  return to_webhook(body, "application/x-www-form-urlencoded");
}

/// What the person began in the channel before, where the bot was not called.
std::string MattermostService::thread_of(const std::string& user) {
  {
    const std::lock_guard lock(state_);
    if (const auto known = threads_.find(user); known != threads_.end()) {
      return known->second;
    }
  }
  const auto root = text_of(write("c1", "u" + user, "Good morning."), "id");
  const std::lock_guard lock(state_);
  return threads_[user] = root;
}

base::HttpRequest MattermostService::message(const Said& said) {
  {
    // What is told once more is the same post.
    const std::lock_guard lock(state_);
    const auto known = post_of_event_.find(said.id);
    if (!said.id.empty() && known != post_of_event_.end()) {
      return notice(posts_.at(known->second));
    }
  }
  const auto chat = said.chat.empty() ? "c1/" + thread_of(said.user) : said.chat;
  const auto slash = std::min(chat.find('/'), chat.size());
  json more = json::object();
  if (slash < chat.size()) {
    more["root_id"] = id_of(chat.substr(slash + 1));
  }
  const auto post = write(chat.substr(0, slash), "u" + said.user, "@frontdesk " + said.text, more);
  const std::lock_guard lock(state_);
  if (!said.id.empty()) {
    post_of_event_[said.id] = post.at("id");
  }
  return notice(post);
}

base::HttpRequest MattermostService::click(const Shown& message, const std::string& label,
                                           const std::string& user) {
  const auto id = message.action(label);
  const std::lock_guard lock(state_);
  const auto& post = posts_.at(message.id);
  for (const auto& attachment : post.at("props").at("attachments")) {
    for (const auto& action : attachment.at("actions")) {
      if (action.at("id") == id) {
        const json body = {{"user_id", id_of("u" + user)},
                           {"user_name", "ada"},
                           {"channel_id", post.at("channel_id")},
                           {"channel_name", "town-square"},
                           {"team_id", id_of("team")},
                           {"team_domain", "team"},
                           {"post_id", message.id},
                           {"trigger_id", fmt::format("trigger{}", ++next_id_)},
                           {"type", "button"},
                           {"data_source", ""},
                           {"context", action.at("integration").at("context")}};
        return to_webhook(body.dump(), "application/json");
      }
    }
  }
  throw std::runtime_error("the message has no button " + label);
}

base::HttpRequest MattermostService::forged(base::HttpRequest request) const {
  const std::string token = kWebhookToken;
  if (const auto at = request.body.find(token); at != std::string::npos) {
    request.body[at + token.size() - 1] = 'a';
    return request;
  }
  auto click = json::parse(request.body);
  auto proof = click.at("context").at("proof").get<std::string>();
  proof.back() = proof.back() == '0' ? '1' : '0';
  click["context"]["proof"] = proof;
  request.body = click.dump();
  return request;
}

std::vector<json> MattermostService::bodies_of(const std::string& method, const std::string& path) const {
  std::vector<json> found;
  for (const auto& call : calls()) {
    if (call.request.method == method && call.request.path.starts_with(std::string(kApi) + path)) {
      found.push_back(json::parse(call.request.body, nullptr, false));
    }
  }
  return found;
}

}  // namespace support
