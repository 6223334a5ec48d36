// Our calls against somebody else's Slack (the npm package emulate). It listens on every address, so it runs
// in a network of its own, and this test case in there with it.
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <doctest/doctest.h>
#include <net/if.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "bot/platforms/slack/platform.h"
#include "bot/platforms/slack/web_api.h"
#include "config/config_file.h"
#include "store/message_parts.h"
#include "tests/support/environment.h"
#include "tests/support/program/program.h"
#include "tests/support/store_fixture.h"
#include "tests/support/wait.h"

namespace {

constexpr const char* kName = "Slack's calls do at a foreign emulator of Slack what they do at ours";
constexpr const char* kInside = "FRONTDESK_TEST_HAS_OWN_NETWORK";
constexpr const char* kToken = "xoxb-token-of-the-bot-4711";
constexpr const char* kChannel = "C000000001";
constexpr const char* kSeed = R"(slack:
  strict_scopes: true
  tokens:
    - token: xoxb-token-of-the-bot-4711
      type: bot
      user_id: U000000001
      scopes: ["chat:write", "channels:history", "files:write", "files:read"]
)";

/// A command line that runs another one in a new network.
std::vector<std::string> in_own_network(std::vector<std::string> command) {
  std::vector<std::string> line = {"/usr/bin/env", "unshare", "--net"};
  if (::geteuid() != 0) {
    line.emplace_back("--map-root-user");
  }
  line.insert(line.end(), command.begin(), command.end());
  return line;
}

void switch_loopback_on() {
  const base::Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  REQUIRE(::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0);
  request.ifr_flags |= IFF_UP;
  REQUIRE(::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0);
}

struct Emulator : support::StoreFixture {
  support::Program program{{support::Environment::get("FRONTDESK_NPM_BIN") + "/emulate", "start", "--service",
                            "slack", "--port", "4000", "--seed", folder.write("seed.yaml", kSeed).string()},
                           folder.path(),
                           {{"PATH", support::Environment::get("PATH")}}};
  const bot::slack::WebApi api{"http://localhost:4000/api", kToken};
  store::MessageParts pieces{db};
  std::unique_ptr<bot::chat::Platform> platform;

  Emulator() {
    const auto answers = [&] {
      try {
        api.ask("auth.test", {}, {});
        return true;
      } catch (const std::exception&) {
        return false;
      }
    };
    REQUIRE_MESSAGE(support::wait_until(answers), program.output(), program.log());
    folder.write("token", kToken);
    folder.write("secret", "8f742231b10e8888abcd99yyyzzz85a5");
    platform = bot::slack::platform_type().make(
        config::parse_config("bot_token = \"file:token\"\nsigning_secret = \"file:secret\"\napi_base_url = "
                             "\"http://localhost:4000\"\n",
                             "frontdesk.toml", folder.path()),
        {"svc", "", clock});
    clock.set(base::SystemClock().now());
  }
  store::OutgoingCall call(const std::string& text, const std::string& chat_id) {
    auto made = outgoing(text, chat_id);
    clock.advance(std::chrono::minutes(1));
    return made;
  }
  std::string deliver(const store::OutgoingCall& made) {
    return platform->deliver(made, pieces, clock.now(), {});
  }
  /// The texts of the channel or thread, the oldest first.
  std::vector<std::string> texts(const std::string& thread = {}) const {
    bot::slack::WebApi::Arguments arguments = {{"channel", kChannel}};
    if (!thread.empty()) {
      arguments.emplace_back("ts", thread);
    }
    const auto answer =
        api.ask(thread.empty() ? "conversations.history" : "conversations.replies", arguments, {});
    std::vector<std::string> found;
    for (const auto& message : answer.at("messages")) {
      found.push_back(message.at("text"));
    }
    if (thread.empty()) {
      std::reverse(found.begin(), found.end());
    }
    return found;
  }
};

void round_trip() {
  Emulator slack;
  using Texts = std::vector<std::string>;
  auto first = slack.call("**one** & two", kChannel);
  first.post.buttons = {{store::ButtonKind::yes, 1, "Yes", "b1"}};
  const auto id = slack.deliver(first);
  CHECK(slack.texts() == Texts{"*one* &amp; two"});
  first.kind = store::CallKind::edit;
  first.post.text = "three";
  first.post.buttons.clear();
  CHECK(slack.deliver(first) == id);
  CHECK(slack.texts() == Texts{"three"});

  // Sent and not noted, as after a crash: the history tells that it arrived.
  slack.pieces.forget(first.message, 0);
  slack.pieces.mark_attempted(first.message, 0, slack.clock.now() - std::chrono::minutes(2));
  CHECK(slack.deliver(first) == id);
  CHECK(slack.texts() == Texts{"three"});

  const auto reply = slack.call("below", std::string(kChannel) + "/" + id);
  slack.deliver(reply);
  CHECK(slack.texts(id) == Texts{"three", "below"});
  slack.pieces.forget(reply.message, 0);
  slack.pieces.mark_attempted(reply.message, 0, slack.clock.now() - std::chrono::minutes(2));
  slack.deliver(reply);
  CHECK(slack.texts(id).size() == 2);

  // A file, and its end.
  std::string text;
  for (int i = 0; i < 1'000; ++i) {
    text += "Line " + std::to_string(i) + " of an answer that nobody reads in a chat.\n\n";
  }
  auto large = slack.call(text, kChannel);
  slack.deliver(large);
  REQUIRE(slack.pieces.of(large.message).size() == 2);
  CHECK(slack.pieces.of(large.message)[1].external_id.starts_with("file:"));
  large.post.text = "never mind";
  slack.deliver(large);
  CHECK(slack.pieces.of(large.message).size() == 1);

  CHECK_THROWS_WITH_AS(slack.deliver(slack.call("nowhere", "C999999999")),
                       doctest::Contains("channel_not_found"), base::PermanentError);
}

}  // namespace

TEST_CASE("Slack's calls do at a foreign emulator of Slack what they do at ours") {
  if (!support::Environment::get(kInside).empty()) {
    switch_loopback_on();
    round_trip();
    return;
  }
  const support::TemporaryFolder folder;
  support::Program probe(in_own_network({"true"}), folder.path());
  if (probe.wait(support::kPatience) != 0) {
    MESSAGE("not tested on this machine: " << probe.log());
    return;
  }
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  support::Program inside(in_own_network({self, std::string("--test-case=") + kName}), folder.path(),
                          {{kInside, "1"},
                           {"PATH", support::Environment::get("PATH")},
                           {"FRONTDESK_NPM_BIN", support::Environment::get("FRONTDESK_NPM_BIN")}});
  const auto status = inside.wait(std::chrono::seconds(120));
  CHECK_MESSAGE(status == 0, inside.output(), inside.log());
}
