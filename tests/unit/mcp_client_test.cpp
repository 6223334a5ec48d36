// The client of the Model Context Protocol: against the servers that people use, and against one that
// misbehaves.
#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "llm/mcp/client.h"
#include "tests/support/checkout.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using llm::mcp::Client;
using llm::mcp::ServerError;
using support::contains;

namespace {

namespace fs = std::filesystem;

struct Fixture {
  support::TemporaryFolder folder;

  static llm::mcp::ServerProgram program(const std::string& command,
                                         std::vector<std::string> arguments = {}) {
    llm::mcp::ServerProgram made;
    made.command = command;
    made.arguments = std::move(arguments);
    return made;
  }
  llm::mcp::ServerProgram fake(const std::string& mode) const {
    const auto script = fs::path(support::source_dir()) / "tests/fakes/mcp_server.mjs";
    return program("node", {script.string(), mode, log().string()});
  }
  llm::mcp::ServerProgram real(const std::string& name, std::vector<std::string> arguments = {}) const {
    return program(support::Environment::get("FRONTDESK_NPM_BIN") + "/" + name, std::move(arguments));
  }
  fs::path log() const { return folder.path() / "log"; }
  std::string said() const { return base::read_file_if_exists(log()).value_or(""); }

  std::unique_ptr<Client> start(const llm::mcp::ServerProgram& program, Client::Options options = {}) const {
    return std::make_unique<Client>(llm::mcp::start_program(program, {}, folder.path() / "state"), options);
  }
  std::unique_ptr<Client> connect(const llm::mcp::ServerProgram& program,
                                  const Client::Options& options = {}) const {
    auto client = start(program, options);
    client->connect({});
    return client;
  }
  std::unique_ptr<Client> connect(const std::string& mode, const Client::Options& options = {}) const {
    return connect(fake(mode), options);
  }
  /// What connect(), or a call after it, fails with.
  std::pair<ServerError::Kind, std::string> failure(const std::string& mode,
                                                    const Client::Options& options = {}) const {
    try {
      connect(mode, options)->call("read", "{}", {});
    } catch (const ServerError& error) {
      return {error.kind, error.what()};
    }
    FAIL("nothing failed");
    return {};
  }
};

constexpr Client::Options kShort{.timeout = std::chrono::milliseconds(600)};

const llm::mcp::Tool* find(const std::vector<llm::mcp::Tool>& tools, const std::string& name) {
  for (const auto& tool : tools) {
    if (tool.name == name) {
      return &tool;
    }
  }
  return nullptr;
}

}  // namespace

TEST_CASE_FIXTURE(
    Fixture, "the file server lists its tools with their hints, and reads a file in a folder that it may") {
  folder.write("notes/a.txt", "what is in it");
  const auto notes = (folder.path() / "notes").string();
  const auto client = connect(real("mcp-server-filesystem", {notes}));
  CHECK(client->revision() == "2025-11-25");
  const auto tools = client->tools({});
  const auto* const read = find(tools, "read_text_file");
  REQUIRE(read != nullptr);
  CHECK(read->hints.only_reads == true);
  CHECK(find(tools, "write_file")->hints.only_reads == false);
  CHECK(read->hash.size() == 16);
  const auto call = [&](const std::string& path) {
    return client->call("read_text_file", nlohmann::json{{"path", path}}.dump(), {});
  };
  const auto got = call(notes + "/a.txt");
  CHECK(got.text == "what is in it");  // once, though the server sends it twice
  CHECK(!got.failed);
  CHECK(call(notes + "/none.txt").failed);
  CHECK(call("/etc/passwd").failed);
}

