#include "bot/platforms/mattermost/api.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/form.h"
#include "base/json.h"
#include "bot/chat/errors.h"
#include "bot/platforms/shared/service_call.h"

namespace bot::mattermost {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kCallTimeout{15'000};
constexpr milliseconds kUploadTimeout{120'000};
/// Where a 429 does not say how long to wait.
constexpr milliseconds kUsualPause{5'000};
constexpr std::size_t kMaxAnswer = 32 * 1024 * 1024;

struct Advice {
  std::string_view id;
  std::string_view what_to_do;
};

/// Names of errors: server/i18n/en.json.
constexpr std::array<Advice, 6> kAdvice = {{
    {"api.context.session_expired.app_error",
     "the token is wrong or was revoked; make a new access token for the bot account"},
    {"api.context.permissions.app_error", "the bot may not do that there; add it to the channel"},
    {"api.context.invalid_url_param.app_error",
     "an id is none of this server's; does `url` name the right one?"},
    {"model.post.is_valid.message_length.app_error", "the message is too long for this server"},
    {"api.file.upload_file.too_large_detailed.app_error", "the file is larger than the server allows"},
    {"api.post.create_post.can_not_post_to_deleted.error", "the channel is archived"},
}};

/// Mattermost's names of errors are safe to show; anything else is not its own.
std::string error_id_of(const base::HttpResponse& response) {
  const auto answer = base::parse_json(response.body);
  const auto id = answer ? base::json_string(*answer, "id").value_or("") : std::string();
  const bool plain = id.size() <= 100 && std::all_of(id.begin(), id.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
                     });
  return plain ? id : std::string();
}

std::string sentence(int status, const std::string& id) {
  if (id.empty()) {
    return fmt::format(
        "status {} came instead of an answer of Mattermost's; check `url` and the proxy on "
        "the way",
        status);
  }
  for (const auto& row : kAdvice) {
    if (row.id == id) {
      return fmt::format("Mattermost says {}: {}", id, row.what_to_do);
    }
  }
  return fmt::format("Mattermost says {}", id);
}

/// Mattermost's limiter says both how long to wait (server/channels/app/ratelimit.go).
milliseconds pause_of(const base::HttpResponse& response) {
  if (const auto pause = base::retry_after(response)) {
    return *pause;
  }
  const auto reset = response.headers.get("X-Ratelimit-Reset").value_or("");
  int seconds = 0;
  const auto read = std::from_chars(reset.data(), reset.data() + reset.size(), seconds);
  constexpr int kMost = 3'600;
  return read.ec == std::errc() && seconds > 0 && seconds <= kMost ? milliseconds(seconds * 1'000)
                                                                   : kUsualPause;
}

/// Throws for a status that is no 2xx.
void check_status(const base::HttpResponse& response) {
  if (response.ok()) {
    return;
  }
  const auto id = error_id_of(response);
  const auto what =
      fmt::format("Mattermost answered with status {}{}{}", response.status, id.empty() ? "" : ", ", id);
  if (response.status == 429) {
    throw chat::NotSent(what, pause_of(response));
  }
  if (response.status == 408 || response.status >= 500) {
    throw base::TransientError(what, base::retry_after(response));
  }
  throw Refusal(response.status, id);
}

}  // namespace

Refusal::Refusal(int http_status, const std::string& error_id)
    : PermanentError(sentence(http_status, error_id)), status(http_status), id(error_id) {}

bool is_id(std::string_view text) {
  constexpr std::size_t kLength = 26;
  return text.size() == kLength && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

json Api::make(base::HttpCall call, const std::string& path, std::stop_token stop) const {
  call.url = url_ + "/api/v4" + path;
  call.headers = authorization();
  call.read_timeout = call.deadline = call.body.size() > 1024 * 1024 ? kUploadTimeout : kCallTimeout;
  call.max_response_bytes = kMaxAnswer;
  const auto response = shared::call_service(call, std::move(stop));
  check_status(response);
  auto answer = base::parse_json(response.body);
  if (!answer || !(answer->is_object() || answer->is_array())) {
    throw base::TransientError("what answered was not Mattermost's API");
  }
  return *std::move(answer);
}

json Api::get(const std::string& path, std::stop_token stop) const {
  base::HttpCall call;
  call.method = "GET";
  return make(std::move(call), path, std::move(stop));
}

json Api::send(const std::string& method, const std::string& path, const json& body,
               std::stop_token stop) const {
  base::HttpCall call;
  call.method = method;
  call.body = base::dump_json(body);
  return make(std::move(call), path, std::move(stop));
}

std::string Api::upload(const std::string& channel, const std::string& name, const std::string& content,
                        std::stop_token stop) const {
  base::HttpCall call;
  call.body = content;
  call.content_type = "application/octet-stream";
  const auto answer =
      make(std::move(call),
           fmt::format("/files?channel_id={}&filename={}", base::url_encode(channel), base::url_encode(name)),
           std::move(stop));
  const auto* infos = base::json_member(answer, "file_infos");
  const auto id = infos != nullptr && infos->is_array() && !infos->empty()
                      ? base::json_string(infos->front(), "id").value_or("")
                      : std::string();
  if (!is_id(id)) {
    throw base::TransientError("Mattermost did not say under which id it keeps the file");
  }
  return id;
}

std::string Api::file_url(const std::string& file_id) const {
  return url_ + "/api/v4/files/" + file_id;
}

base::HttpFields Api::authorization() const {
  return {{"Authorization", "Bearer " + token_}};
}

}  // namespace bot::mattermost
