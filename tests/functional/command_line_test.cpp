// The program as a command among others in a shell.
#include <string>

#include <doctest/doctest.h>

#include "store/database.h"
#include "tests/support/files.h"
#include "tests/support/program/program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using support::contains;

namespace {

/// A folder with a configuration, in which a shell knows the program as $F.
struct Shell {
  support::TemporaryFolder folder;

  Shell() {
    configure("");
    const store::Database db(folder.path() / "bot.db");
  }

  void configure(const std::string& text) const {
    support::write_text(folder.path() / "frontdesk.toml", "[store]\nurl = \"sqlite:bot.db\"\n" + text);
  }

  support::Finished run(const std::string& script) const {
    support::Program program(
        {"/bin/sh", "-c", script}, folder.path(),
        {{"F", support::program_path("FRONTDESK_BIN")}, {"HOME", folder.path().string()}});
    const auto status = program.wait(support::kPatience);
    return {status.value_or(-1), program.output(), program.log()};
  }
};

}  // namespace

TEST_CASE("what could not be printed is a failure, but for a reader that has had enough") {
  const Shell shell;
  for (const char* const command :
       {"log export", "log head", "log list --json", "log verify", "log savings --json", "people list",
        "route hello --json", "manual", "completion bash", "--help", "log --help", "--version", "list --json",
        "eval turns.jsonl --json", "admin hash <password"}) {
    CAPTURE(std::string(command));
    support::write_text(shell.folder.path() / "password", "correct horse battery\n");
    support::write_text(shell.folder.path() / "turns.jsonl",
                        "{\"id\":\"a\",\"text\":\"hello\",\"label\":\"secretary\"}\n");
    const auto whole = shell.run("\"$F\" " + std::string(command));
    REQUIRE(whole.status == 0);
    const bool prints = !whole.output.empty();
    const auto full = shell.run("\"$F\" " + std::string(command) + " >/dev/full");
    CHECK(full.status == (prints ? 1 : 0));
    CHECK(contains(full.errors,
                   prints ? "frontdesk: standard output could not be written: No space left on device" : ""));
    CHECK(shell.run("\"$F\" " + std::string(command) + " >&-").status == (prints ? 1 : 0));
  }
  CHECK(shell.run("\"$F\" log nonsense >/dev/full").status == 2);
  const auto cut = shell.run("{ \"$F\" manual; echo $? >status; } | head -n 1 && cat status");
  CHECK(contains(cut.output, "\n0\n"));
  CHECK(cut.errors.empty());
}

TEST_CASE("every command takes --config, also before its name") {
  const Shell shell;
  shell.configure("[routing]\nask_at = 0.11\n");
  support::write_text(shell.folder.path() / "other.toml", "[store]\nurl = \"sqlite:bot.db\"\n");
  support::write_text(shell.folder.path() / "password", "correct horse battery\n");
  for (const char* const command :
       {"admin hash --config other.toml <password", "manual --config other.toml",
        "completion bash --config other.toml", "completion --config other.toml bash",
        "--config other.toml manual", "--config other.toml log list", "log --config other.toml list",
        "--config=other.toml log list --json", "people --config other.toml list",
        "log list --config other.toml"}) {
    CAPTURE(std::string(command));
    const auto run = shell.run("\"$F\" " + std::string(command));
    CHECK_MESSAGE(run.status == 0, run.errors);
  }
  CHECK(contains(shell.run("\"$F\" route hello --json").output, "\"ask_at\":0.11"));
  CHECK(contains(shell.run("\"$F\" --config other.toml route hello --json").output, "\"ask_at\":0.35"));
  CHECK(shell.run("\"$F\" --config nowhere.toml log list").status == 2);
}

TEST_CASE("an option before its command is told where it belongs, and no word is proposed for itself") {
  const Shell shell;
  for (const char* const command :
       {"--json route hello", "--limit=3 log list", "log --json list", "--demo serve"}) {
    CAPTURE(std::string(command));
    const auto refused = shell.run("\"$F\" " + std::string(command));
    CHECK(refused.status == 2);
    CHECK(contains(refused.errors, "belongs behind the command: frontdesk "));
    CHECK_FALSE(contains(refused.errors, "did you mean"));
  }
  CHECK(contains(shell.run("\"$F\" --config frontdesk.toml").errors, "a command is missing"));
  CHECK(contains(shell.run("\"$F\" log list --jsn").errors, "did you mean \"--json\"?"));
}
