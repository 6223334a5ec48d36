#include <filesystem>
#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/log.h"
#include "config/config_file.h"
#include "config/section.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

using support::contains;

namespace config {
namespace {

Section parse(const std::string& text, const std::filesystem::path& folder = "/nowhere") {
  return parse_config(text, "frontdesk.toml", folder);
}

/// What the ConfigError says, or "no error".
std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const base::ConfigError& e) {
    return e.what();
  }
  return "no error";
}

TEST_CASE("values of every type are read, and fallbacks where there is none") {
  auto section = parse("a = \"text\"\nb = 3\nc = 0.5\nd = true\ne = [\"x\", \"y\"]\nf = 20\n");
  CHECK(section.string("a", "") == "text");
  CHECK(section.integer("b", 0, 0, 10) == 3);
  CHECK(section.number("c", 0, 0, 1) == 0.5);
  CHECK(section.boolean("d", false));
  CHECK(section.strings("e", {}) == std::vector<std::string>{"x", "y"});
  CHECK(section.seconds("f", std::chrono::seconds(1)) == std::chrono::seconds(20));
  CHECK(section.string("missing", "fallback") == "fallback");
  CHECK(section.integer("missing", 7, 0, 10) == 7);
  CHECK_FALSE(section.optional_number("missing", 0, 1).has_value());
  CHECK(error_of([&] { section.finish(); }) == "no error");
}

TEST_CASE("a whole number is taken where a number is wanted") {
  CHECK(parse("usd = 20\n").number("usd", 0, 0, 100) == 20.0);
}

TEST_CASE("an unknown key is refused with file, line, key path and the nearest valid key") {
  auto section = parse("\n[routing]\nask_at = 0.3\ndispach_at = 0.9\n").child("routing");
  section.number("ask_at", 0.35, 0, 1);
  section.number("dispatch_at", 0.75, 0, 1);
  CHECK(error_of([&] { section.finish(); }) ==
        "frontdesk.toml:4: routing.dispach_at: unknown key; did you mean \"dispatch_at\"?");
}

TEST_CASE("an unknown key that is near none is refused with the keys that are valid") {
  auto section = parse("[store]\nzzzzzzzz = 1\n").child("store");
  section.string("url", "");
  CHECK(error_of([&] { section.finish(); }) ==
        "frontdesk.toml:2: store.zzzzzzzz: unknown key; valid here: url");
}

TEST_CASE("an unknown table of the file is refused with the nearest one") {
  auto root = parse("[secretery]\nmodel = \"x\"\n");
  root.child("secretary");
  CHECK(error_of([&] { root.finish(); }) ==
        "frontdesk.toml:1: secretery: unknown key; did you mean \"secretary\"?");
}

TEST_CASE("a wrong type is refused with file, line and key path") {
  auto section =
      parse("[server]\nlisten = 8787\nport = \"x\"\non = 1\nlist = [1]\nrate = \"y\"\n").child("server");
  CHECK(error_of([&] { section.string("listen", ""); }) ==
        "frontdesk.toml:2: server.listen: must be a quoted string");
  CHECK(contains(error_of([&] { section.integer("port", 0, 0, 1); }), "frontdesk.toml:3: server.port: "));
  CHECK(contains(error_of([&] { section.boolean("on", false); }), "server.on: must be true or false"));
  CHECK(contains(error_of([&] { section.strings("list", {}); }), "server.list: must be a list"));
  CHECK(contains(error_of([&] { section.number("rate", 0, 0, 1); }), "server.rate: must be a number"));
}

TEST_CASE("a number out of range is refused, and so is one that is not a number") {
  auto section = parse("p = 1.5\nq = nan\nr = inf\nn = -1\n");
  CHECK(contains(error_of([&] { section.number("p", 0, 0, 1); }), "must be between 0 and 1"));
  CHECK(contains(error_of([&] { section.number("q", 0, 0, 1); }), "must be between 0 and 1"));
  CHECK(contains(error_of([&] { section.number("r", 0, 0, 1); }), "must be between 0 and 1"));
  CHECK(contains(error_of([&] { section.seconds("n", std::chrono::seconds(1)); }), "must be between 0 and"));
}

