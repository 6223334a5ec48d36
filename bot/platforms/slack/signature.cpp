#include "bot/platforms/slack/signature.h"

#include <charconv>
#include <chrono>

#include "base/crypto.h"

namespace bot::slack {
namespace {

constexpr std::chrono::seconds kTolerance{300};

}  // namespace

std::string signature_of(std::string_view secret, std::string_view timestamp, std::string_view body) {
  std::string message = "v0:";
  message.append(timestamp).append(":").append(body);
  return "v0=" + base::to_hex(base::hmac_sha256(secret, message));
}

std::optional<std::string> signature_problem(const base::HttpRequest& request, std::string_view secret,
                                             base::Timestamp now) {
  const auto timestamp = request.headers.get("X-Slack-Request-Timestamp").value_or("");
  const auto given = request.headers.get("X-Slack-Signature").value_or("");
  if (timestamp.empty() || given.empty()) {
    return "The headers X-Slack-Request-Timestamp and X-Slack-Signature are needed.";
  }
  std::int64_t seconds = 0;
  const auto* end = timestamp.data() + timestamp.size();
  if (const auto parsed = std::from_chars(timestamp.data(), end, seconds);
      parsed.ec != std::errc() || parsed.ptr != end) {
    return "The header X-Slack-Request-Timestamp is not a number of seconds.";
  }
  const auto now_s = base::to_unix_ms(now) / 1000;
  if (seconds < now_s - kTolerance.count() || seconds > now_s + kTolerance.count()) {
    return "The header X-Slack-Request-Timestamp is more than five minutes away from now.";
  }
  if (!base::constant_time_equal(given, signature_of(secret, timestamp, request.body))) {
    return "The signature is wrong.";
  }
  return std::nullopt;
}

}  // namespace bot::slack
