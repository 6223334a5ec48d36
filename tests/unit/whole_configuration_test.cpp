#include "bot/runtime/whole_configuration.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"

// What every command of the program refuses, whatever it needs of the configuration.

namespace {

struct Fixture {
  support::Environment environment{"ANTHROPIC_API_KEY", "DISPATCH_PROJECTS_DIR", "DISPATCH_CC_BIN",
                                   "DISPATCH_TIMEOUT",  "DISPATCH_PERMISSION",   "FRONTDESK_CONFIG",
                                   "XDG_DATA_HOME",     "XDG_CONFIG_HOME"};
  support::TemporaryFolder folder;
  Fixture() { environment.set("HOME", folder.path().string()); }

  std::string write(const std::string& toml) { return folder.write("frontdesk.toml", toml).string(); }

  /// What a command of the shell says to that file; empty where it takes it.
  std::string shell_problem(const std::string& toml) {
    try {
      bot::runtime::load_shell_settings(write(toml));
      return {};
    } catch (const base::ConfigError& e) {
      return e.what();
    }
  }
};

constexpr const char* kSecretsElsewhere = R"toml(
[server]
metrics_token = "env:NOT_SET_HERE"
[secretary]
api_key = "env:NOT_SET_HERE"
guide = "of-the-bot-alone.md"
[[secretary.fallback]]
[chat.tg]
platform = "telegram"
token = "env:NOT_SET_HERE"
secret = "env:NOT_SET_HERE"
[chat.team]
platform = "slack"
bot_token = "env:NOT_SET_HERE"
signing_secret = "env:NOT_SET_HERE"
[chat.corp]
platform = "mattermost"
url = "https://chat.example.org"
token = "env:NOT_SET_HERE"
[chat.ops]
platform = "webhook"
secrets = ["file:new.secret", "file:old.secret"]
callback_url = "https://ops.example.org/frontdesk"
[mcp_servers.calendar]
url = "https://calendar.example.org"
bearer_token = "env:NOT_SET_HERE"
[admin]
password = "file:admin.secret"
[specialist.claude-code]
api_key = "env:NOT_SET_HERE"
[specialist.other]
type = "command"
run = ["other"]
result = "response"
[specialist.other.environment]
OTHER_KEY = "env:NOT_SET_HERE"
)toml";

}  // namespace