TEST_CASE("a value where a table is wanted, and a table where a value is wanted, are refused") {
  auto root = parse("server = 1\n[store]\n");
  CHECK(contains(error_of([&] { root.child("server"); }), "server: must be a table: [server]"));
  CHECK(contains(error_of([&] { root.string("store", ""); }), "store: must be a quoted string"));
}

TEST_CASE("one_of names the nearest valid value") {
  auto section = parse("access = \"paring\"\n");
  const auto error = error_of([&] { section.one_of("access", "open", {"pairing", "allowlist", "open"}); });
  CHECK(contains(error, "did you mean \"pairing\"?"));
  CHECK(contains(error, "allowlist"));
}

TEST_CASE("text that is not TOML is refused with file, line and column") {
  CHECK(contains(error_of([] { parse("[server]\nlisten = \n"); }), "frontdesk.toml:2:"));
}

TEST_CASE("the tables below a key come as sections with their own path") {
  auto root = parse("[chat.web]\nplatform = \"web\"\n[chat.\"a b\"]\nplatform = \"telegram\"\n");
  auto chats = root.children("chat");
  REQUIRE(chats.size() == 2);
  for (auto& [name, section] : chats) {
    CHECK(section.path() == (name == "web" ? "chat.web" : "chat.\"a b\""));
    CHECK_FALSE(section.required_string("platform").empty());
  }
}

TEST_CASE("the tables below a key come in the order of the file") {
  auto root = parse("[chat.web]\n[chat.tg]\n[chat.another]\n");
  std::string order;
  for (const auto& [name, section] : root.children("chat")) {
    order += name + " ";
  }
  CHECK(order == "web tg another ");
}

TEST_CASE("a literal secret is refused and its text is not repeated") {
  auto section = parse("token = \"123456:abcdefgh\"\n");
  const auto error = error_of([&] { section.optional_secret("token"); });
  CHECK(contains(error, "frontdesk.toml:1: token: "));
  CHECK(contains(error, "env:NAME"));
  CHECK_FALSE(contains(error, "abcdefgh"));
}

TEST_CASE("a secret of the environment is read and redacted from then on") {
  support::Environment environment;
  environment.set("CONFIG_TEST_SECRET", "s3cret-of-the-environment");
  auto section = parse("token = \"env:CONFIG_TEST_SECRET\"\n");
  CHECK(section.optional_secret("token") == "s3cret-of-the-environment");
  CHECK(base::redacted("it is s3cret-of-the-environment!") == "it is [secret]!");
}

TEST_CASE("a secret of the environment that is not set or empty is refused by name") {
  support::Environment environment({"CONFIG_TEST_SECRET"});
  auto section = parse("token = \"env:CONFIG_TEST_SECRET\"\n");
  CHECK(contains(error_of([&] { section.optional_secret("token"); }), "CONFIG_TEST_SECRET"));
  environment.set("CONFIG_TEST_SECRET", "");
  CHECK(contains(error_of([&] { section.optional_secret("token"); }), "CONFIG_TEST_SECRET"));
}

TEST_CASE("a secret without the name of where it stands is refused as that") {
  for (const std::string kind : {"env:", "file:", "env: "}) {
    auto section = parse("token = \"" + kind + "\"\n");
    CHECK(contains(error_of([&] { section.optional_secret("token"); }),
                   kind == "file:" ? "token: \"file:\" names no file; write \"file:PATH\""
                                   : "token: \"env:\" names no variable; write \"env:NAME\""));
  }
}

TEST_CASE("white space is no secret, and none is left around one") {
  support::Environment environment;
  auto section = parse("token = \"env:CONFIG_TEST_SECRET\"\n");
  for (const auto* blank : {" ", "\n", " \t\r\n"}) {
    environment.set("CONFIG_TEST_SECRET", blank);
    CHECK(contains(error_of([&] { section.required_secret("token"); }), "the secret is empty"));
  }
  environment.set("CONFIG_TEST_SECRET", "abc-of-the-environment\n");
  CHECK(section.required_secret("token") == "abc-of-the-environment");
}

TEST_CASE("a key that must be there and is misspelt is named, with what it should be") {
  auto section = parse("tokn = \"env:X\"\nplatfrm = \"telegram\"\ncolour = \"red\"\n");
  CHECK(contains(error_of([&] { section.required_secret("token"); }),
                 "tokn: unknown key; did you mean \"token\"?"));
  CHECK(contains(error_of([&] { section.required_string("platform"); }), "platfrm: unknown key"));
  CHECK(contains(error_of([&] { section.required_string("public_key"); }), "public_key: is missing"));
}

