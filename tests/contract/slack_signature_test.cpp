// Which requests are Slack's: our answer and that of Slack's own library (@slack/bolt).
#include <random>
#include <sstream>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/platforms/slack/signature.h"
#include "tests/support/checkout.h"
#include "tests/support/environment.h"
#include "tests/support/program/program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace {

constexpr const char* kSecret = "8f742231b10e8888abcd99yyyzzz85a5";
constexpr std::int64_t kNow = 1'795'363'500;

struct Request {
  std::string body, timestamp, signature;
};

/// A genuine request, or one with something wrong about it.
class Generator {
 public:
  Request next() {
    Request request{body(), std::to_string(kNow + pick(-300, 300)), ""};
    request.signature = bot::slack::signature_of(kSecret, request.timestamp, request.body);
    switch (pick(0, 15)) {
      case 0:
        flip(request.body);
        break;
      case 1:
        request.body += pick(0, 1) == 0 ? " " : "\n";
        break;
      case 2:
        request.timestamp = std::to_string(kNow + pick(-300, 300));
        break;
      case 3:
        request.signature[static_cast<std::size_t>(pick(3, 66))] = "0123456789abcdef"[pick(0, 15)];
        break;
      case 4:
        request.signature.resize(static_cast<std::size_t>(pick(0, 66)));
        break;
      case 5:
        request.signature = bot::slack::signature_of("another secret", request.timestamp, request.body);
        break;
      case 6:
        request.signature.replace(0, 2, pick(0, 1) == 0 ? "v1" : "V0");
        break;
      case 7:
        // Stale, and signed as such.
        request.timestamp = std::to_string(kNow - pick(290, 100'000));
        request.signature = bot::slack::signature_of(kSecret, request.timestamp, request.body);
        break;
      case 8:
        request.signature = bot::slack::signature_of(kSecret, "", request.body);
        break;
      default:
        break;
    }
    return request;
  }

 private:
  int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  std::string body() {
    static const std::vector<std::string> parts = {"payload=%7B", "{\"type\":\"event_callback\"}",
                                                   "a",           "&",
                                                   "=",           "ü",
                                                   "日本",        "👍",
                                                   "\n",          "\t",
                                                   "\\u0000",     ":"};
    std::string text;
    for (int i = pick(0, 60); i > 0; --i) {
      text += parts[static_cast<std::size_t>(pick(0, static_cast<int>(parts.size()) - 1))];
    }
    return text;
  }
  void flip(std::string& text) {
    if (text.empty()) {
      text = "x";
      return;
    }
    // Only plain characters, so that the body stays UTF-8.
    for (auto& c : text) {
      if (c == 'a' || c == '&' || c == '=') {
        c = 'b';
        return;
      }
    }
    text += "x";
  }

  std::mt19937 random_{20261122};
};

}  // namespace

TEST_CASE("which requests are Slack's is judged as Slack's own library judges it") {
  const support::TemporaryFolder folder;
  Generator generator;
  std::vector<bool> ours;
  std::string lines;
  for (int i = 0; i < 5'000; ++i) {
    const auto made = generator.next();
    base::HttpRequest request;
    request.body = made.body;
    request.headers = {{"X-Slack-Request-Timestamp", made.timestamp}, {"X-Slack-Signature", made.signature}};
    ours.push_back(!bot::slack::signature_problem(request, {kSecret}, base::from_unix_ms(kNow * 1'000)));
    lines += nlohmann::json{{"body", made.body}, {"timestamp", made.timestamp}, {"signature", made.signature}}
                 .dump() +
             "\n";
  }
  const auto file = folder.write("requests.jsonl", lines);
  const std::string script = support::source_dir() + "/tests/support/chat_services/slack_verdicts.js";
  const auto modules = support::Environment::get("FRONTDESK_NODE_MODULES");
  REQUIRE_FALSE(modules.empty());
  support::Program node(
      {"/usr/bin/env", "node", script, modules, file, kSecret, std::to_string(kNow * 1'000)}, folder.path(),
      {{"PATH", support::Environment::get("PATH")}});
  REQUIRE(node.wait(std::chrono::seconds(60)) == 0);
  std::vector<bool> theirs;
  for (const auto& line : support::lines_of(node.output())) {
    theirs.push_back(line == "1");
  }
  REQUIRE(theirs.size() == ours.size());
  int taken = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    CAPTURE(i);
    CHECK(ours[i] == theirs[i]);
    taken += ours[i] ? 1 : 0;
  }
  CHECK(taken > 2'000);
  CHECK(taken < 4'000);
}
