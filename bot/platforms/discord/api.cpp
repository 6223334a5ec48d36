#include "bot/platforms/discord/api.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bot/chat/platform.h"
#include "bot/platforms/shared/service_call.h"

namespace bot::discord {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kCallTimeout{15};
/// Ten megabytes, which Discord takes, need this with a slow line.
constexpr std::chrono::seconds kUploadTimeout{120};
constexpr std::size_t kMaxAnswer = 4 * 1024 * 1024;

// Discord: five messages in five seconds for a channel, fifty calls a second for a bot. Looks into channels
// and signs of typing are not counted here.
constexpr shared::RateLimit kChannelPace{milliseconds(1000), 5};
constexpr shared::RateLimit kOverallRateLimit{milliseconds(30), 5};

constexpr milliseconds kUsualPause{5'000};
constexpr milliseconds kLongestPause{3'600'000};
constexpr milliseconds kWrongTokenPause{60'000};
constexpr milliseconds kLongestWrongTokenPause{600'000};

// Ten thousand answers 401, 403 and 429 in ten minutes get the machine's address banned.
constexpr std::chrono::minutes kInvalidWindow{10};
constexpr int kMostInvalid = 1'000;

constexpr std::chrono::minutes kClosedFor{10};
constexpr std::size_t kMostClosed = 1'000;

/// Seconds with a fraction, as headers and bodies of Discord give them.
std::optional<milliseconds> to_pause(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) {
    return std::nullopt;
  }
  const auto longest = static_cast<double>(kLongestPause.count());
  return milliseconds(static_cast<std::int64_t>(std::ceil(std::min(seconds * 1000, longest))));
}

std::optional<double> number(const base::HttpResponse& response, const char* header) {
  const auto text = response.headers.get(header).value_or("");
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

bool is_good(const base::HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

/// What Discord says is wrong; of a body that names fields, where.
std::string reason(const json& body) {
  auto text = base::json_string(body, "message").value_or("no reason given");
  if (const auto* errors = base::json_member(body, "errors")) {
    text += " " + base::dump_json(*errors);
  }
  return std::string(base::truncate_utf8(text, 400));
}

}  // namespace

Api::Api(Account account)
    : account_(std::move(account)),
      address_(account_.base_url, kApi),
      rate_limiter_(kChannelPace, kOverallRateLimit) {}

base::HttpResponse Api::request(const Call& call, std::stop_token stop) const {
  base::HttpCall http;
  http.method = call.method;
  http.read_timeout = http.deadline = call.file ? kUploadTimeout : kCallTimeout;
  http.max_response_bytes = kMaxAnswer;
  // The form that Discord demands, else Cloudflare refuses the call.
  http.headers.add("User-Agent", fmt::format("DiscordBot ({}, {})", account_.home_page, FRONTDESK_VERSION));
  if (call.right == Call::Right::bot) {
    http.headers.add("Authorization", "Bot " + account_.bot_token);
  }
  if (call.file) {
    shared::set_multipart(http,
                          {{"payload_json", call.body}, {"files[0]", call.file->content, call.file->name}});
  } else {
    http.body = call.body;
  }
  return address_.call(std::move(http), call.path, std::move(stop));
}

json Api::call(const Call& call, base::Timestamp began, std::stop_token stop) {
  const auto start = std::chrono::steady_clock::now();
  const auto response = request(call, std::move(stop));
  const auto now = began + std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
  note_limits(call, response, now);
  if (is_good(response)) {
    if (call.right == Call::Right::bot) {
      const std::lock_guard lock(mutex_);
      wrong_token_ = 0;
    }
    return base::parse_json(response.body).value_or(json());
  }
  if (response.status == 401 || response.status == 403 || response.status == 429) {
    count_invalid(now);
  }
  if (response.status == 429) {
    refuse_rate(call, response, now);
  }
  if (response.status == 401 && call.right == Call::Right::bot) {
    refuse_token(now);
  }
  if (response.status == 408 || response.status >= 500) {
    throw base::TransientError(fmt::format("Discord answered with status {}", response.status),
                               base::retry_after(response));
  }
  const auto body = base::parse_json(response.body).value_or(json());
  const auto code = static_cast<int>(base::json_integer(body, "code").value_or(0));
  throw Refusal(
      response.status, code,
      fmt::format("Discord refused it with status {}, code {}: {}", response.status, code, reason(body)));
}

void Api::note_limits(const Call& call, const base::HttpResponse& response, base::Timestamp now) {
  if (number(response, "X-RateLimit-Remaining") == 0.0) {
    if (const auto pause = to_pause(number(response, "X-RateLimit-Reset-After").value_or(-1))) {
      rate_limiter_.hold(call.channel, now + *pause);
    }
  }
}

void Api::count_invalid(base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (now - window_ >= kInvalidWindow) {
    window_ = now;
    invalid_ = 0;
  }
  if (++invalid_ == kMostInvalid) {
    base::log_error("{}: Discord refused {} calls in ten minutes; nothing is sent until they are over",
                    account_.section, invalid_);
    rate_limiter_.hold_all(window_ + kInvalidWindow);
  }
}

void Api::refuse_rate(const Call& call, const base::HttpResponse& response, base::Timestamp now) {
  const auto body = base::parse_json(response.body).value_or(json());
  const auto seconds = base::json_number(body, "retry_after");
  auto pause = seconds ? to_pause(*seconds) : std::nullopt;
  if (!pause) {
    pause = std::min(base::retry_after(response).value_or(kUsualPause), kLongestPause);
  }
  // What is no JSON of the API comes from the network in front of it, which has banned this address.
  if (!seconds || base::json_bool(body, "global").value_or(false) ||
      response.headers.get("X-RateLimit-Scope") == "global" || response.headers.get("X-RateLimit-Global")) {
    rate_limiter_.hold_all(now + *pause);
  } else {
    rate_limiter_.hold(call.channel, now + *pause);
  }
  throw chat::NotSent("Discord asks to wait", pause);
}

void Api::refuse_token(base::Timestamp now) {
  auto pause = kLongestWrongTokenPause;
  {
    const std::lock_guard lock(mutex_);
    if (wrong_token_ == 0) {
      base::log_error("{}: Discord does not accept bot_token; calls are held back until it does",
                      account_.section);
    }
    pause = std::min(kLongestWrongTokenPause, kWrongTokenPause * (1 << std::min(wrong_token_, 4)));
    ++wrong_token_;
  }
  rate_limiter_.hold_all(now + pause);
  throw chat::NotSent("Discord does not accept bot_token", pause);
}

void Api::note_closed(const std::string& channel, base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (closed_.size() >= kMostClosed) {
    closed_.clear();
  }
  closed_[channel] = now + kClosedFor;
}

bool Api::is_closed(const std::string& channel, base::Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto it = closed_.find(channel);
  return it != closed_.end() && it->second > now;
}

std::string Api::own_user(base::Timestamp now, std::stop_token stop) {
  {
    const std::lock_guard lock(mutex_);
    if (!own_user_.empty()) {
      return own_user_;
    }
  }
  const auto me = call({"GET", "/users/@me", {}}, now, std::move(stop));
  const std::lock_guard lock(mutex_);
  own_user_ = base::json_string(me, "id").value_or("");
  return own_user_;
}

}  // namespace bot::discord