TEST_CASE_FIXTURE(Fixture,
                  "the reference server answers with text and an image, and its first changes are none") {
  const auto client = connect(real("mcp-server-everything"));
  const auto tools = client->tools({});
  REQUIRE(find(tools, "echo") != nullptr);
  CHECK(contains(client->call("echo", R"({"message":"hello"})", {}).text, "hello"));
  const auto image = client->call("get-tiny-image", "{}", {});
  CHECK(contains(image.text, "[image image/png, "));
  CHECK(image.text.size() < 1'000);
  CHECK(client->call("no-such-tool", "{}", {}).failed);
  const auto again = client->tools({});
  CHECK(again.size() == tools.size());
  CHECK(find(again, "echo")->hash == find(tools, "echo")->hash);
}

TEST_CASE_FIXTURE(Fixture, "the memory server keeps what it is told one after the other") {
  auto server = real("mcp-server-memory");
  server.environment = {{"MEMORY_FILE_PATH", (folder.path() / "memory.jsonl").string()}};
  const auto client = connect(server);
  for (const char* name : {"Ada", "Bob"}) {
    const nlohmann::json entity = {{"name", name}, {"entityType", "person"}, {"observations", {"knows Go"}}};
    CHECK(!client->call("create_entities", nlohmann::json{{"entities", {entity}}}.dump(), {}).failed);
  }
  const auto graph = client->call("read_graph", "{}", {});
  CHECK(contains(graph.text, "Ada"));
  CHECK(contains(graph.text, "Bob"));
}

TEST_CASE_FIXTURE(Fixture, "a server of the newest revision is asked without a handshake") {
  const auto client = connect("modern");
  CHECK(client->is_stateless());
  CHECK(client->tools({}).size() == 3);
  CHECK(client->call("read", R"({"text":"it"})", {}).text == "read got it");
  CHECK(!contains(said(), "\"initialize\""));
  CHECK(contains(said(), R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")"));
}

TEST_CASE_FIXTURE(Fixture, "a server that does not know the newest revision is greeted as of old") {
  for (const auto* const mode : {"plain", "silent"}) {
    CAPTURE(mode);
    const auto client = connect(mode, {.timeout = std::chrono::milliseconds(3'000)});
    CHECK(client->revision() == "2025-06-18");
    CHECK(client->call("read", R"({"text":"it"})", {}).text == "read got it");
  }
}

TEST_CASE_FIXTURE(Fixture, "pages are put together, and a tool that comes twice counts once") {
  CHECK(connect("pages")->tools({}).size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "what a server does wrong is one sentence, and nothing waits for ever") {
  using Kind = ServerError::Kind;
  const auto check = [&](const char* mode, Kind kind, const std::string& part,
                         const Client::Options& options = {}) {
    CAPTURE(mode);
    const auto failed = failure(mode, options);
    CHECK(failed.first == kind);
    CHECK_MESSAGE(contains(failed.second, part), failed.second);
  };
  check("exits", Kind::ended,
        "it ended with status 1 (last words: Error: connect ECONNREFUSED 127.0.0.1:5232)");
  check("never", Kind::timeout, "it did not answer in time", kShort);
  check("flood", Kind::unreadable, "floods its output with what is no message (\"no JSON\")");
  check("huge", Kind::unreadable, "it answered with more than anybody reads");
  check("dies", Kind::ended, "it ended with status 3");
  check("strict", Kind::ended, "it ended with status 2");
  check("slow", Kind::timeout, "it did not answer in time", {.timeout = std::chrono::milliseconds(900)});
  CHECK(contains(said(), "notifications/cancelled"));
  CHECK_THROWS_AS(connect(program("no-such-program")), ServerError);
}

TEST_CASE_FIXTURE(Fixture, "a server that writes without end holds nobody up") {
  const Client::Options options{.timeout = std::chrono::milliseconds(1'500)};
  CHECK(failure("chatters", options).first == ServerError::Kind::timeout);
  CHECK(failure("nags", options).second == "it asks without end instead of answering");
  const auto client = connect("runs-on");
  CHECK_FALSE(client->call("read", "{}", {}).failed);
  CHECK(support::wait_until([&] { return !client->is_there(); }));
}

TEST_CASE_FIXTURE(Fixture, "a banner before the first message does no harm") {
  CHECK(connect("rubbish")->call("read", R"({"text":"it"})", {}).text == "read got it");
}

TEST_CASE_FIXTURE(Fixture, "progress lets a call go on beyond its time") {
  CHECK(connect("progress", {.timeout = std::chrono::seconds(3)})->call("read", "{}", {}).text == "at last");
}

TEST_CASE_FIXTURE(
    Fixture, "however often a server tells of progress, a call may take five times its time, and no longer") {
  CHECK(connect("busy", {.timeout = std::chrono::seconds(2)})->call("read", "{}", {}).text == "after much");
  CHECK_THROWS_AS(connect("busy", {.timeout = std::chrono::milliseconds(300)})->call("read", "{}", {}),
                  const llm::mcp::ServerError&);
}

TEST_CASE_FIXTURE(Fixture, "what a server asks for is declined, and a ping is answered") {
  CHECK(connect("asks")->call("read", "{}", {}).text == "-32601 {}");
}

TEST_CASE_FIXTURE(Fixture, "a text that begins with Error is a failure, whatever the server calls it") {
  const auto result = connect("words")->call("read", "{}", {});
  CHECK(result.failed);
  CHECK(result.text == "Error: the mailbox is full");
}

TEST_CASE_FIXTURE(Fixture, "the end of the program ends a call at once") {
  const auto client = connect("slow");
  std::stop_source stop;
  const std::jthread later([&] {
    while (!contains(said(), "tools/call")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    stop.request_stop();
  });
  CHECK_THROWS_AS(client->call("read", "{}", stop.get_token()), base::Stopped);
}

TEST_CASE_FIXTURE(Fixture, "a child sees what its section names of the environment, and no more") {
  support::Environment environment;
  environment.set("CANARY_OF_OURS", "canary-4711");
  auto server = fake("env");
  server.environment = {{"FOR_IT", "given"}};
  const auto text = connect(server)->call("read", "{}", {}).text;
  CHECK(contains(text, "\"FOR_IT\":\"given\""));
  CHECK(!contains(text, "canary-4711"));
}
