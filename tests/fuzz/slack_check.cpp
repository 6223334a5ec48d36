#include "tests/fuzz/slack_check.h"

#include "bot/platforms/slack/signature.h"
#include "tests/fuzz/chat_platform_check.h"

namespace fuzz {

void check_slack_call(std::string_view body, const std::string& content_type) {
  static const std::string kSecret = "8f742231b10e8888abcd99yyyzzz85a5";
  static const auto kPlatform =
      make_platform("slack",
                    "bot_token = \"env:FUZZ_SLACK_TOKEN\"\nsigning_secret = \"env:FUZZ_SLACK\"\n"
                    "api_base_url = \"http://127.0.0.1:9/api\"",
                    {{"FUZZ_SLACK_TOKEN", "xoxb-token-in-the-tests"}, {"FUZZ_SLACK", kSecret}});
  const auto time = std::to_string(base::to_unix_ms(call_time()) / 1000);
  base::HttpRequest request;
  request.method = "POST";
  request.body = body;
  request.headers.add("Content-Type", content_type);
  request.headers.add("X-Slack-Request-Timestamp", time);
  request.headers.add("X-Slack-Signature", bot::slack::signature_of(kSecret, time, body));
  check_receive(*kPlatform, request);
}

}  // namespace fuzz
