// What the server answers.
#include <algorithm>
#include <cctype>

#include <fmt/core.h>

#include "tests/support/chat_services/mattermost_service.h"

namespace support {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxRunes = 16'383;
constexpr std::string_view kApi = "/api/v4";

/// server/public/model/utils.go, AppError.
base::HttpResponse failure(int status, const std::string& id) {
  auto response = base::HttpResponse::json(
      json{{"id", id}, {"message", "In words."}, {"request_id", "r1"}, {"status_code", status}}.dump());
  response.status = status;
  return response;
}

std::string text_of(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::size_t runes(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::vector<std::pair<std::string, std::string>> buttons_of(const json& post) {
  std::vector<std::pair<std::string, std::string>> buttons;
  for (const auto& attachment : post.at("props").value("attachments", json::array())) {
    for (const auto& action : attachment.value("actions", json::array())) {
      buttons.emplace_back(action.at("name"), action.at("id"));
    }
  }
  return buttons;
}

/// What clients get to see of a post: not where its buttons lead.
json for_clients(json post) {
  for (auto& attachment : post["props"]["attachments"]) {
    for (auto& action : attachment["actions"]) {
      action.erase("integration");
    }
  }
  return post;
}

/// Mattermost refuses an action without a name, a type or an http address, and addresses it by its id.
bool is_usable(const json& post) {
  for (const auto& attachment : post.at("props").value("attachments", json::array())) {
    for (const auto& action : attachment.value("actions", json::array())) {
      const auto id = text_of(action, "id");
      const auto url = text_of(action.value("integration", json::object()), "url");
      if (text_of(action, "name").empty() || text_of(action, "type") != "button" ||
          !url.starts_with("http") || id.empty() ||
          !std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) != 0; })) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

bool MattermostService::is_write(const ServiceCall& call) const {
  const auto& [method, path] = std::pair(call.request.method, call.request.path);
  return method != "GET" && path.starts_with(std::string(kApi) + "/posts");
}

base::HttpResponse MattermostService::refusal(int status, const std::string& retry_after) const {
  // Its limiter answers in words (server/channels/app/ratelimit.go).
  auto response = status == 429 ? base::HttpResponse{429, "limit exceeded\n", "text/plain", {}, {}}
                                : failure(status, "api.context.internal.app_error");
  if (!retry_after.empty()) {
    response.headers.add("Retry-After", retry_after);
    response.headers.add("X-Ratelimit-Reset", retry_after);
  }
  return response;
}

base::HttpResponse MattermostService::answer(const ServiceCall& call) {
  const auto& request = call.request;
  if (!request.path.starts_with(kApi)) {
    return {404, "<html></html>", "text/html", {}, {}};
  }
  if (request.headers.get("Authorization") != std::string("Bearer ") + kToken) {
    return failure(401, "api.context.session_expired.app_error");
  }
  const std::lock_guard lock(state_);
  const auto path = request.path.substr(kApi.size());
  for (const auto& [prefix, refused] : failing_) {
    if (path.starts_with(prefix) && refused.first != 0) {
      return failure(refused.first, refused.second);
    }
  }
  return carry_out(request.method, path, request);
}

base::HttpResponse MattermostService::carry_out(const std::string& method, const std::string& path,
                                                const base::HttpRequest& request) {
  const auto tail = path.substr(path.rfind('/') + 1);
  if (path == "/users/me") {
    return base::HttpResponse::json(
        json{{"id", bot()}, {"username", "frontdesk"}, {"is_bot", is_bot_}}.dump());
  }
  if (path == "/users/me/channels") {
    json list = json::array();
    for (const auto& [id, channel] : channels_) {
      list.push_back(channel);
    }
    return base::HttpResponse::json(list.dump());
  }
  if (path == "/users/me/typing" || path == "/users/" + bot() + "/typing") {
    return base::HttpResponse::json(R"({"status":"OK"})");
  }
  if (path.starts_with("/users/")) {
    return base::HttpResponse::json(
        json{{"id", tail}, {"username", "ada"}, {"nickname", ""}, {"first_name", "Ada"}}.dump());
  }
  if (path.starts_with("/channels/") && tail == "posts") {
    const auto channel = path.substr(10, 26);
    const auto since = request.query.get("since");
    const auto posts = since ? posts_since(channel, std::stoll(*since))
                             : page_of(channel, std::stoul(request.query.get("page").value_or("0")),
                                       std::stoul(request.query.get("per_page").value_or("60")));
    return base::HttpResponse::json(posts.dump());
  }
  if (path == "/files" && method == "POST") {
    return upload(request);
  }
  if (path.starts_with("/files/")) {
    const auto file = files_.find(tail);
    return file == files_.end() ? failure(404, "app.file_info.get.app_error")
                                : base::HttpResponse{200, file->second.content, file->second.type, {}, {}};
  }
  if (path == "/posts" && method == "POST") {
    return post(json::parse(request.body));
  }
  if (path.starts_with("/posts/") && method == "PUT" && tail == "patch") {
    return patch(path.substr(7, 26), json::parse(request.body));
  }
  if (path.starts_with("/posts/") && method == "DELETE") {
    return remove(tail);
  }
  if (path.starts_with("/posts/") && method == "GET") {
    const auto known = posts_.find(tail);
    return known == posts_.end() || known->second.at("delete_at") != 0
               ? failure(404, "app.post.get.app_error")
               : base::HttpResponse::json(for_clients(known->second).dump());
  }
  return failure(404, "api.context.404.app_error");
}

base::HttpResponse MattermostService::upload(const base::HttpRequest& request) {
  const auto id = id_of(fmt::format("f{}", ++next_id_));
  files_[id] = {request.query.get("filename").value_or(""), request.body, "application/octet-stream"};
  auto response = base::HttpResponse::json(
      json{{"file_infos", {{{"id", id}, {"name", files_[id].name}}}}, {"client_ids", json::array()}}.dump());
  response.status = 201;
  return response;
}

base::HttpResponse MattermostService::post(const json& wanted) {
  const auto pending = text_of(wanted, "pending_post_id");
  auto id = pending_.contains(pending) ? pending_.at(pending) : std::string();
  if (!id.empty() && posts_.at(id).at("delete_at") != 0) {
    return failure(500, "api.post.deduplicate_create_post.failed_to_get");
  }
  if (id.empty()) {
    const auto root = posts_.find(text_of(wanted, "root_id"));
    if (!text_of(wanted, "root_id").empty() &&
        (root == posts_.end() || !text_of(root->second, "root_id").empty())) {
      return failure(400, "api.post.create_post.root_id.app_error");
    }
    if (runes(text_of(wanted, "message")) > kMaxRunes) {
      return failure(400, "model.post.is_valid.message_length.app_error");
    }
    if (!channels_.contains(text_of(wanted, "channel_id")) || !is_usable(wanted)) {
      return failure(403, "api.context.permissions.app_error");
    }
    id = id_of(fmt::format("p{}", ++next_id_));
    const auto now = next_ms();
    auto& made = posts_[id] = wanted;
    made.update({{"id", id},
                 {"create_at", now},
                 {"update_at", now},
                 {"edit_at", 0},
                 {"delete_at", 0},
                 {"user_id", bot()},
                 {"type", ""},
                 {"metadata", json::object()}});
    made["props"]["from_bot"] = "true";
    count_post(channels_[text_of(wanted, "channel_id")], made);
    pending_[pending] = id;
    show(made);
  }
  auto response = base::HttpResponse::json(for_clients(posts_.at(id)).dump());
  response.status = 201;
  return response;
}

void MattermostService::show(const json& post) {
  Shown shown;
  shown.id = text_of(post, "id");
  const auto root = text_of(post, "root_id");
  shown.chat = text_of(post, "channel_id") + (root.empty() ? "" : "/" + root);
  shown.text = text_of(post, "message");
  for (const auto& file : post.value("file_ids", json::array())) {
    shown.text += "[file] " + files_.at(file).name;
  }
  shown.actions = buttons_of(post);
  screen_.push_back(shown);
}

base::HttpResponse MattermostService::patch(const std::string& id, const json& wanted) {
  const auto known = posts_.find(id);
  if (known == posts_.end() || known->second.at("delete_at") != 0 || known->second.at("user_id") != bot()) {
    return failure(403, "api.context.permissions.app_error");
  }
  // The props that are given replace all that were there.
  auto post = known->second;
  post.update(wanted);
  if (runes(text_of(post, "message")) > kMaxRunes || !is_usable(post)) {
    return failure(400, "model.post.is_valid.message_length.app_error");
  }
  known->second = post;
  known->second["edit_at"] = known->second["update_at"] = next_ms();
  for (auto& shown : screen_) {
    if (shown.id == id) {
      shown.text = text_of(post, "message");
      shown.actions = buttons_of(post);
      ++shown.edits;
    }
  }
  return base::HttpResponse::json(for_clients(known->second).dump());
}

base::HttpResponse MattermostService::remove(const std::string& id) {
  const auto known = posts_.find(id);
  if (known == posts_.end() || known->second.at("delete_at") != 0) {
    return failure(403, "api.context.permissions.app_error");
  }
  known->second["delete_at"] = known->second["update_at"] = next_ms();
  std::erase_if(screen_, [&](const Shown& shown) { return shown.id == id; });
  return base::HttpResponse::json(R"({"status":"OK"})");
}

/// Those that were changed since, the deleted ones as well, in no order, and no more than a thousand.
json MattermostService::posts_since(const std::string& channel, std::int64_t since) {
  constexpr std::size_t kMost = 1'000;
  json posts = json::object();
  for (const auto& [id, post] : posts_) {
    if (post.at("channel_id") != channel || post.at("update_at") <= since || posts.size() == kMost ||
        hidden_[id]-- > 0) {
      continue;
    }
    posts[id] = for_clients(post);
  }
  return {{"order", json::array()}, {"posts", posts}, {"next_post_id", ""}, {"prev_post_id", ""}};
}

/// The newest first.
json MattermostService::page_of(const std::string& channel, std::size_t page, std::size_t size) const {
  std::vector<const json*> all;
  for (const auto& [id, post] : posts_) {
    if (post.at("channel_id") == channel && post.at("delete_at") == 0) {
      all.push_back(&post);
    }
  }
  std::sort(all.begin(), all.end(),
            [](const json* a, const json* b) { return a->at("create_at") > b->at("create_at"); });
  json posts = json::object();
  for (auto i = page * size; i < std::min((page + 1) * size, all.size()); ++i) {
    posts[text_of(*all[i], "id")] = for_clients(*all[i]);
  }
  return {{"order", json::array()}, {"posts", posts}, {"next_post_id", ""}, {"prev_post_id", ""}};
}

}  // namespace support
