// Which of many tools a turn has.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "store/tool_looks.h"
#include "tests/support/mcp_server.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::contains;

namespace {

json many_tools() {
  json tools;
  for (int i = 0; i < 20; ++i) {
    tools.push_back({{"name", "take_" + std::to_string(i) + (i % 5 == 4 ? "_pears" : "_apples")},
                     {"description", "Takes them"},
                     {"inputSchema", {{"type", "object"}}}});
  }
  tools.push_back({{"name", "drop_pears"}, {"inputSchema", {{"type", "object"}}}});
  return tools;
}

/// Twenty tools of a server, "take_1_apples" and the like.
class ManyTools : public support::ToolsFixture {
 public:
  ManyTools() : ToolsFixture({.allow = {"take_*"}}, many_tools()) {
    message_ = store::Conversations(db).message(say("show me the pears, and tool 7"));
  }
  std::unique_ptr<bot::tools::TurnTools> turn() { return tools_for(message_); }
  static std::vector<std::string> names_of(bot::tools::TurnTools& turn) {
    std::vector<std::string> names;
    for (const auto& spec : turn.specs()) {
      names.push_back(spec.name);
    }
    return names;
  }

 private:
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
  CHECK(contains(turn->material(), "The tool far/take_4_pears is switched off"));
  CHECK(!turn->call({"1", "far__take_4_pears", "{}"}, {}));
}

TEST_CASE_FIXTURE(ManyTools,
                  "all tools of a server are bound to what they are when the first turn has them") {
  names_of(*this->turn());
  CHECK(store::ToolLooks(db).is_accepted("far", "take_0_apples", tool("take_0_apples").hash));
  CHECK(store::ToolLooks(db).is_accepted("far", "drop_pears", tool("drop_pears").hash));
}
