// Over HTTP nobody listens for a server's word that its tools have changed: the list is read again by its
// age.
#include <chrono>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/mcp_server.h"

using nlohmann::json;

namespace {

json tools(int count) {
  auto tools = json::array();
  for (int i = 0; i < count; ++i) {
    tools.push_back(support::mcp_tool("tool_" + std::to_string(i)));
  }
  return tools;
}

std::size_t known_tools(bot::tools::Server& server) {
  server.learn();
  server.await_known(std::chrono::steady_clock::now() + support::kPatience, {});
  const auto known = server.known();
  return known.offer ? known.offer->tools.size() : 0;
}

}  // namespace

TEST_CASE("a list of tools over HTTP that has grown old is read again by the next turn, without a call") {
  support::McpServer far(tools(1));
  bot::tools::Server server(far.settings(), {}, {}, {.before_call = {}, .over_http = {}});
  CHECK(known_tools(server) == 1);
  far.offer(tools(2));
  CHECK(known_tools(server) == 2);
  far.fail(true);
  CHECK(known_tools(server) == 2);  // what is known stays, and the trouble is told
  CHECK(!server.known().problem.empty());
}

TEST_CASE("one that is young is not read again") {
  support::McpServer far(tools(1));
  bot::tools::Server server(far.settings(), {}, {});
  CHECK(known_tools(server) == 1);
  far.offer(tools(2));
  CHECK(known_tools(server) == 1);
  CHECK(far.lists() == 1);
}
