#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/process/sandbox.h"
#include "bot/runtime/settings.h"
#include "bot/tools/server.h"

namespace bot::tools {

/// The working folder of that server, its own: beside the database.
std::filesystem::path folder_of(const runtime::Settings& settings, const std::string& server);

/// The servers of [mcp_servers], none of which is started before its first use. Thread rule: any thread.
class Servers {
 public:
  Servers(const runtime::Settings& settings, const base::Sandbox& sandbox);

  /// Null where there is no such server.
  Server* find(const std::string& name) const;
  std::vector<Server*> all() const;

  /// How many turns at once wait for them at most, up to a bound.
  int most_held_up() const;

  /// Ends all children. Calls under way end with base::Stopped. Afterwards none is started.
  void stop();

 private:
  std::vector<std::unique_ptr<Server>> servers_;
};

}  // namespace bot::tools
