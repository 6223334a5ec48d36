#include "bot/platforms/webhook/standard_webhooks.h"
#include "tests/fuzz/chat_platform_check.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

// The lines are header fields, as the HTTP library hands them out. None of them is signed with the key.
void http_fields(std::string_view input) {
  base::HttpRequest request;
  base::HttpResponse response;
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    const auto name = line.substr(0, line.find(':'));
    const auto value = line.substr(std::min(name.size() + 1, line.size()));
    request.headers.add(std::string(name), std::string(value));
    response.headers.add(std::string(name), std::string(value));
  }
  const auto cookie = request.cookie("session");
  require(!cookie || cookie->find(';') == std::string::npos, "a cookie ends at a semicolon");
  if (const auto wait = base::retry_after(response)) {
    require(wait->count() >= 0 && *wait <= std::chrono::hours(24), "a wait is at most a day");
  }
  static const bot::webhook::StandardWebhooks kSigning({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
  require(kSigning.problem(request, call_time()).has_value(), "a signature cannot be guessed");
}

}  // namespace fuzz
