// The configurations in docs/specialists.md, over what the real CLIs wrote (recorded with codex 0.169.0,
// opencode 1.18.33 and gemini-cli 0.61.0).
#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "config/config_file.h"
#include "dispatch/specialists.h"
#include "tests/support/checkout.h"
#include "tests/support/environment.h"
#include "tests/support/files.h"
#include "tests/support/program/program.h"

using dispatch::Event;
using dispatch::Outcome;

namespace {

namespace fs = std::filesystem;

constexpr const char* kGemini = R"(
[specialist.gemini]
type = "command"
run = ["gemini", "-o", "json"]
output = "json"
session = "session_id"
result = "response"
error = "error.message"
input_tokens = "stats.models.*.tokens.prompt"
cached_tokens = "stats.models.*.tokens.cached"
output_tokens = ["stats.models.*.tokens.candidates", "stats.models.*.tokens.thoughts"]
)";

/// The TOML block of docs/specialists.md that begins with [specialist.<name>].
std::string documented(const std::string& name) {
  const auto page = support::read_text(support::source_dir() + "/docs/specialists.md");
  const auto from = page.find("```toml\n[specialist." + name + "]\n");
  REQUIRE(from != std::string::npos);
  const auto begin = from + 8;
  return page.substr(begin, page.find("```", begin) - begin);
}

/// A PATH on which the CLI called `name` runs that script after it has read its prompt.
class Recorded {
 public:
  Recorded(const std::string& name, const std::string& script) {
    const auto program = folder_.path() / "bin" / name;
    fs::create_directories(program.parent_path());
    fs::create_directories(project());
    support::write_text(program, "#!/bin/sh\ncat >/dev/null\n" + script + "\n");
    fs::permissions(program, fs::perms::owner_all);
    environment_.set("PATH", program.parent_path().string() + ":" + support::Environment::get("PATH"));
    environment_.set("OPENAI_API_KEY", "a-key-of-openai");
  }

  fs::path project() const { return folder_.path() / "project"; }

  dispatch::Report run(const std::string& name, const std::string& toml) {
    auto root = config::parse_config(toml, "docs/specialists.md", folder_.path());
    const auto specialist = dispatch::make_specialist(name, root.child("specialist"), {});
    dispatch::Task task;
    task.folder = project();
    task.prompt = "write hello";
    return specialist->run(task,
                           [this](const Event& event) {
                             if (event.kind == Event::Kind::tool_used) {
                               steps += event.tool + ": " + event.text + "\n";
                             }
                           },
                           {});
  }

  std::string steps;

 private:
  support::TemporaryFolder folder_;
  support::Environment environment_;
};

std::string cat(const std::string& fixture) {
  return fmt::format("cat '{}/tests/fixtures/{}'", support::source_dir(), fixture);
}

}  // namespace

TEST_CASE("the documented Codex reads what Codex wrote") {
  Recorded recorded("codex", cat("codex_exec.jsonl"));
  const auto report = recorded.run("codex", documented("codex"));
  CHECK(report.outcome == Outcome::success);  // an item of type "error" in it is none
  CHECK(report.text == "default answer");
  CHECK(report.session_id == "01a2058d-493b-7e01-bd96-df53c1389ac2");
  CHECK(report.tokens.input == 1100);
  CHECK(report.tokens.output == 60);
  CHECK(report.usd_is_of_session);
  CHECK(recorded.steps == "Bash: /bin/bash -lc 'echo hello > out.txt; cat out.txt'\n");
}

TEST_CASE("the documented Codex tells a refused key") {
  Recorded recorded("codex", R"sh(echo '{"type":"thread.started","thread_id":"01a2"}'
echo '{"type":"error","message":"Reconnecting... 1/1 (unexpected status 401 Unauthorized: Incorrect API key provided)"
}'
echo '{"type":"turn.failed","error":{"message":"unexpected status 401 Unauthorized: Incorrect API key provided"}}'
exit 1)sh");
  const auto report = recorded.run("codex", documented("codex"));
  CHECK(report.outcome == Outcome::error);
  CHECK(report.problem.starts_with("codex is not logged in, or its key was refused."));
}

TEST_CASE("the documented opencode reads what opencode wrote") {
  Recorded recorded("opencode", cat("opencode_run.jsonl"));
  const auto report = recorded.run("opencode", documented("opencode"));
  CHECK(report.outcome == Outcome::success);
  CHECK(report.text == "default answer");
  CHECK(report.session_id == "ses_dfa6eb5d6ffeBJ0nyQWBU6LFm1");
  CHECK(report.tokens.input == 1100);
  CHECK(report.tokens.output == 60);
  CHECK_FALSE(report.usd_is_estimate);
  CHECK(recorded.steps == "Bash: echo hello > out.txt; cat out.txt\n");
}

TEST_CASE("an answer of opencode's that was cut at its longest is no success, and is kept") {
  for (const bool says_so : {true, false}) {
    auto toml = documented("opencode");
    if (!says_so) {  // as the page had it before there was the key
      toml.erase(toml.find("\ncut = "), toml.find('\n', toml.find("\ncut = ") + 1) - toml.find("\ncut = "));
    }
    Recorded recorded("opencode",
                      cat("opencode_run.jsonl") + R"( | sed 's/"reason":"stop"/"reason":"length"/')");
    const auto report = recorded.run("opencode", toml);
    CHECK(report.outcome == Outcome::error);
    CHECK(report.problem.starts_with("Its answer was cut off"));
    CHECK(report.text == "default answer");
  }
}

TEST_CASE("one JSON value at the end is read, and an error that stands on the error output") {
  {
    Recorded recorded("gemini", "echo 'a word before it'\n" + cat("gemini_json.json"));
    const auto report = recorded.run("gemini", kGemini);
    CHECK(report.outcome == Outcome::success);
    CHECK(report.text == "default answer");
    CHECK(report.tokens.input == 1100);
    CHECK(report.tokens.output == 60);
  }
  Recorded recorded("gemini",
                    R"(printf 'Warning: {no} color\n{\n "error": {"message": "API key not valid"}\n}\n' >&2
exit 145)");
  const auto report = recorded.run("gemini", kGemini);
  CHECK(report.outcome == Outcome::error);
  CHECK(report.problem.starts_with("gemini is not logged in"));
}
