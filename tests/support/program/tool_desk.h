#pragma once

#include <filesystem>
#include <string>

#include "base/file.h"
#include "tests/support/checkout.h"
#include "tests/support/program/desk.h"

namespace support {

/// A desk with the server of tests/fakes in that mode.
class FakeDesk : public Desk {
 public:
  explicit FakeDesk(const std::string& mode) : Desk(Claude::fake) {
    const auto script = (std::filesystem::path(source_dir()) / "tests/fakes/mcp_server.mjs").string();
    std::filesystem::create_directories(state());
    config.set("mcp_servers.fake", "command", "\"node\"")
        .set("mcp_servers.fake", "args", "[\"" + script + "\", \"" + mode + "\", \"" + log().string() + "\"]")
        .set("mcp_servers.fake", "allow", "[\"read\", \"write\"]")
        .set("mcp_servers.fake", "people", "[\"*\"]")
        .set("mcp_servers.fake", "timeout_s", "3")
        .set("mcp_servers.fake", "state", "[\"" + state().string() + "\"]");
  }
  std::filesystem::path state() const { return folder() / "fake"; }
  std::filesystem::path log() const { return state() / "log"; }
};

/// How many tools the server of a FakeDesk was told to call.
inline int calls_in(const std::filesystem::path& log) {
  const auto text = base::read_file_if_exists(log).value_or("");
  int calls = 0;
  for (auto at = text.find("tools/call"); at != std::string::npos; at = text.find("tools/call", at + 1)) {
    ++calls;
  }
  return calls;
}

}  // namespace support
