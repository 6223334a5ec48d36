// How long a turn takes to pick its tools among 500 of one server, on a database as the program's: from the
// person's words to the specs that the model is shown, at most eight. The first turn after the server was
// listed compares all 500 with the database and stands apart.
//
// tool_choice [--quick]   prints, in microseconds, the middle and the 99th percentile.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/tools/servers.h"
#include "bot/tools/turn_tools.h"
#include "tests/support/loopback_server.h"
#include "tests/support/services_fixture.h"

namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr int kTools = 500;
const std::vector<std::string> kVerbs = {"list",   "search", "read",  "create", "update",
                                         "delete", "move",   "share", "export", "archive"};
const std::vector<std::string> kThings = {"invoices", "events",   "messages", "contacts", "documents",
                                          "tasks",    "projects", "tickets",  "reports",  "notes"};
const std::vector<std::string> kPlaces = {"calendar", "mailbox", "wiki", "ledger", "warehouse"};

json tools() {
  json listed = json::array();
  for (int i = 0; i < kTools; ++i) {
    const auto& verb = kVerbs[i % kVerbs.size()];
    const auto& thing = kThings[i / kVerbs.size() % kThings.size()];
    const auto& place = kPlaces[i / (kVerbs.size() * kThings.size()) % kPlaces.size()];
    listed.push_back(
        {{"name", place + "_" + verb + "_" + thing},
         {"description",
          "Lets you " + verb + " the " + thing + " of the " + place +
              ". Takes an id or a query, a date range and a limit, and returns what it finds with its "
              "owner, its times and a link that a person can open."},
         {"inputSchema",
          {{"type", "object"},
           {"properties",
            {{"query", {{"type", "string"}, {"description", "Words, or an id"}}},
             {"from", {{"type", "string"}, {"format", "date-time"}}},
             {"to", {{"type", "string"}, {"format", "date-time"}}},
             {"limit", {{"type", "integer"}, {"minimum", 1}, {"maximum", 100}}}}}}}});
  }
  return listed;
}

base::HttpResponse answer(const base::HttpRequest& request) {
  const auto asked = base::parse_json(request.body).value_or(json::object());
  const auto method = base::json_text(asked, "method");
  json result;
  if (method == "initialize") {
    result = {{"protocolVersion", "2025-11-25"}, {"capabilities", json::object()}};
  } else if (method == "tools/list") {
    result = {{"tools", tools()}};
  } else {
    return base::HttpResponse::error(method.starts_with("notifications/") ? 202 : 400, "no");
  }
  return base::HttpResponse::json(
      base::dump_json({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", result}}));
}

const std::vector<std::string> kSaid = {
    "Can you find the invoices from the warehouse that came in last week and tell me what is still open?",
    "move my event with Ada on Friday to the afternoon please, and send her a note about it",
    "what is new?",
    "Archive all the reports in the wiki that nobody has opened since the spring, but show me the list first. I would "
    "like to keep those of the team in Lyon, and whatever has a ticket that is not closed; share these with Bob.",
    "Wie viele Aufgaben sind in diesem Projekt noch offen?",
};

/// Turns, one after the other; each in microseconds.
class Turns : public support::ServicesFixture {
 public:
  Turns() : server_(answer) {
    settings.database = db.path();
    bot::runtime::ToolServerSettings far;
    far.name = "far";
    far.address = llm::mcp::ServerAddress{server_.url() + "/mcp", ""};
    far.allow = {"*"};
    far.access.people = {"*"};
    offer(far);
    servers_ = std::make_unique<bot::tools::Servers>(settings, base::Sandbox{});
    services.tools = servers_.get();
    auto* const known = servers_->find("far");
    known->learn();
    known->await_known(Clock::now() + std::chrono::seconds(60), {});
    if (!known->known().offer || known->known().offer->on.size() != kTools) {
      throw std::runtime_error("the tools are not there: " + known->known().problem);
    }
  }
  double turn(const std::string& words) {
    store::Message message;
    message.text = words;
    const auto begin = Clock::now();
    bot::tools::TurnTools turn(services, db, conversation, person, message);
    const auto specs = turn.specs();
    const std::chrono::duration<double, std::micro> took = Clock::now() - begin;
    if (specs.size() < 2 || specs.size() > bot::tools::kMostTools) {
      throw std::runtime_error("a turn has " + std::to_string(specs.size()) + " tools");
    }
    return took.count();
  }

 private:
  support::LoopbackServer server_;
  std::unique_ptr<bot::tools::Servers> servers_;
};

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 && std::strcmp(argv[1], "--quick") == 0 ? 500 : 20'000;
  Turns turns;
  const auto first = turns.turn(kSaid[0]);
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    times.push_back(turns.turn(kSaid[static_cast<std::size_t>(i) % kSaid.size()]));
  }
  std::ranges::sort(times);
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(count))];
  };
  std::printf("picking among %d tools: p50 %.0f, p99 %.0f us (goal 100); the first turn %.0f us\n", kTools,
              at(0.5), at(0.99), first);
  return 0;
}