TEST_SUITE("whole_configuration") {
  TEST_CASE_FIXTURE(Fixture, "what names a chat section can stand in SECTION:ID and in an address") {
    for (const std::string name : {"a:b", "a/b", "", "a b", "a%b", ".", "..", "b\u00fcro", "a?b"}) {
      CAPTURE(name);
      const auto problem = shell_problem("[chat.\"" + name + "\"]\nplatform = \"web\"\n");
      CHECK(problem.ends_with(
          "frontdesk.toml:1: chat.\"" + name +
          "\": the name of a chat section is letters, digits, \"-\", \"_\" and \".\" alone"));
    }
    for (const std::string name : {"web", "Web-2", "my_team", "bot.example.org", "42"}) {
      CAPTURE(name);
      CHECK(shell_problem("[chat.\"" + name + "\"]\nplatform = \"web\"\n").empty());
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a trusted proxy that is no address is a warning at the start") {
    const auto warnings = [&](const std::string& proxies) {
      std::string all;
      for (const auto& warning : bot::runtime::load_settings(
                                     {.config = write("[server]\nbehind_proxy = true\n"
                                                      "trusted_proxies = " +
                                                      proxies + "\n"),
         .listen = {}}).warnings) {
        all += warning + "\n";
      }
      return all;
    };
    for (const std::string proxy : {"x", "10.0.0.0/8", "10.0.0.0/99", "proxy.example.org"}) {
      CHECK(warnings("[\"::1\", \"" + proxy + "\"]")
                .find("server.trusted_proxies: \"" + proxy + "\" is no address") != std::string::npos);
    }
    CHECK(warnings("[\"::1\", \"10.0.0.1\"]").find("trusted_proxies") == std::string::npos);
  }

  TEST_CASE_FIXTURE(Fixture, "the keys that are called valid are all that are") {
    const auto valid_beside = [&](const std::string& section) {
      return shell_problem(section + "xyzzyplugh = 1\n");
    };
    const std::string ops =
        "[chat.ops]\nplatform = \"webhook\"\nsecret = \"file:s\"\ncallback_url = \"http://127.0.0.1:1/\"\n";
    const std::string tg = "[chat.tg]\nplatform = \"telegram\"\ntoken = \"env:T\"\n";
    for (const auto& section : {ops, tg, std::string("[chat.web]\nplatform = \"web\"\n")}) {
      for (const std::string key : {"access", "max_waiting", "repair_buttons"}) {
        CAPTURE(section + key);
        CHECK(valid_beside(section).find(key) != std::string::npos);
      }
    }
    CHECK(valid_beside("[retention]\n").find("database_mb") != std::string::npos);
    CHECK(valid_beside("[routing.chat.\"web:1\"]\n").find("rule") != std::string::npos);
    CHECK(valid_beside("[routing]\n").find("prices") != std::string::npos);
  }

  TEST_CASE_FIXTURE(Fixture, "no section may be misspelt, whatever a command needs") {
    for (const auto& one : {
             std::pair{"[stor]\nurl = \"sqlite:x.db\"", "stor: unknown key; did you mean \"store\"?"},
             {"[dispach]\nsandbox = \"bwrap\"", "dispach: unknown key; did you mean \"dispatch\"?"},
             {"[roting]\nask_at = 0.1", "roting: unknown key; did you mean \"routing\"?"},
             {"[server]\nlisten = 5", "server.listen: must be a quoted string"},
             {"[server]\nlistn = \"127.0.0.1:1\"", "did you mean \"listen\"?"},
             {"[secretary]\nmodell = \"x\"", "did you mean \"model\"?"},
             {"[chat.web]\nplatform = \"web\"\ncolour = 1", "chat.web.colour: unknown key"},
             {"[chat.tg]\nplatform = \"telegram\"\ntoken = \"env:NOT_SET\"\ntransprt = \"polling\"",
              "did you mean \"transport\"?"},
             {"[chat.tg]\nplatform = \"telegram\"\ntoken = \"a literal\"",
              "secrets do not go into this file"},
             {"[retention]\nmessage = \"1d\"", "did you mean \"messages\"?"},
             {"[mcp_servers.x]\ncomand = \"y\"", "mcp_servers.x.comand: unknown key"},
             {"[admin]\npasword = \"env:X\"", "did you mean \"password\"?"},
             {"[dispatch]\nprojects_dir = \"\"", "dispatch.projects_dir: is empty"},
             {"[dispatch]\nsandbox_read = [\"\"]", "dispatch.sandbox_read: has an empty path"},
             {"[routing.user.\"web:\"]\nask_at = 0.3", "must be named \"<chat section>:<id>\""},
             {"[routing.chat.\":1\"]\nask_at = 0.3", "must be named \"<chat section>:<id>\""},
             {"[budget.chat.\"web:\"]\nusd_per_day = 1", "must be named \"<chat section>:<id>\""},
             {"[server]\npublic_url = \"https://bot.example.org/x?y\"",
              "server.public_url: must have no query"},
             {"[server]\npublic_url = \"https://bot.example.org/#y\"",
              "server.public_url: must have no query"},
             {"[store]\nurl = \"sqlite::memory:\"", "store.url: \"sqlite::memory:\""},
             {"[store]\nurl = \"sqlite:x?mode=ro\"", "without parameters"},
             {"[specialist.claude-code]\ncomand = \"x\"", "did you mean \"command\"?"},
         }) {
      const auto said = shell_problem(one.first);
      CHECK_MESSAGE(said.find(one.second) != std::string::npos, one.first, " gives: ", said);
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a command that needs no secret works where none can be read") {
    CHECK(shell_problem(kSecretsElsewhere) == "");
    const auto file = write(kSecretsElsewhere);
    CHECK(bot::runtime::load_settings_without_secrets({.config = file, .listen = {}}).chats.size() == 5);
    CHECK_THROWS_AS(bot::runtime::load_settings({.config = file, .listen = {}}), base::ConfigError);
  }

  TEST_CASE_FIXTURE(Fixture, "in demo mode a specialist that is not used is checked all the same") {
    for (const auto& [toml, problem] : {
             std::pair{"[specialist.x]\ntype = \"command\"", "specialist.x.run: is missing"},
             {"[specialist.x]", "specialist.x.type: is missing"},
         }) {
      const auto file = write(toml);
      CHECK_THROWS_WITH_AS(bot::runtime::load_settings({.config = file, .listen = {}}),
                           doctest::Contains(problem), base::ConfigError);
    }
    const auto file = write(
        "[specialist.x]\ntype = \"command\"\nrun = [\"x\"]\nresult = \"response\"\n[specialist.x.environment]\nX_KEY = "
        "\"env:NOT_SET\"");
    CHECK(bot::runtime::load_settings({.config = file, .listen = {}}).secretary.demo);
  }
}
