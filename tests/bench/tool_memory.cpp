// What the program holds with ten servers of tools: before any is used, after each was used once, and once
// all of them were ended because nobody uses them. FRONTDESK_BIN names the program, FRONTDESK_NPM_BIN the
// folder of the npm programs; five of the servers are server-everything, five server-memory.
//
// tool_memory [--quick]   prints MiB (VmRSS of /proc/<pid>/status, four seconds after the last use); with
// --quick the servers are three, and nothing is waited for
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>
#include <signal.h>

#include "tests/bench/process_use.h"
#include "tests/support/checkout.h"
#include "tests/support/program/desk.h"
#include "tests/support/program/node_server.h"
#include "tests/support/wait.h"

namespace {

using support::Desk;

/// Of five seconds at most are between two looks at a child that nobody uses.
constexpr std::chrono::seconds kIdle{25};

std::string name_of(int server) {
  return "s" + std::to_string(server);
}

bool is_memory(int server) {
  return server % 2 == 1;
}

void add_server(Desk& desk, int server) {
  const auto modules = support::node_modules() + "/@modelcontextprotocol/";
  const auto section = "mcp_servers." + name_of(server);
  const auto state = desk.folder() / name_of(server);
  std::filesystem::create_directories(state);
  const auto program =
      modules + (is_memory(server) ? "server-memory" : "server-everything") + "/dist/index.js";
  desk.config.set(section, "command", "\"node\"")
      .set(section, "args", "[\"" + program + "\"" + (is_memory(server) ? "]" : ", \"stdio\"]"))
      .set(section, "allow", "[\"*\"]")
      .set(section, "people", "[\"*\"]")
      .set(section, "idle_s", std::to_string(kIdle.count()))
      .set(section + ".env", "MEMORY_FILE_PATH", "\"" + (state / "memory.jsonl").string() + "\"");
  const auto tool = name_of(server) + (is_memory(server) ? "__read_graph" : "__echo");
  const auto arguments = is_memory(server) ? nlohmann::json::object() : nlohmann::json{{"message", "hello"}};
  desk.model.secretary("tool of " + name_of(server), {support::use(tool, arguments), support::say("Used.")});
}

void print(const char* when, const Desk& desk) {
  const auto pid = desk.program->pid();
  std::printf("%-32s %5.1f MiB, of which no file has %4.1f\n", when, bench::memory_of(pid),
              bench::memory_of(pid, "RssAnon"));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int servers = quick ? 3 : 10;
  const auto pause = std::chrono::seconds(quick ? 0 : 4);
  Desk desk(Desk::Claude::fake);
  desk.config.set("dispatch", "sandbox", "\"off\"");
  for (int server = 0; server < servers; ++server) {
    add_server(desk, server);
  }
  desk.start();
  std::this_thread::sleep_for(pause);
  print("configured, none used:", desk);
  for (int server = 0; server < servers; ++server) {
    if (desk.answer_to(desk.say({"use a tool of " + name_of(server)})).text != "Used.") {
      throw std::runtime_error("the tool was not used");
    }
  }
  if (desk.query("SELECT count(*) FROM tool_calls WHERE state = 'done'") != std::to_string(servers)) {
    throw std::runtime_error("not every server was used");
  }
  std::this_thread::sleep_for(pause);
  print("each used once, all running:", desk);
  if (!quick) {
    std::this_thread::sleep_for(kIdle + std::chrono::seconds(10));
    print("each used once, all ended:", desk);
  }
  return desk.stop(SIGTERM);
}
