#include "bot/platforms/slack/web_api.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/form.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/platforms/shared/service_call.h"

namespace bot::slack {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kCallTimeout{15'000};
constexpr milliseconds kUploadTimeout{120'000};
/// Where a 429 does not say how long to wait.
constexpr milliseconds kUsualPause{5'000};
constexpr std::size_t kMaxAnswer = 8 * 1024 * 1024;

struct Advice {
  std::string_view error;
  std::string_view what_to_do;
};

constexpr std::array<Advice, 17> kAdvice = {{
    {"invalid_auth", "the bot token is wrong; copy the Bot User OAuth Token of the app again"},
    {"not_authed", "the bot token is missing; copy the Bot User OAuth Token of the app"},
    {"token_revoked", "the bot token was revoked; install the app again and copy the new token"},
    {"token_expired", "the bot token has expired; turn token rotation off and install the app again"},
    {"account_inactive", "the app was taken out of the workspace; install it again"},
    {"not_allowed_token_type", "this is no bot token; copy the one that begins with xoxb-"},
    {"missing_scope", "the app lacks a scope; `frontdesk doctor` names it; add it and install the app again"},
    {"not_in_channel", "the app is not in that channel; write /invite @ and its name there"},
    {"channel_not_found", "the app cannot see that channel; write /invite @ and its name there"},
    {"is_archived", "the channel is archived; take it out of the archive"},
    {"restricted_action", "the workspace does not let apps write there; ask its admins"},
    {"msg_too_long", "the message is too long for Slack"},
    {"msg_blocks_too_long", "the message is too long for Slack"},
    {"cant_update_message", "the message is not this app's own, so it cannot be changed"},
    {"edit_window_closed", "the workspace does not let messages of that age be changed"},
    {"ekm_access_denied", "the workspace's admins have locked the messages; ask them"},
    {"team_access_not_granted", "the app has no access to that workspace; ask its admins"},
}};

/// Slack's words are safe to show; anything else is not its word.
std::string word(const std::string& error) {
  const bool plain =
      !error.empty() && error.size() <= 64 && std::all_of(error.begin(), error.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  return plain ? error : "unknown_error";
}

std::string advice(const std::string& error) {
  for (const auto& row : kAdvice) {
    if (row.error == error) {
      return fmt::format("Slack says {}: {}", error, row.what_to_do);
    }
  }
  return fmt::format("Slack says {}", error);
}

/// Throws for a status that is no 2xx.
void check_status(const base::HttpResponse& response) {
  if (response.status >= 200 && response.status < 300) {
    return;
  }
  const auto what = fmt::format("Slack answered with status {}", response.status);
  if (response.status == 429) {
    throw chat::NotSent(what, base::retry_after(response).value_or(kUsualPause));
  }
  if (response.status == 408 || response.status >= 500) {
    throw base::TransientError(what, base::retry_after(response));
  }
  throw base::PermanentError(what);
}

[[noreturn]] void throw_error(const std::string& error, const base::HttpResponse& response) {
  if (error == "ratelimited" || error == "rate_limited") {
    throw chat::NotSent("Slack says " + error, base::retry_after(response).value_or(kUsualPause));
  }
  for (const std::string_view temporary :
       {"internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org"}) {
    if (error == temporary) {
      throw base::TransientError("Slack says " + error);
    }
  }
  throw Refusal(error);
}

bool says_unknown_method(const base::HttpResponse& response) {
  const auto answer = base::parse_json(response.body);
  return answer && base::json_string(*answer, "error") == "unknown_method";
}

bool is_https(const std::string& url) {
  return base::ascii_lower(url.substr(0, 8)) == "https://";
}

}  // namespace

bool is_same_origin(const std::string& url, const std::string& other) {
  const auto host = shared::host_of(url);
  return !host.empty() && host == shared::host_of(other) && is_https(url) == is_https(other);
}

Refusal::Refusal(const std::string& error) : PermanentError(advice(error)), code(error) {}

Refusal::Refusal(int status)
    : PermanentError(fmt::format("status {} came instead of an answer of Slack's; check api_base_url and the "
                                 "proxy on the way",
                                 status)),
      code(fmt::format("status_{}", status)) {}

bool Refusal::is_about_access() const {
  for (const std::string_view about_access :
       {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
        "not_allowed_token_type", "org_login_required", "team_access_not_granted", "accesslimited"}) {
    if (code == about_access) {
      return true;
    }
  }
  return code.starts_with("status_");
}

WebApi::WebApi(std::string url, std::string token)
    : address_(std::move(url), kApi, says_unknown_method), token_(std::move(token)) {}

json WebApi::make(const std::string& method, const std::string& body, const std::string& content_type,
                  std::stop_token stop, base::HttpFields* headers) const {
  base::HttpCall http;
  http.headers = authorization();
  http.body = body;
  http.content_type = content_type;
  http.read_timeout = http.deadline = kCallTimeout;
  http.max_response_bytes = kMaxAnswer;
  const auto response = address_.call(std::move(http), "/" + method, std::move(stop));
  // Slack itself refuses with status 200.
  for (const int status : {401, 403, 404, 407}) {
    if (response.status == status) {
      throw Refusal(status);
    }
  }
  check_status(response);
  auto answer = base::parse_json(response.body);
  const auto ok = answer ? base::json_bool(*answer, "ok") : std::nullopt;
  if (!ok) {
    throw base::TransientError("what answered was not Slack's API");
  }
  if (!*ok) {
    throw_error(word(base::json_string(*answer, "error").value_or("")), response);
  }
  if (headers != nullptr) {
    *headers = response.headers;
  }
  return *std::move(answer);
}

json WebApi::call(const std::string& method, const json& arguments, std::stop_token stop) const {
  return make(method, base::dump_json(arguments), "application/json; charset=utf-8", std::move(stop),
              nullptr);
}

json WebApi::ask(const std::string& method, const Arguments& arguments, std::stop_token stop,
                 base::HttpFields* headers) const {
  std::string body;
  for (const auto& [name, value] : arguments) {
    body += fmt::format("{}{}={}", body.empty() ? "" : "&", name, base::url_encode(value));
  }
  return make(method, body, "application/x-www-form-urlencoded", std::move(stop), headers);
}

void WebApi::post_to(const std::string& url, const std::string& body, const std::string& content_type,
                     std::stop_token stop) {
  base::HttpCall http;
  http.url = url;
  http.body = body;
  http.content_type = content_type;
  http.read_timeout = http.deadline = kUploadTimeout;
  check_status(shared::call_service(http, std::move(stop)));
}

bool WebApi::is_own_host(const std::string& url) const {
  const auto host = shared::host_of(url);
  return ((host == "slack.com" || host.ends_with(".slack.com")) && is_https(url)) ||
         is_same_origin(url, address_.url());
}

base::HttpFields WebApi::authorization() const {
  return {{"Authorization", "Bearer " + token_}};
}

}  // namespace bot::slack