TEST_CASE("a secret file is read beside the configuration, without its line end") {
  const support::TemporaryFolder folder;
  folder.write("ops.secret", "whsec_fromafile\n");
  auto section = parse("secret = \"file:ops.secret\"\nother = \"file:gone.secret\"\nblank = \"file:blank\"\n",
                       folder.path());
  CHECK(section.required_secret("secret") == "whsec_fromafile");
  CHECK(contains(error_of([&] { section.required_secret("other"); }), "gone.secret"));
  folder.write("blank", " \n");
  CHECK(contains(error_of([&] { section.required_secret("blank"); }), "the secret is empty"));
}

TEST_CASE("a secret that is being changed stands in a list, the new one first") {
  const support::TemporaryFolder folder;
  folder.write("new", "new-secret\n");
  folder.write("old", "old-secret\n");
  const auto read = [&](const std::string& text) { return parse(text, folder.path()); };
  CHECK(read("secrets = [\"file:new\", \"file:old\"]").required_secrets("secret") ==
        std::vector<std::string>{"new-secret", "old-secret"});
  CHECK(read("secret = \"file:new\"").required_secrets("secret") == std::vector<std::string>{"new-secret"});
  CHECK(read("").secrets("secret").empty());
  CHECK(contains(error_of([&] { read("").required_secrets("secret"); }), "secret: is missing"));
  CHECK(contains(error_of([&] { read("secrets = []").required_secrets("secret"); }), "secrets: is empty"));
  CHECK(contains(error_of([&] { read("secrets = [\"literal\"]").required_secrets("secret"); }),
                 "secrets do not go into this file"));
  CHECK(contains(
      error_of([&] { read("secret = \"file:new\"\nsecrets = [\"file:old\"]").required_secrets("secret"); }),
      "secrets: stands beside secret"));
}

TEST_CASE("secrets that nobody asks for can be made known, wherever they stand") {
  const support::TemporaryFolder folder;
  folder.write("one", "secret-number-one\n");
  folder.write("two", "secret-number-two\n");
  parse(
      "[a.b]\nkey = \"file:one\"\n[c]\nkeys = [\"file:two\", \"file:gone\", \"env:NOT_THERE\"]\nplain = \"text\"\n",
      folder.path())
      .redact_all();
  CHECK(base::redacted("secret-number-one, secret-number-two, text") == "[secret], [secret], text");
}

TEST_CASE("a missing secret is nothing, or an error where it is required") {
  auto section = parse("");
  CHECK_FALSE(section.optional_secret("token").has_value());
  CHECK(contains(error_of([&] { section.required_secret("token"); }), "token: is missing"));
}

TEST_CASE("relative paths are relative to the file, ~ is the home folder") {
  auto section = parse("a = \"x/../guide.md\"\nb = \"/abs\"\nc = \"~/guide.md\"\n", "/etc/frontdesk");
  CHECK(section.file_path("a", "") == "/etc/frontdesk/guide.md");
  CHECK(section.file_path("b", "") == "/abs");
  CHECK(section.file_path("missing", "d") == "/etc/frontdesk/d");
  CHECK(section.file_path("c", "").is_absolute());
}

TEST_CASE("a file that was asked for and does not exist is an error that says who asked") {
  support::Environment environment;
  CHECK(contains(error_of([] { find_config_file("/nowhere/frontdesk.toml"); }), "--config"));
  environment.set("FRONTDESK_CONFIG", "/nowhere/other.toml");
  CHECK(contains(error_of([] { find_config_file(""); }), "FRONTDESK_CONFIG"));
}

TEST_CASE("--config wins over FRONTDESK_CONFIG") {
  support::Environment environment;
  const support::TemporaryFolder folder;
  folder.write("a.toml", "");
  environment.set("FRONTDESK_CONFIG", "/nowhere/other.toml");
  CHECK(find_config_file(folder.path() / "a.toml") == folder.path() / "a.toml");
}

TEST_CASE("without a file there are the embedded defaults") {
  auto section = load_config_file(std::nullopt);
  CHECK(section.child("server").string("listen", "127.0.0.1:8787") == "127.0.0.1:8787");
}

}  // namespace
}  // namespace config
