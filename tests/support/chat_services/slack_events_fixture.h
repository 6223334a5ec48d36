#pragma once

#include <memory>
#include <optional>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/platforms/slack/platform.h"
#include "config/config_file.h"
#include "tests/support/chat_services/capabilities.h"
#include "tests/support/chat_services/refusal.h"
#include "tests/support/chat_services/slack_service.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace support {

/// The platform, and what Slack sends to it. Thread rule: one thread.
struct SlackEventsFixture {
  using json = nlohmann::json;

  TemporaryFolder folder;
  FakeClock clock;
  std::unique_ptr<bot::chat::Platform> platform = make("");

  std::unique_ptr<bot::chat::Platform> make(const std::string& more) {
    folder.write("token", SlackService::kToken);
    folder.write("secret", SlackService::kSecret);
    return bot::slack::platform_type().make(
        config::parse_config("bot_token = \"file:token\"\nsigning_secret = \"file:secret\"\n" + more,
                             "frontdesk.toml", folder.path()),
        {"svc", "", clock});
  }
  bot::chat::Received receive(const std::string& body, const std::string& type = "application/json") const {
    return support::receive(*platform, SlackService::sign(body, type, clock.now()), clock.now());
  }
  /// The status with which the body is refused, 0 if it is taken.
  int refused(const std::string& body, const std::string& type = "application/json") const {
    return support::refused(*platform, SlackService::sign(body, type, clock.now()), clock.now());
  }
  static json call(const json& event) {
    return {{"type", "event_callback"},
            {"team_id", "T1"},
            {"event_id", "Ev1"},
            {"event", event},
            {"authorizations", {{{"user_id", "U0BOT"}, {"is_bot", true}}}}};
  }
  static json direct(const json& more = json::object()) {
    json event = {{"type", "message"}, {"channel", "D1"}, {"channel_type", "im"},
                  {"user", "U1"},      {"text", "Hello"}, {"ts", "1795363500.000100"}};
    event.update(more);
    return event;
  }
  static json in_channel(const json& more = json::object()) {
    auto event = direct({{"channel", "C1"}, {"channel_type", "channel"}});
    event.update(more);
    return event;
  }
  static json edit(const std::string& before, const std::string& after, const json& more = json::object()) {
    json message = {{"type", "message"},
                    {"user", "U1"},
                    {"text", after},
                    {"ts", "1795363500.000100"},
                    {"edited", {{"user", "U1"}, {"ts", "1795363501.000000"}}}};
    message.update(more);
    return {{"type", "message"},
            {"subtype", "message_changed"},
            {"channel", "D1"},
            {"channel_type", "im"},
            {"ts", "1795363501.000200"},
            {"message", message},
            {"previous_message",
             {{"type", "message"}, {"user", "U1"}, {"text", before}, {"ts", "1795363500.000100"}}}};
  }
  std::optional<bot::chat::IncomingMessage> told(const json& event) const {
    const auto received = receive(call(event).dump());
    CHECK(received.response.status == 200);
    CHECK(received.response.body.empty());
    REQUIRE(received.incoming.size() <= 1);
    return received.incoming.empty() ? std::nullopt : std::optional(received.incoming[0]);
  }
  std::string text_of(const std::string& raw) const {
    const auto incoming = told(direct({{"text", raw}}));
    return incoming ? incoming->text : "(nothing)";
  }
  /// A click in a thread of a channel.
  static json click() {
    return {{"type", "block_actions"},
            {"user", {{"id", "U1"}, {"username", "ada"}, {"team_id", "T1"}}},
            {"container", {{"type", "message"}, {"message_ts", "1795363500.000100"}, {"channel_id", "C1"}}},
            {"trigger_id", "1.2.abc"},
            {"team", {{"id", "T1"}}},
            {"channel", {{"id", "C1"}}},
            {"message", {{"ts", "1795363500.000100"}, {"thread_ts", "1795363400.000001"}}},
            {"response_url", "https://hooks.slack.com/actions/1"},
            {"actions",
             {{{"type", "button"},
               {"action_id", "b0"},
               {"value", "b0123456789abcdef01234567"},
               {"action_ts", "17.5"}}}}};
  }
};

}  // namespace support
