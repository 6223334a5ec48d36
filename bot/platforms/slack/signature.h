#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/http.h"

namespace bot::slack {

/// Slack's signature v0 (https://docs.slack.dev/authentication/verifying-requests-from-slack): "v0=" and the
/// hex of HMAC-SHA256 over "v0:<timestamp>:<body>".
std::string signature_of(std::string_view secret, std::string_view timestamp, std::string_view body);

/// Nothing if the request is signed with one of the secrets and its time is within five minutes of now, else
/// a sentence.
std::optional<std::string> signature_problem(const base::HttpRequest& request,
                                             const std::vector<std::string>& secrets, base::Timestamp now);

}  // namespace bot::slack
