#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/error.h"
#include "bot/runtime/changed_keys.h"
#include "config/config_file.h"
#include "tests/support/files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace {

using Paths = std::vector<std::string>;

struct File {
  support::TemporaryFolder folder;

  config::Values read(const std::string& text) const {
    const auto path = folder.path() / "frontdesk.toml";
    support::write_text(path, text);
    return config::configured_values(path);
  }
  Paths waiting(const std::string& before, const std::string& after) const {
    const auto running = read(before);
    return bot::runtime::keys_that_wait(running, read(after));
  }
};

}  // namespace

TEST_CASE("keys that were changed, added or taken out wait for a restart, each by its path") {
  const File file;
  CHECK(file.waiting("[server]\nlisten = \"127.0.0.1:1\"\n", "[server]\nlisten = \"127.0.0.1:2\"\n") ==
        Paths{"server.listen"});
  CHECK(file.waiting("", "[dispatch]\nconcurrency = 3\n") == Paths{"dispatch.concurrency"});
  CHECK(file.waiting("[chat.ops]\nplatform = \"webhook\"\ncallback_url = \"http://a\"\n", "") ==
        Paths{"chat.ops.callback_url", "chat.ops.platform"});
  CHECK(file.waiting("[dispatch]\nallowed_tools = [\"a\"]\n",
                     "[dispatch]\nallowed_tools = [\"a\", \"b\"]\n") == Paths{"dispatch.allowed_tools"});
  CHECK(file.waiting("[[secretary.fallback]]\nmodel = \"a\"\n", "[[secretary.fallback]]\nmodel = \"b\"\n") ==
        Paths{"secretary.fallback[0].model"});
  // Another layout of the same values is no change.
  CHECK(file.waiting("[server]\nlisten = \"a:1\"  # so\n", "server = { listen = 'a:1' }\n") == Paths{});
}

TEST_CASE("keys that SIGHUP brings into force do not wait, under whatever section") {
  const File file;
  CHECK(
      file.waiting("[routing]\nask_at = 0.1\n[budget]\nusd_per_day = 1\n",
                   "[routing]\nask_at = 0.2\n[routing.chat.\"tg:-1\"]\nask_at = 0.3\n[budget.chat.\"a:1\"]\n"
                   "usd_per_day = 2\n") == Paths{});
  CHECK(file.waiting("[chat.\"a.b\"]\nallow = [\"1\"]\nurl = \"x\"\n",
                     "[chat.\"a.b\"]\nallow = [\"2\"]\nadmins = [\"2\"]\nmax_waiting = 5\nurl = \"y\"\n") ==
        Paths{"chat.\"a.b\".url"});
  CHECK(file.waiting(
            "[mcp_servers.a]\ncommand = \"x\"\npeople = [\"*\"]\n",
            "[mcp_servers.a]\ncommand = \"y\"\npeople = [\"b:1\"]\nplaces = \"direct\"\n[mcp_servers.a.env]\n"
            "people = \"1\"\n") == Paths{"mcp_servers.a.command", "mcp_servers.a.env.people"});
  // The same names elsewhere are other keys.
  CHECK(file.waiting("[other]\nallow = [\"1\"]\n", "[other]\nallow = [\"2\"]\n") == Paths{"other.allow"});
}

TEST_CASE("a secret that was changed in its file waits, and is in no value") {
  const File file;
  const std::string text =
      "[server]\nmetrics_token = \"file:metrics.secret\"\n[chat.ops]\nsecrets = [\"file:a\", \"file:b\"]\n";
  const auto missing = file.read(text);
  support::write_text(file.folder.path() / "metrics.secret", "first-secret");
  support::write_text(file.folder.path() / "b", "one");
  const auto before = file.read(text);
  CHECK(bot::runtime::keys_that_wait(missing, before) == Paths{"chat.ops.secrets", "server.metrics_token"});
  support::write_text(file.folder.path() / "metrics.secret", "second-secret");
  const auto after = file.read(text);
  CHECK(bot::runtime::keys_that_wait(before, after) == Paths{"server.metrics_token"});
  CHECK(bot::runtime::keys_that_wait(after, file.read(text)) == Paths{});
  CHECK_FALSE(support::contains(after.at("server.metrics_token"), "second-secret"));
}

TEST_CASE("what is no TOML is an error with its place, and no file has no values") {
  const File file;
  CHECK_THROWS_AS(file.read("[server\n"), base::ConfigError);
  CHECK(config::configured_values({}).empty());
}
