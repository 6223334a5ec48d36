// What a server that is a program finds in its sandbox.
#include <filesystem>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "base/file.h"
#include "base/process/sandbox.h"
#include "llm/mcp/transport.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

namespace {

namespace fs = std::filesystem;

/// Everything that a program writes in the sandbox until it has ended, and how it did.
std::string end_of(const llm::mcp::ServerProgram& program, const fs::path& folder) {
  const auto server = llm::mcp::start_program(program, base::Sandbox({}, {}), folder);
  std::string written;
  CHECK(support::wait_until(
      [&] { return !server->look([&](const std::string& line) { written += line + "\n"; }); }));
  return written + server->how_it_ended();
}

bool sandbox_works() {
  const auto check = base::Sandbox::check();
  if (!check.works) {
    MESSAGE("not tested on this machine: " << check.detail);
  }
  return check.works;
}

llm::mcp::ServerProgram shell(const std::string& script) {
  llm::mcp::ServerProgram program;
  program.command = "sh";
  program.arguments = {"-c", script, "sh"};
  return program;
}

}  // namespace

TEST_CASE("a file that an argument names can be replaced where the server may write in its folder") {
  if (!sandbox_works()) {
    return;
  }
  const support::TemporaryFolder folder;
  const auto file = folder.write("all/kept/data.json", "old");
  auto program = shell(R"(echo new > "$1.part" && mv "$1.part" "$1")");
  program.arguments.push_back(file.string());
  program.readable = {folder.path() / "all"};
  program.state = {folder.path() / "all/kept"};
  CHECK(end_of(program, folder.path() / "own").starts_with("it ended with status 0"));
  CHECK(base::read_file(file) == "new\n");
}

TEST_CASE("a file that an argument names is shown alone where its folder is not, and cannot be changed") {
  if (!sandbox_works()) {
    return;
  }
  const support::TemporaryFolder folder;
  folder.write("scripts/secret.txt", "secret");
  auto program = shell(R"(cat "$1"; ls "${1%/*}"; echo more >> "$1")");
  program.arguments.push_back(folder.write("scripts/begin.sh", "begins\n").string());
  const auto end = end_of(program, folder.path() / "own");
  CHECK_MESSAGE(end.starts_with("begins\nbegin.sh\nit ended with status 2"), end);
}

TEST_CASE("a PATH of the server's own decides where its program is, and not where the sandbox is") {
  if (!sandbox_works()) {
    return;
  }
  const support::TemporaryFolder folder;
  const auto tool = folder.write("bin/tool", "#!/bin/sh\necho \"PATH is $PATH\"\n");
  fs::permissions(tool, fs::perms::owner_all);
  llm::mcp::ServerProgram program;
  program.command = "tool";
  program.environment = {{"PATH", tool.parent_path().string()}};
  const auto end = end_of(program, folder.path() / "own");
  CHECK_MESSAGE(end.starts_with("PATH is " + tool.parent_path().string() + "\nit ended with status 0"), end);
}
