#include "tests/fuzz/chat_platform_check.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

void telegram_update(std::string_view input) {
  static const std::string kSecret = "secret_of-the-webhook";
  static const auto kPlatform =
      make_platform("telegram",
                    "token = \"env:FUZZ_TELEGRAM_TOKEN\"\nsecret = \"env:FUZZ_TELEGRAM\"\n"
                    "transport = \"webhook\"\napi_base_url = \"http://127.0.0.1:9\"",
                    {{"FUZZ_TELEGRAM_TOKEN", "4711:token-in-the-tests"}, {"FUZZ_TELEGRAM", kSecret}});
  base::HttpRequest request;
  request.method = "POST";
  request.body = input;
  request.headers.add("Content-Type", "application/json");
  request.headers.add("X-Telegram-Bot-Api-Secret-Token", kSecret);
  check_receive(*kPlatform, request);
}

}  // namespace fuzz
