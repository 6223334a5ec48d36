#include "bot/platforms/webhook/standard_webhooks.h"

#include <charconv>
#include <chrono>
#include <stdexcept>

#include "base/crypto.h"

namespace bot::webhook {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::chrono::minutes kTolerance{5};
/// The specification wants 24 to 64 bytes; what other tools have made is taken, too.
constexpr std::size_t kMinKey = 8, kMaxKey = 128;

}  // namespace

StandardWebhooks::StandardWebhooks(const std::string& secret) {
  const auto key =
      secret.starts_with(kPrefix) ? base::base64_decode(secret.substr(kPrefix.size())) : std::nullopt;
  if (!key || key->size() < kMinKey || key->size() > kMaxKey) {
    throw std::invalid_argument("must be \"whsec_\" and the base64 of 24 to 64 random bytes");
  }
  key_ = *key;
}

std::string StandardWebhooks::signature(std::string_view id, std::string_view timestamp,
                                        std::string_view body) const {
  std::string message(id);
  message.append(".").append(timestamp).append(".").append(body);
  return "v1," + base::base64_encode(base::hmac_sha256(key_, message));
}

base::HttpFields StandardWebhooks::sign(const std::string& id, base::Timestamp now,
                                        std::string_view body) const {
  const auto timestamp = std::to_string(base::to_unix_ms(now) / 1000);
  return {{"webhook-id", id},
          {"webhook-timestamp", timestamp},
          {"webhook-signature", signature(id, timestamp, body)}};
}

std::optional<std::string> StandardWebhooks::problem(const base::HttpRequest& request,
                                                     base::Timestamp now) const {
  const auto id = request.headers.get("webhook-id").value_or("");
  const auto timestamp = request.headers.get("webhook-timestamp").value_or("");
  const auto given = request.headers.get("webhook-signature").value_or("");
  if (id.empty() || timestamp.empty() || given.empty()) {
    return "The headers webhook-id, webhook-timestamp and webhook-signature are needed.";
  }
  std::int64_t seconds = 0;
  const auto* end = timestamp.data() + timestamp.size();
  if (const auto parsed = std::from_chars(timestamp.data(), end, seconds);
      parsed.ec != std::errc() || parsed.ptr != end) {
    return "The header webhook-timestamp is not a number of seconds.";
  }
  const auto now_s = base::to_unix_ms(now) / 1000;
  const auto tolerance = std::chrono::seconds(kTolerance).count();
  if (seconds < now_s - tolerance || seconds > now_s + tolerance) {
    return "The header webhook-timestamp is more than five minutes away from now.";
  }
  // Several signatures may stand there, one for each key during a rotation.
  const auto expected = signature(id, timestamp, request.body);
  std::string_view rest = given;
  while (!rest.empty()) {
    const auto space = std::min(rest.find(' '), rest.size());
    if (base::constant_time_equal(rest.substr(0, space), expected)) {
      return std::nullopt;
    }
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return "The signature is wrong.";
}

}  // namespace bot::webhook
