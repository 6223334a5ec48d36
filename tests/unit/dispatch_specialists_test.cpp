#include <doctest/doctest.h>

#include "base/error.h"
#include "config/config_file.h"
#include "dispatch/specialists.h"
#include "tests/support/text.h"

using support::contains;

namespace {

constexpr const char* kGood = R"(
[cli]
type = "command"
run = ["cli", "-"]
resume = ["cli", "--session", "{session}"]
session = "id"
result = "response"
output = "json"
)";

/// What is wrong with [specialist.cli]; empty where it is right.
std::string problem(const std::string& text) {
  try {
    dispatch::make_specialist("cli", config::parse_config(text, "f.toml", "/"), {});
    return {};
  } catch (const base::ConfigError& e) {
    return e.what();
  }
}

std::string with(std::string text, const std::string& line, const std::string& instead) {
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  return text.replace(at, line.size(), instead);
}

}  // namespace

TEST_CASE("the section of a command is checked, and what is wrong is named") {
  CHECK(problem(kGood).empty());
  CHECK(contains(problem("[cli]\nrun = [\"cli\"]\n"), "cli.type: is missing: \"command\" for another CLI"));
  CHECK(
      contains(problem(with(kGood, "type = \"command\"", "type = \"comand\"")), "did you mean \"command\"?"));
  CHECK(contains(problem(with(kGood, R"(run = ["cli", "-"])", "")), "cli.run: is missing"));
  CHECK(contains(problem(with(kGood, R"(["cli", "-"])", R"(["cli", "{prompt}"])")),
                 "to the command's standard input"));
  CHECK(contains(problem(with(kGood, R"(["cli", "-"])", R"(["cli", "-m", "{model}"])")),
                 "cli.model: is missing"));
  CHECK(contains(problem(with(kGood, "{session}", "last")), "cli.resume: has no {session}"));
  CHECK(contains(problem(with(kGood, "session = \"id\"", "")), "cli.session: is missing"));
  CHECK(contains(problem(with(kGood, "result = \"response\"", "")), "cli.result: is missing"));
  CHECK(
      contains(problem(with(kGood, "\"response\"", "\"type=x\"")), "cli.result: \"type=x\" names no value"));
  CHECK(contains(problem(with(kGood, "\"json\"", "\"xml\"")), "choose one of: jsonl, json"));
  CHECK(contains(problem(with(kGood, R"(["cli", "-"])", R"(["cli", "{Folder}"])")),
                 "{Folder} is not a placeholder"));
  CHECK(contains(problem(std::string(kGood) + "model = \"m\"\n"), "cli.model: has no effect"));
  CHECK(contains(problem(std::string(kGood) + "[cli.environment]\nX_API_KEY = \"sk-1234\"\n"),
                 "secrets do not go into this file"));
  CHECK(contains(problem(std::string(kGood) + "reslut = \"x\"\n"), "did you mean \"result\"?"));
  CHECK(contains(problem(std::string(kGood) + "[cli.environment]\nKEY = \"env:NO_SUCH_VARIABLE\"\n"),
                 "NO_SUCH_VARIABLE is not set"));
}

TEST_CASE("specialists are those that are configured, the usual one first") {
  const auto sections = config::parse_config(std::string(kGood) + "[claude-code]\nmodel = \"m\"\n", "f", "/");
  CHECK(dispatch::specialist_names(sections) == std::vector<std::string>{"claude-code", "cli"});
  const dispatch::Specialists both(sections, "cli", {});
  CHECK(both.usual().name() == "cli");
  REQUIRE(both.find("claude-code") != nullptr);
  CHECK(both.find("codex") == nullptr);
  // Claude Code needs no section to be the usual one, and is not there beside others without one.
  CHECK(dispatch::Specialists(config::parse_config("", "f", "/"), "claude-code", {}).all().size() == 1);
  CHECK(dispatch::Specialists(config::parse_config(kGood, "f", "/"), "cli", {}).all().size() == 1);
  CHECK_THROWS_AS(dispatch::specialist_names(config::parse_config("[\"../x\"]\n", "f", "/")),
                  base::ConfigError);
}

TEST_CASE("a second Claude Code can have a model of its own") {
  const auto sections =
      config::parse_config("[quick]\ntype = \"claude-code\"\nmodel = \"claude-haiku\"\n", "f", "/");
  CHECK(dispatch::make_specialist("quick", sections, {})->name() == "quick");
}
