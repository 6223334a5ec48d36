#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "bot/chat/platform.h"
#include "bot/platforms/mattermost/platform.h"
#include "config/config_file.h"
#include "store/message_parts.h"
#include "tests/support/chat_services/mattermost_service.h"
#include "tests/support/services_fixture.h"

namespace support {

/// The platform before a Mattermost server, without the program. Thread rule: one thread.
struct MattermostFixture : ServicesFixture {
  MattermostService mattermost;
  std::unique_ptr<bot::chat::Platform> platform = make();
  store::MessageParts parts{db};

  MattermostFixture() { clock.set(base::SystemClock().now()); }

  struct Section {
    std::string token = MattermostService::kToken;
    std::string webhook_token = MattermostService::kWebhookToken;
    std::string public_url = MattermostService::kPublicUrl;
    std::string more = {};
  };
  std::unique_ptr<bot::chat::Platform> make() const { return make(Section()); }
  std::unique_ptr<bot::chat::Platform> make(const Section& section) const {
    folder.write("token", section.token);
    folder.write("webhook_token", section.webhook_token);
    const auto toml = "url = \"" + mattermost.url() + "/\"\ntoken = \"file:token\"\n" +
                      (section.webhook_token.empty() ? "" : "webhook_token = \"file:webhook_token\"\n") +
                      section.more;
    return bot::mattermost::platform_type().make(config::parse_config(toml, "frontdesk.toml", folder.path()),
                                                 {"svc", section.public_url, clock});
  }

  /// The thread of somebody's post in the channel "c1".
  std::string thread() { return channel() + "/" + root(); }
  static std::string channel() { return MattermostService::id_of("c1"); }
  std::string root() {
    if (root_.empty()) {
      root_ = mattermost.write("c1", "u1", "Good morning.").at("id");
    }
    return root_;
  }
  /// A message of ours with the row that its parts need.
  store::OutgoingCall call(const std::string& text) { return outgoing(text, thread()); }
  std::string deliver(const store::OutgoingCall& made) {
    return platform->deliver(made, parts, clock.now(), {});
  }
  /// Delivers as the worker does: again when the pace allows.
  std::string deliver_in_pace(const store::OutgoingCall& made) {
    while (true) {
      try {
        return deliver(made);
      } catch (const bot::chat::RateLimited& e) {
        REQUIRE(e.until > clock.now());
        clock.set(e.until);
      }
    }
  }

 private:
  std::string root_;
};

}  // namespace support
