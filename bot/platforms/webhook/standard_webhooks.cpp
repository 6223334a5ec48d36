#include "bot/platforms/webhook/standard_webhooks.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "base/crypto.h"
#include "bot/platforms/shared/signed_time.h"

namespace bot::webhook {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kMinKey = 24, kMaxKey = 128;

std::string key_of(const std::string& secret) {
  auto key = secret.starts_with(kPrefix) ? base::base64_decode(secret.substr(kPrefix.size())) : std::nullopt;
  if (!key || key->size() < kMinKey || key->size() > kMaxKey) {
    throw std::invalid_argument("must be \"whsec_\" and the base64 of 24 to 128 random bytes");
  }
  return *std::move(key);
}

std::string signature(std::string_view key, std::string_view id, std::string_view timestamp,
                      std::string_view body) {
  std::string message(id);
  message.append(".").append(timestamp).append(".").append(body);
  return "v1," + base::base64_encode(base::hmac_sha256(key, message));
}

/// Several signatures may stand in the header, one for each key of the sender.
bool holds(std::string_view given, std::string_view expected) {
  while (!given.empty()) {
    const auto space = std::min(given.find(' '), given.size());
    if (base::constant_time_equal(given.substr(0, space), expected)) {
      return true;
    }
    given.remove_prefix(std::min(space + 1, given.size()));
  }
  return false;
}

}  // namespace

StandardWebhooks::StandardWebhooks(const std::vector<std::string>& secrets) {
  if (secrets.empty()) {
    throw std::invalid_argument("must not be empty");
  }
  std::transform(secrets.begin(), secrets.end(), std::back_inserter(keys_), key_of);
}

base::HttpFields StandardWebhooks::sign(const std::string& id, base::Timestamp now,
                                        std::string_view body) const {
  const auto timestamp = std::to_string(base::to_unix_ms(now) / 1000);
  return {{"webhook-id", id},
          {"webhook-timestamp", timestamp},
          {"webhook-signature", signature(keys_.front(), id, timestamp, body)}};
}

std::optional<std::string> StandardWebhooks::problem(const base::HttpRequest& request,
                                                     base::Timestamp now) const {
  const auto id = request.headers.get("webhook-id").value_or("");
  const auto timestamp = request.headers.get("webhook-timestamp").value_or("");
  const auto given = request.headers.get("webhook-signature").value_or("");
  if (id.empty() || timestamp.empty() || given.empty()) {
    return "The headers webhook-id, webhook-timestamp and webhook-signature are needed.";
  }
  if (const auto problem = shared::signed_time_problem("webhook-timestamp", timestamp, now)) {
    return problem;
  }
  const bool is_signed = std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) {
    return holds(given, signature(key, id, timestamp, request.body));
  });
  return is_signed ? std::nullopt : std::optional<std::string>("The signature is wrong.");
}

}  // namespace bot::webhook
