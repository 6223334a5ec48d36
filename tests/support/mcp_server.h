#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "bot/tools/servers.h"
#include "bot/tools/turn_tools.h"
#include "bot/turns/turn.h"
#include "tests/support/loopback_server.h"
#include "tests/support/services_fixture.h"
#include "tests/support/wait.h"

namespace support {

/// A tool as a server lists it.
inline nlohmann::json mcp_tool(const std::string& name,
                               const nlohmann::json& properties = nlohmann::json::object(),
                               const nlohmann::json& required = nlohmann::json::array(), bool reads = false) {
  return {{"name", name},
          {"inputSchema", {{"type", "object"}, {"properties", properties}, {"required", required}}},
          {"annotations", {{"readOnlyHint", reads}}}};
}

/// A mailbox: reading one mail, deleting one and moving one.
inline nlohmann::json mail_tools() {
  const nlohmann::json id = {{"id", {{"type", "string"}}}};
  return nlohmann::json::array(
      {mcp_tool("get_email", id, {"id"}, true), mcp_tool("delete_email", id), mcp_tool("move_email", id)});
}

/// A server of the Model Context Protocol on a free port of this machine. Thread rule: any thread; so is the
/// function called.
class McpServer {
 public:
  /// What a tool says.
  using Call = std::function<std::string(const std::string& name, const nlohmann::json& arguments)>;
  explicit McpServer(nlohmann::json tools, Call call = {})
      : tools_(std::move(tools)),
        call_(std::move(call)),
        server_([this](const base::HttpRequest& request) { return answer(request); }) {}

  /// From now on it has these, without a word.
  void offer(nlohmann::json tools) {
    const std::lock_guard lock(mutex_);
    tools_ = std::move(tools);
  }
  void fail(bool fails) { fails_ = fails; }
  int lists() const { return lists_; }
  /// How often that tool was called.
  int calls(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::ranges::count(called_, name));
  }

  bot::runtime::ToolServerSettings settings() const {
    bot::runtime::ToolServerSettings far;
    far.name = "far";
    far.address = llm::mcp::ServerAddress{server_.url(), ""};
    far.access.people = {"*"};
    return far;
  }

 private:
  base::HttpResponse answer(const base::HttpRequest& request) {
    using nlohmann::json;
    if (fails_) {
      return base::HttpResponse::error(503, "busy");
    }
    const auto asked = base::parse_json(request.body).value_or(json::object());
    const auto method = base::json_text(asked, "method");
    json result;
    if (method == "initialize") {
      result = {{"protocolVersion", "2025-11-25"}};
    } else if (method == "tools/list") {
      ++lists_;
      const std::lock_guard lock(mutex_);
      result["tools"] = tools_;
    } else if (method == "tools/call" && call_) {
      const auto& params = base::json_object(asked, "params");
      const auto name = base::json_text(params, "name");
      {
        const std::lock_guard lock(mutex_);
        called_.push_back(name);
      }
      const auto text = call_(name, base::json_object(params, "arguments"));
      result = {{"content", json::array({{{"type", "text"}, {"text", text}}})}};
    } else {
      return base::HttpResponse::error(400, "no");
    }
    return base::HttpResponse::json(
        base::dump_json({{"jsonrpc", "2.0"}, {"id", asked["id"]}, {"result", result}}));
  }

  mutable std::mutex mutex_;
  nlohmann::json tools_;
  std::vector<std::string> called_;
  const Call call_;
  std::atomic<int> lists_ = 0;
  std::atomic<bool> fails_ = false;
  LoopbackServer server_;
};

/// A program with such a server as `far`, whose tools everybody has. Thread rule: one thread.
class ToolsFixture : public ServicesFixture {
 public:
  struct On {
    std::vector<std::string> allow = {}, ask = {};
  };
  ToolsFixture(On on, nlohmann::json tools, McpServer::Call call = {})
      : far(std::move(tools), std::move(call)) {
    settings.database = db.path();
    allow("web", bot::runtime::Access::Mode::open);
    auto server = far.settings();
    server.allow = std::move(on.allow);
    server.ask = std::move(on.ask);
    offer(server);
    servers = std::make_unique<bot::tools::Servers>(settings, base::Sandbox{});
    services.tools = servers.get();
    servers->find("far")->learn();
    servers->find("far")->await_known(std::chrono::steady_clock::now() + kPatience, {});
  }
  /// The tools in the turn about that message, which must outlive them.
  std::unique_ptr<bot::tools::TurnTools> tools_for(const store::Message& message) {
    return std::make_unique<bot::tools::TurnTools>(services, db, conversation, person, message);
  }
  /// A whole turn about that, to which the model says what it was told to.
  void turn(const std::string& text) { run(say(text)); }
  void run(store::MessageId message) {
    store::JobQueue queue(db);
    queue.enqueue(bot::runtime::kTurnJob, conversation.id.value, message.value, clock.now(),
                  {.owner = person.id.value});
    const auto job = queue.claim(bot::runtime::kTurnJob, clock.now());
    REQUIRE(job);
    bot::turns::Turn(services, db, *job).run({});
  }
  /// What the bot has said, as it stands now.
  std::vector<std::string> said() {
    std::vector<std::string> texts;
    for (const auto& message : store::Conversations(db).history(conversation.id, std::nullopt, 100)) {
      if (message.author == store::Author::assistant) {
        texts.push_back(message.text);
      }
    }
    return texts;
  }
  const llm::mcp::Tool& tool(const std::string& name) {
    offer_ = servers->find("far")->known().offer;
    return *std::ranges::find_if(offer_->tools, [&](const auto& each) { return each.name == name; });
  }

  McpServer far;
  std::unique_ptr<bot::tools::Servers> servers;

 private:
  std::shared_ptr<const bot::tools::Offer> offer_;
};

}  // namespace support
