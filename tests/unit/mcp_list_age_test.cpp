// Over HTTP nobody listens for a server's word that its tools have changed: the list is read again by its
// age.
#include <atomic>
#include <chrono>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/tools/server.h"
#include "tests/support/loopback_server.h"
#include "tests/support/wait.h"

using nlohmann::json;

namespace {

/// A server with `tools` tools, which counts how often it is asked for them.
struct Changing {
  base::HttpResponse answer(const base::HttpRequest& request) {
    const auto asked = base::parse_json(request.body).value_or(json::object());
    const auto method = base::json_text(asked, "method");
    json result;
    if (fails) {
      return base::HttpResponse::error(503, "busy");
    }
    if (method == "initialize") {
      result = {{"protocolVersion", "2025-11-25"}};
    } else if (method == "tools/list") {
      ++lists;
      result["tools"] = json::array();
      for (int i = 0; i < tools; ++i) {
        result["tools"].push_back(
            {{"name", "tool_" + std::to_string(i)}, {"inputSchema", {{"type", "object"}}}});
      }
    } else {
      return base::HttpResponse::error(400, "no");
    }
    return base::HttpResponse::json(
        base::dump_json({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", result}}));
  }

  std::atomic<int> tools = 1;
  std::atomic<int> lists = 0;
  std::atomic<bool> fails = false;
  support::LoopbackServer server{[this](const base::HttpRequest& request) { return answer(request); }};
};

bot::runtime::ToolServerSettings settings_for(const Changing& changing) {
  bot::runtime::ToolServerSettings settings;
  settings.name = "far";
  settings.address = llm::mcp::ServerAddress{changing.server.url(), ""};
  return settings;
}

std::size_t known_tools(bot::tools::Server& server) {
  server.learn();
  server.await_known(std::chrono::steady_clock::now() + support::kPatience, {});
  const auto known = server.known();
  return known.offer ? known.offer->tools.size() : 0;
}

}  // namespace

TEST_CASE("a list of tools over HTTP that has grown old is read again by the next turn, without a call") {
  Changing changing;
  bot::tools::Server server(settings_for(changing), {}, {}, {.before_call = {}, .over_http = {}});
  CHECK(known_tools(server) == 1);
  changing.tools = 2;
  CHECK(known_tools(server) == 2);
  changing.fails = true;
  CHECK(known_tools(server) == 2);  // what is known stays, and the trouble is told
  CHECK(!server.known().problem.empty());
}

TEST_CASE("one that is young is not read again") {
  Changing changing;
  bot::tools::Server server(settings_for(changing), {}, {});
  CHECK(known_tools(server) == 1);
  changing.tools = 2;
  CHECK(known_tools(server) == 1);
  CHECK(changing.lists == 1);
}
