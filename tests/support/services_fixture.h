#pragma once

#include <map>
#include <memory>
#include <string>

#include "bot/runtime/services.h"
#include "bot/runtime/settings.h"
#include "config/config_file.h"
#include "store/commit_group.h"
#include "tests/support/models/fake_chat_model.h"
#include "tests/support/store_fixture.h"

namespace support {

/// A specialist that must not be needed.
class NoSpecialist final : public dispatch::Specialist {
 public:
  dispatch::Report run(const dispatch::Task&, const std::function<void(const dispatch::Event&)>&,
                       std::stop_token) override {
    return {};
  }
  dispatch::Readiness check() override { return {true, "fake"}; }
  std::optional<std::string> cannot(const dispatch::Task&) const override { return std::nullopt; }
  Abilities abilities() const override { return {}; }
  const std::string& name() const override { return name_; }
  const std::string& about() const override { return name_; }

 private:
  const std::string name_ = "fake";
};

/// What the workers share, with a fake model, a fake clock and no thread. Thread rule: one thread.
class ServicesFixture : public StoreFixture {
 public:
  bot::runtime::Settings settings{{}, {}, {}, {}, {}, config::parse_config("", "frontdesk.toml", "/"),
                                  {}, {}, {}};
  bot::runtime::Policy policy;
  base::Guarded<std::shared_ptr<const bot::runtime::Policy>> policy_holder{
      std::make_shared<const bot::runtime::Policy>()};
  FakeChatModel model;
  router::Secretary secretary{model, clock, {"THE GUIDE", "UTC"}};
  const dispatch::Specialists specialists{std::make_unique<NoSpecialist>()};
  std::map<std::string, std::unique_ptr<bot::chat::Platform>> platforms;
  bot::runtime::RunRegistry runs;
  bot::runtime::RunSlots slots{2};
  bot::runtime::Metrics metrics;
  base::Notifier notifier;
  store::CommitGroup commits{db.path()};
  std::atomic<bool> stopping = false;
  bot::runtime::Services services{settings,  clock, policy_holder, model,   secretary, specialists,
                                  platforms, runs,  slots,         metrics, notifier,  stopping};

  void allow(const std::string& section, bot::runtime::Access::Mode mode, std::set<std::string> users = {}) {
    permit(section, {mode, std::move(users)});
  }
  void permit(const std::string& section, bot::runtime::Access access) {
    policy.access[section] = std::move(access);
    publish();
  }
  /// Before the tools are made of the settings.
  void offer(const bot::runtime::ToolServerSettings& server) {
    settings.tool_servers.push_back(server);
    policy.tools[server.name] = server.access;
    publish();
  }

 private:
  void publish() {
    policy_holder.with([&](auto& held) { held = std::make_shared<const bot::runtime::Policy>(policy); });
  }
};

}  // namespace support
