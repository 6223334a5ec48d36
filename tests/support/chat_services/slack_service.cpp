#include "tests/support/chat_services/slack_service.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/form.h"
#include "bot/platforms/shared/service_call.h"

namespace support {
namespace {

using nlohmann::json;

json failure(const std::string& error) {
  return {{"ok", false}, {"error", error}};
}

std::string text_of(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// Slack keeps the members of `blocks` that a message was posted with; people see those.
std::vector<std::pair<std::string, std::string>> buttons_of(const json& arguments) {
  std::vector<std::pair<std::string, std::string>> buttons;
  for (const auto& block : arguments.value("blocks", json::array())) {
    if (block.at("type") == "actions") {
      for (const auto& element : block.at("elements")) {
        buttons.emplace_back(element.at("text").at("text"), element.at("value"));
      }
    }
  }
  return buttons;
}

/// What Slack refuses of a message.
std::string problem_of(const json& arguments) {
  const auto blocks = arguments.value("blocks", json::array());
  if (text_of(arguments, "text").empty() && blocks.empty()) {
    return "no_text";
  }
  for (const auto& block : blocks) {
    if (block.at("type") == "section") {
      const auto size = block.at("text").at("text").get<std::string>().size();
      if (size == 0 || size > 3000 * 4) {
        return "invalid_blocks";
      }
    }
    if (block.at("type") == "actions" && (block.at("elements").empty() || block.at("elements").size() > 25)) {
      return "invalid_blocks";
    }
  }
  return text_of(arguments, "text").size() > 40'000 * 4 ? "msg_too_long" : "";
}

}  // namespace

SlackService::SlackService() {
  open();
}

SlackService::~SlackService() {
  close();
}

void SlackService::configure(Desk& desk) const {
  desk.environment["SLACK_BOT_TOKEN"] = kToken;
  desk.environment["SLACK_SIGNING_SECRET"] = kSecret;
  desk.config.set("chat.svc", "platform", toml_text("slack"))
      .set("chat.svc", "repair_buttons", "false")
      .set("chat.svc", "access", toml_text("open"))
      .set("chat.svc", "bot_token", toml_text("env:SLACK_BOT_TOKEN"))
      .set("chat.svc", "signing_secret", toml_text("env:SLACK_SIGNING_SECRET"))
      .set("chat.svc", "api_base_url", toml_text(url() + "/api"));
}

std::string SlackService::next_ts() {
  const std::lock_guard lock(state_);
  last_us_ = std::max(last_us_ + 1, base::to_unix_ms(base::SystemClock().now()) * 1'000);
  return fmt::format("{}.{:06}", last_us_ / 1'000'000, last_us_ % 1'000'000);
}

void SlackService::take_bot_out_of(const std::string& channel) {
  const std::lock_guard lock(state_);
  without_bot_.insert(channel);
}

void SlackService::fail(const std::string& method, const std::string& error) {
  const std::lock_guard lock(state_);
  failing_[method] = error;
}

void SlackService::leave_out_file_sizes() {
  const std::lock_guard lock(state_);
  tells_file_sizes_ = false;
}

void SlackService::leave_files_out_of_history() {
  const std::lock_guard lock(state_);
  tells_files_ = false;
}

void SlackService::set_scopes(const std::string& scopes) {
  const std::lock_guard lock(state_);
  scopes_ = scopes;
}

json SlackService::keep_file(const std::string& name, const std::string& content, const std::string& type) {
  const std::lock_guard lock(state_);
  const auto id = fmt::format("F{}", ++next_id_);
  files_[id] = {name, content, type};
  return {{"id", id},         {"name", name},           {"title", name},
          {"mimetype", type}, {"size", content.size()}, {"url_private_download", url() + "/files/" + id}};
}

std::string SlackService::method_of(const ServiceCall& call) {
  constexpr std::string_view kApi = "/api/";
  return call.request.path.starts_with(kApi) ? call.request.path.substr(kApi.size()) : "";
}

json SlackService::arguments(const ServiceCall& call) {
  if (call.request.headers.get("Content-Type").value_or("").starts_with("application/json")) {
    return json::parse(call.request.body);
  }
  json arguments = json::object();
  for (const char* key : {"channel", "ts", "oldest", "cursor", "limit", "include_all_metadata", "filename",
                          "length", "file", "user"}) {
    if (auto value = base::form_field(call.request.body, key); !value.empty()) {
      arguments[key] = value;
    }
  }
  return arguments;
}

std::vector<json> SlackService::arguments_of(const std::string& method) const {
  std::vector<json> found;
  for (const auto& call : calls()) {
    if (method_of(call) == method) {
      found.push_back(arguments(call));
    }
  }
  return found;
}

bool SlackService::is_write(const ServiceCall& call) const {
  const auto method = method_of(call);
  return method == "chat.postMessage" || method == "chat.update" || method == "chat.delete" ||
         method == "files.completeUploadExternal" || call.request.path.starts_with("/response/");
}

base::HttpResponse SlackService::refusal(int status, const std::string& retry_after) const {
  auto response = base::HttpResponse::json(failure(status == 429 ? "ratelimited" : "internal_error").dump());
  response.status = status;
  if (!retry_after.empty()) {
    response.headers.add("Retry-After", retry_after);
  }
  return response;
}

base::HttpResponse SlackService::answer(const ServiceCall& call) {
  const auto& path = call.request.path;
  const bool is_known = call.request.headers.get("Authorization") == std::string("Bearer ") + kToken;
  const std::lock_guard lock(state_);
  if (path.starts_with("/upload/")) {
    files_[path.substr(8)].content = call.request.body;
    return {200, "OK", "text/plain", {}, {}};
  }
  if (path.starts_with("/files/")) {
    const auto file = files_.find(path.substr(7));
    if (file == files_.end()) {
      return {404, "", "text/plain", {}, {}};
    }
    return is_known ? base::HttpResponse{200, file->second.content, file->second.type, {}, {}}
                    : base::HttpResponse{200, "<!DOCTYPE html><html>Sign in</html>", "text/html", {}, {}};
  }
  if (path.starts_with("/response/")) {
    show(fmt::format("response-{}", ++next_id_), path.substr(10), arguments(call));
    return {200, "ok", "text/html", {}, {}};
  }
  const auto method = method_of(call);
  if (!is_known) {
    return base::HttpResponse::json(failure("invalid_auth").dump());
  }
  const auto given = arguments(call);
  const auto failing = failing_.find(method);
  const auto error = failing != failing_.end() ? failing->second : std::string();
  const bool is_about_nothing =
      error.starts_with("invalid_blocks") && given.value("blocks", json::array()).empty();
  const auto result = error.empty() || is_about_nothing ? carry_out(method, given) : failure(error);
  auto response = base::HttpResponse::json(result.dump());
  response.headers.add("X-OAuth-Scopes", scopes_);
  return response;
}

void SlackService::name(const std::string& user, const std::string& name) {
  const std::lock_guard lock(state_);
  names_[user] = name;
}

json SlackService::carry_out(const std::string& method, const json& arguments) {
  const auto channel = text_of(arguments, "channel") + text_of(arguments, "channel_id");
  if (without_bot_.contains(channel)) {
    return failure("not_in_channel");
  }
  if (method == "auth.test") {
    return {{"ok", true},      {"team", "test"},  {"user", "frontdesk"},
            {"team_id", "T1"}, {"user_id", kBot}, {"bot_id", "B1"}};
  }
  if (method == "users.info") {
    const auto name = names_.find(text_of(arguments, "user"));
    return name == names_.end()
               ? failure("user_not_found")
               : json{{"ok", true}, {"user", {{"name", "u"}, {"profile", {{"display_name", name->second}}}}}};
  }
  if (method == "chat.postMessage") {
    return post(arguments);
  }
  if (method == "chat.update") {
    return update(arguments);
  }
  if (method == "chat.delete") {
    return remove(channel, text_of(arguments, "ts"));
  }
  if (method == "conversations.history") {
    return history(arguments, "");
  }
  if (method == "conversations.replies") {
    return history(arguments, text_of(arguments, "ts"));
  }
  if (method == "files.getUploadURLExternal") {
    const auto id = fmt::format("F{}", ++next_id_);
    files_[id] = {text_of(arguments, "filename"), "", ""};
    return {{"ok", true}, {"file_id", id}, {"upload_url", url() + "/upload/" + id}};
  }
  if (method == "files.completeUploadExternal") {
    return share(arguments);
  }
  if (method == "files.info") {
    return file_info(text_of(arguments, "file"));
  }
  if (method == "assistant.threads.setStatus") {
    return {{"ok", true}};
  }
  return failure("unknown_method");
}

json SlackService::remove(const std::string& channel, const std::string& ts) {
  const auto gone = std::erase_if(messages_[channel], [&](const json& m) { return m.at("ts") == ts; });
  std::erase_if(screen_, [&](const Shown& shown) { return shown.id == ts; });
  return gone == 0 ? failure("message_not_found") : json{{"ok", true}, {"ts", ts}, {"channel", channel}};
}

json SlackService::file_info(const std::string& id) const {
  const auto file = files_.find(id);
  if (file == files_.end()) {
    return failure("file_not_found");
  }
  json shares = json::object();
  if (!file->second.shared_in.empty()) {
    shares["private"][file->second.shared_in] = {{{"ts", "1795363500.000100"}}};
  }
  return {{"ok", true},
          {"file", {{"id", id}, {"shares", shares}, {"url_private_download", url() + "/files/" + id}}}};
}

void SlackService::show(const std::string& id, const std::string& channel, const json& arguments) {
  Shown shown;
  shown.id = id;
  const auto thread = text_of(arguments, "thread_ts");
  shown.chat = thread.empty() ? channel : channel + "/" + thread;
  shown.text = text_of(arguments, "text");
  shown.actions = buttons_of(arguments);
  screen_.push_back(shown);
}

json SlackService::post(const json& arguments) {
  if (const auto problem = problem_of(arguments); !problem.empty()) {
    return failure(problem);
  }
  const auto channel = text_of(arguments, "channel");
  last_us_ = std::max(last_us_ + 1, base::to_unix_ms(base::SystemClock().now()) * 1'000);
  const auto ts = fmt::format("{}.{:06}", last_us_ / 1'000'000, last_us_ % 1'000'000);
  json message = {{"type", "message"},
                  {"user", kBot},
                  {"bot_id", "B1"},
                  {"text", text_of(arguments, "text")},
                  {"ts", ts}};
  for (const char* key : {"thread_ts", "blocks", "metadata"}) {
    if (arguments.contains(key)) {
      message[key] = arguments.at(key);
    }
  }
  messages_[channel].push_back(message);
  show(ts, channel, arguments);
  return {{"ok", true}, {"channel", channel}, {"ts", ts}, {"message", message}};
}

json SlackService::update(const json& arguments) {
  if (const auto problem = problem_of(arguments); !problem.empty()) {
    return failure(problem);
  }
  const auto channel = text_of(arguments, "channel");
  const auto ts = text_of(arguments, "ts");
  for (auto& message : messages_[channel]) {
    if (message.at("ts") == ts) {
      message["text"] = text_of(arguments, "text");
      message["blocks"] = arguments.value("blocks", json::array());
      for (auto& shown : screen_) {
        if (shown.id == ts) {
          shown.text = text_of(arguments, "text");
          shown.actions = buttons_of(arguments);
          ++shown.edits;
        }
      }
      return {{"ok", true}, {"channel", channel}, {"ts", ts}, {"text", text_of(arguments, "text")}};
    }
  }
  return failure("message_not_found");
}

/// The history begins with the newest, a thread with its first message and then the oldest.
json SlackService::history(const json& arguments, const std::string& thread) const {
  const auto all = messages_.find(text_of(arguments, "channel"));
  const auto oldest = text_of(arguments, "oldest");
  std::vector<json> found;
  for (const auto& message : all == messages_.end() ? std::vector<json>() : all->second) {
    const auto ts = text_of(message, "ts");
    const auto in = text_of(message, "thread_ts");
    const bool is_reply = !in.empty() && in != ts;
    const bool belongs =
        thread.empty() ? !is_reply && ts > oldest : ts == thread || (in == thread && ts > oldest);
    if (belongs) {
      found.push_back(message);
      if (text_of(arguments, "include_all_metadata") != "true") {
        found.back().erase("metadata");
      }
    }
  }
  if (thread.empty()) {
    std::reverse(found.begin(), found.end());
  }
  const auto cursor = text_of(arguments, "cursor");
  const auto from = std::min(cursor.empty() ? 0 : std::stoul(cursor), found.size());
  const auto to = std::min(from + std::stoul(arguments.value("limit", "100")), found.size());
  const bool more = to < found.size();
  const std::vector<json> page(found.begin() + static_cast<std::ptrdiff_t>(from),
                               found.begin() + static_cast<std::ptrdiff_t>(to));
  return {{"ok", true},
          {"messages", page},
          {"has_more", more},
          {"response_metadata", {{"next_cursor", more ? std::to_string(to) : ""}}}};
}

json SlackService::share(const json& arguments) {
  const auto id = arguments.at("files").at(0).at("id").get<std::string>();
  const auto file = files_.find(id);
  if (file == files_.end()) {
    return failure("file_not_found");
  }
  const auto channel = text_of(arguments, "channel_id");
  last_us_ = std::max(last_us_ + 1, base::to_unix_ms(base::SystemClock().now()) * 1'000);
  file->second.shared_in = channel;
  json shared = {{"id", id}, {"name", file->second.name}, {"title", file->second.name}};
  if (tells_file_sizes_) {
    shared["size"] = file->second.content.size();
  }
  json message = {{"type", "message"},
                  {"user", kBot},
                  {"bot_id", "B1"},
                  {"text", ""},
                  {"ts", fmt::format("{}.{:06}", last_us_ / 1'000'000, last_us_ % 1'000'000)},
                  {"files", {shared}}};
  const auto thread = text_of(arguments, "thread_ts");
  if (!thread.empty()) {
    message["thread_ts"] = thread;
  }
  if (tells_files_) {
    messages_[channel].push_back(message);
  }
  show(message.at("ts"), channel, {{"text", "[file] " + file->second.name}, {"thread_ts", thread}});
  return {{"ok", true}, {"files", {{{"id", id}, {"title", file->second.name}}}}};
}

}  // namespace support
