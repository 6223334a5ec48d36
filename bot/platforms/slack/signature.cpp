#include "bot/platforms/slack/signature.h"

#include <algorithm>

#include "base/crypto.h"
#include "bot/platforms/shared/signed_time.h"

namespace bot::slack {
std::string signature_of(std::string_view secret, std::string_view timestamp, std::string_view body) {
  std::string message = "v0:";
  message.append(timestamp).append(":").append(body);
  return "v0=" + base::to_hex(base::hmac_sha256(secret, message));
}

std::optional<std::string> signature_problem(const base::HttpRequest& request,
                                             const std::vector<std::string>& secrets, base::Timestamp now) {
  const auto timestamp = request.headers.get("X-Slack-Request-Timestamp").value_or("");
  const auto given = request.headers.get("X-Slack-Signature").value_or("");
  if (timestamp.empty() || given.empty()) {
    return "The headers X-Slack-Request-Timestamp and X-Slack-Signature are needed.";
  }
  if (const auto problem = shared::signed_time_problem("X-Slack-Request-Timestamp", timestamp, now)) {
    return problem;
  }
  const bool is_signed = std::any_of(secrets.begin(), secrets.end(), [&](const std::string& secret) {
    return base::constant_time_equal(given, signature_of(secret, timestamp, request.body));
  });
  return is_signed ? std::nullopt : std::optional<std::string>("The signature is wrong.");
}

}  // namespace bot::slack
