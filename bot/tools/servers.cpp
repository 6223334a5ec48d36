#include "bot/tools/servers.h"

#include <algorithm>

namespace bot::tools {

std::filesystem::path folder_of(const runtime::Settings& settings, const std::string& server) {
  return std::filesystem::absolute(settings.database).parent_path() / "mcp" / server;
}

Servers::Servers(const runtime::Settings& settings, const base::Sandbox& sandbox) {
  for (const auto& server : settings.tool_servers) {
    servers_.push_back(std::make_unique<Server>(server, sandbox, folder_of(settings, server.name)));
  }
}

Server* Servers::find(const std::string& name) const {
  for (const auto& server : servers_) {
    if (server->settings().name == name) {
      return server.get();
    }
  }
  return nullptr;
}

std::vector<Server*> Servers::all() const {
  std::vector<Server*> all;
  for (const auto& server : servers_) {
    all.push_back(server.get());
  }
  return all;
}

int Servers::most_held_up() const {
  constexpr int kMost = 24;
  return std::min(kMost, kMostHeldUp * static_cast<int>(servers_.size()));
}

void Servers::stop() {
  for (const auto& server : servers_) {
    server->close();
  }
}

}  // namespace bot::tools
