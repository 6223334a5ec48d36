#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/http.h"

namespace bot::webhook {

/// Signing and checking as Standard Webhooks 1.0.0 says (https://www.standardwebhooks.com): HMAC-SHA256 over
/// "id.timestamp.body" with the bytes behind "whsec_".
class StandardWebhooks {
 public:
  /// Signs with the first secret and takes requests signed with any. Throws std::invalid_argument unless each
  /// is "whsec_<base64 of 24 to 128 bytes>", as other tools make them.
  explicit StandardWebhooks(const std::vector<std::string>& secrets);

  /// The three headers for a call with that id at that time.
  base::HttpFields sign(const std::string& id, base::Timestamp now, std::string_view body) const;

  /// Nothing if the request is signed and its time is within five minutes of now, else a sentence.
  std::optional<std::string> problem(const base::HttpRequest& request, base::Timestamp now) const;

 private:
  std::vector<std::string> keys_;
};

}  // namespace bot::webhook
