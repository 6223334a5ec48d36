#include "tests/fuzz/chat_platform_check.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/utf8.h"
#include "bot/chat_platforms.h"
#include "config/config_file.h"
#include "tests/fuzz/targets.h"

namespace fuzz {
namespace {

void check_text(const std::string& text) {
  require(base::is_utf8(text), "what is received is UTF-8");
  require(base::strip_controls(text) == text, "what is received has no control characters");
}

/// All that was received, or the refusal, as one text to compare.
std::string outcome(const bot::ChatPlatform& platform, const base::HttpRequest& request) {
  try {
    const auto received = platform.receive(request, call_time());
    require(received.response.status >= 200 && received.response.status < 300,
            "what is taken is answered with 2xx");
    auto text = fmt::format("{} {}", received.response.status, received.response.body);
    for (const auto& incoming : received.incoming) {
      require(!incoming.external_id.empty() && !incoming.chat_id.empty() && !incoming.user_id.empty(),
              "what is received has its ids");
      require(incoming.button || !base::trim(incoming.text).empty(), "what is received is a text or a click");
      check_text(incoming.text);
      check_text(incoming.user_name);
      for (const auto& id :
           {incoming.external_id, incoming.chat_id, incoming.user_id, incoming.button.value_or("")}) {
        require(base::is_utf8(id), "an id is UTF-8");
        text += "\n" + id;
      }
      text += "\n" + incoming.user_name + "\n" + incoming.text;
    }
    return text;
  } catch (const bot::Refused& refused) {
    require(refused.status >= 400 && refused.status < 500 && refused.status != 401,
            "a signed body is refused for what is in it");
    require(std::string_view(refused.what()).ends_with("."), "a refusal is a sentence");
    return fmt::format("{} {}", refused.status, refused.what());
  }
}

}  // namespace

base::Timestamp call_time() {
  return base::from_unix_ms(1'795'363'500'000);
}

std::unique_ptr<bot::ChatPlatform> make_platform(const std::string& platform, const std::string& toml,
                                                 const std::string& secret) {
  setenv("FUZZ_SECRET", secret.c_str(), 1);
  bot::PlatformContext context;
  context.name = "fuzz";
  return bot::make_chat_platform(platform, config::parse_config(toml, "frontdesk.toml", "/"), context);
}

void check_receive(const bot::ChatPlatform& platform, const base::HttpRequest& request) {
  require(outcome(platform, request) == outcome(platform, request), "a body means the same every time");
}

}  // namespace fuzz
