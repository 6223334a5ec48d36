#pragma once

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "bot/chat/platform.h"
#include "bot/platforms/slack/platform.h"
#include "config/config_file.h"
#include "store/message_parts.h"
#include "tests/support/chat_services/slack_service.h"
#include "tests/support/services_fixture.h"

namespace support {

/// The platform before a workspace of Slack's, without the program. Thread rule: one thread.
struct SlackFixture : ServicesFixture {
  SlackService slack;
  std::unique_ptr<bot::chat::Platform> platform = make(slack.url() + "/api");
  store::MessageParts pieces{db};

  SlackFixture() { clock.set(base::SystemClock().now()); }

  std::unique_ptr<bot::chat::Platform> make(const std::string& url,
                                            const std::string& token = SlackService::kToken,
                                            const std::string& public_url = {}) const {
    folder.write("token", token);
    folder.write("secret", SlackService::kSecret);
    const auto toml =
        "bot_token = \"file:token\"\nsigning_secret = \"file:secret\"\napi_base_url = \"" + url + "\"\n";
    return bot::slack::platform_type().make(config::parse_config(toml, "frontdesk.toml", folder.path()),
                                            {"svc", public_url, clock});
  }

  /// A message of ours with the row that its pieces need.
  store::OutgoingCall call(const std::string& text, const std::string& chat_id = "D1") {
    return outgoing(text, chat_id);
  }
  static void add_buttons(store::OutgoingCall& call, store::ButtonKind kind, int count = 1) {
    for (int i = 0; i < count; ++i) {
      call.post.buttons.push_back({kind, 5, "Label " + std::to_string(i), "b" + std::to_string(i)});
    }
  }
  std::string deliver(const store::OutgoingCall& call) {
    return platform->deliver(call, pieces, clock.now(), {});
  }
  /// Delivers as the worker does: again when the pace allows.
  std::string deliver_in_pace(const store::OutgoingCall& call) {
    while (true) {
      try {
        return deliver(call);
      } catch (const bot::chat::RateLimited& e) {
        REQUIRE(e.until > clock.now());
        clock.set(e.until);
      }
    }
  }
  std::vector<nlohmann::json> calls(const std::string& method) const { return slack.arguments_of(method); }
};

}  // namespace support
