// Discord's own package judges the same requests as we do.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "bot/platforms/discord/interactions.h"
#include "tests/support/checkout.h"
#include "tests/support/environment.h"
#include "tests/support/program/program.h"
#include "tests/support/text.h"

TEST_CASE(
    "Discord: of four thousand signed and tampered requests we take those that Discord's own package takes") {
  const support::TemporaryFolder folder;
  support::Program node({"/usr/bin/env", "node",
                         support::source_dir() + "/tests/support/chat_services/discord_verdicts.mjs", "4000"},
                        folder.path(),
                        {{"FRONTDESK_NODE_MODULES", support::Environment::get("FRONTDESK_NODE_MODULES")},
                         {"PATH", support::Environment::get("PATH")}});
  const auto status = node.wait(std::chrono::seconds(60));
  INFO(node.log());
  REQUIRE(status == 0);
  int good = 0;
  int bad = 0;
  for (const auto& line : support::lines_of(node.output())) {
    const auto verdict = nlohmann::json::parse(line);
    base::HttpRequest request;
    request.headers.add("X-Signature-Ed25519", verdict["signature"].get<std::string>());
    request.headers.add("X-Signature-Timestamp", verdict["timestamp"].get<std::string>());
    request.body = base::base64_decode(verdict["body"].get<std::string>()).value();
    const auto key = base::from_hex(verdict["key"].get<std::string>()).value();
    CAPTURE(line);
    CHECK(bot::discord::is_signed(request, key) == verdict["good"].get<bool>());
    ++(verdict["good"].get<bool>() ? good : bad);
  }
  CHECK(good > 400);
  CHECK(bad > 2'500);
}
