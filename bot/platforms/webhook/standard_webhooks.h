#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/http.h"

namespace bot::webhook {

/// Signing and checking as Standard Webhooks 1.0.0 says (https://www.standardwebhooks.com): HMAC-SHA256 over
/// "id.timestamp.body" with the bytes behind "whsec_".
class StandardWebhooks {
 public:
  /// Throws std::invalid_argument unless the secret is "whsec_<base64 of 24 to 64 bytes>".
  explicit StandardWebhooks(const std::string& secret);

  /// The three headers for a call with that id at that time.
  base::HttpFields sign(const std::string& id, base::Timestamp now, std::string_view body) const;

  /// Nothing if the request is signed and its time is within five minutes of now, else a sentence.
  std::optional<std::string> problem(const base::HttpRequest& request, base::Timestamp now) const;

 private:
  std::string signature(std::string_view id, std::string_view timestamp, std::string_view body) const;
  std::string key_;
};

}  // namespace bot::webhook
