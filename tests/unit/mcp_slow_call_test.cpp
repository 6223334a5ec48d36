// A call that takes too long is the fault of that call: the server is used again at once.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/tools/server.h"
#include "tests/support/loopback_server.h"

using nlohmann::json;

namespace {

/// A server whose tool answers only once it may.
struct Slow {
  base::HttpResponse answer(const base::HttpRequest& request) {
    const auto asked = base::parse_json(request.body).value_or(json::object());
    const auto method = base::json_text(asked, "method");
    if (fails) {
      return base::HttpResponse::error(503, "busy");
    }
    json result;
    if (method == "initialize") {
      result = {{"protocolVersion", "2025-11-25"}};
    } else if (method == "tools/list") {
      result["tools"] = {{{"name", "wait"}, {"inputSchema", {{"type", "object"}}}}};
    } else if (method == "tools/call") {
      while (is_slow) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      result["content"] = {{{"type", "text"}, {"text", "here"}}};
    } else {
      return base::HttpResponse::error(400, "no");
    }
    return base::HttpResponse::json(
        base::dump_json({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", result}}));
  }

  std::atomic<bool> is_slow = false;
  std::atomic<bool> fails = false;
  support::LoopbackServer server{[this](const base::HttpRequest& request) { return answer(request); }};
};

}  // namespace

TEST_CASE("threaded: after a call that took too long the next one is made at once") {
  using Fate = bot::tools::CallOutcome::Fate;
  Slow slow;
  bot::runtime::ToolServerSettings settings;
  settings.name = "far";
  settings.address = llm::mcp::ServerAddress{slow.server.url(), ""};
  bot::tools::Server first(settings, {}, {});
  first.learn();
  first.await_known(std::chrono::steady_clock::now() + std::chrono::seconds(30), {});
  REQUIRE(first.known().offer);
  const auto tool = first.known().offer->tools.at(0);

  settings.timeout = std::chrono::seconds(4);
  bot::tools::Server server(settings, {}, {});
  slow.is_slow = true;
  const auto late = server.call(tool, "{}", {});
  CHECK(late.fate == Fate::uncertain);
  CHECK(late.text.find("did not answer in time") != std::string::npos);
  slow.is_slow = false;
  const auto next = server.call(tool, "{}", {});
  CHECK(next.fate == Fate::answered);
  CHECK(next.text == "here");

  // A server that cannot be used at all is left alone for a while.
  slow.fails = true;
  CHECK(server.call(tool, "{}", {}).fate != Fate::answered);
  slow.fails = false;
  CHECK(server.call(tool, "{}", {}).fate == Fate::not_made);
}
