#include "bot/platforms/webhook/standard_webhooks.h"
#include "tests/fuzz/chat_platform_check.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

void webhook_body(std::string_view input) {
  static const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  static const bot::webhook::StandardWebhooks kSigning({kSecret});
  static const auto kPlatform =
      make_platform("webhook", "secret = \"env:FUZZ_WEBHOOK\"\ncallback_url = \"http://127.0.0.1/\"",
                    {{"FUZZ_WEBHOOK", kSecret}});
  base::HttpRequest request;
  request.method = "POST";
  request.body = input;
  request.headers = kSigning.sign("msg-1", call_time(), input);
  check_receive(*kPlatform, request);
}

}  // namespace fuzz
