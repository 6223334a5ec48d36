// Which of many tools a turn has.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/tools/servers.h"
#include "bot/tools/turn_tools.h"
#include "store/tool_looks.h"
#include "tests/support/loopback_server.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using nlohmann::json;
using support::contains;

namespace {

/// Twenty tools of a server, "take_1_apples" and the like.
class ManyTools : public support::ServicesFixture {
 public:
  ManyTools() : server_([](const base::HttpRequest& request) { return answer(request); }) {
    settings.database = db.path();
    bot::runtime::ToolServerSettings far;
    far.name = "far";
    far.address = llm::mcp::ServerAddress{server_.url(), ""};
    far.allow = {"take_*"};
    far.people = {"*"};
    settings.tool_servers.push_back(far);
    servers_ = std::make_unique<bot::tools::Servers>(settings, base::Sandbox{});
    services.tools = servers_.get();
    servers_->find("far")->learn();
    servers_->find("far")->await_known(std::chrono::steady_clock::now() + support::kPatience, {});
    message_ = store::Conversations(db).message(say("show me the pears, and tool 7"));
  }
  std::unique_ptr<bot::tools::TurnTools> turn() {
    return std::make_unique<bot::tools::TurnTools>(services, db, conversation, person, message_);
  }
  static std::vector<std::string> names_of(bot::tools::TurnTools& turn) {
    std::vector<std::string> names;
    for (const auto& spec : turn.specs()) {
      names.push_back(spec.name);
    }
    return names;
  }
  const llm::mcp::Tool& tool(const std::string& name) {
    offer_ = servers_->find("far")->known().offer;
    return *std::ranges::find_if(offer_->tools, [&](const auto& each) { return each.name == name; });
  }

 private:
  static base::HttpResponse answer(const base::HttpRequest& request) {
    const auto asked = base::parse_json(request.body).value_or(json::object());
    const auto method = base::json_text(asked, "method");
    json result;
    if (method == "initialize") {
      result = {{"protocolVersion", "2025-11-25"}};
    } else if (method == "tools/list") {
      for (int i = 0; i < 20; ++i) {
        result["tools"].push_back(
            {{"name", "take_" + std::to_string(i) + (i % 5 == 4 ? "_pears" : "_apples")},
             {"description", "Takes them"},
             {"inputSchema", {{"type", "object"}}}});
      }
      result["tools"].push_back({{"name", "drop_pears"}, {"inputSchema", {{"type", "object"}}}});
    } else {
      return base::HttpResponse::error(400, "no");
    }
    return base::HttpResponse::json(
        base::dump_json({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", result}}));
  }

  support::LoopbackServer server_;
  std::unique_ptr<bot::tools::Servers> servers_;
  std::shared_ptr<const bot::tools::Offer> offer_;
  store::Message message_;
};

}  // namespace

TEST_CASE_FIXTURE(ManyTools,
                  "of many tools a turn has those that fit its words, and one to look for others") {
  const auto turn = this->turn();
  const auto names = names_of(*turn);
  CHECK(names.size() == bot::tools::kMostTools);
  CHECK(names.back() == "find_tools");
  for (const char* pears :
       {"far__take_4_pears", "far__take_9_pears", "far__take_14_pears", "far__take_19_pears"}) {
    CHECK(std::ranges::count(names, pears) == 1);
  }
  CHECK(std::ranges::count(names, "far__drop_pears") == 0);  // not allowed
  turn->call({"1", "find_tools", R"({"query":"apples"})"}, {});
  CHECK(std::ranges::count(names_of(*turn), "far__take_4_pears") == 0);
}

TEST_CASE_FIXTURE(ManyTools, "a tool that is not what it was is not chosen, cannot be called, and is named") {
  {
    const auto first = this->turn();
    names_of(*first);  // now all are as they were allowed
  }
  store::ToolLooks(db).accept("far", {"take_4_pears", "another"}, clock.now());
  const auto turn = this->turn();
  const auto names = names_of(*turn);
  CHECK(std::ranges::count(names, "far__take_4_pears") == 0);
  CHECK(std::ranges::count(names, "far__take_9_pears") == 1);
  CHECK(contains(turn->context(), "The tool far/take_4_pears is switched off"));
  CHECK(!turn->call({"1", "far__take_4_pears", "{}"}, {}));
}

TEST_CASE_FIXTURE(ManyTools,
                  "all tools of a server are bound to what they are when the first turn has them") {
  names_of(*this->turn());
  CHECK(store::ToolLooks(db).is_accepted("far", "take_0_apples", tool("take_0_apples").hash));
  CHECK(store::ToolLooks(db).is_accepted("far", "drop_pears", tool("drop_pears").hash));
}
