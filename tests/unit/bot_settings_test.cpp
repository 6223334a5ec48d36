#include <algorithm>
#include <regex>
#include <sstream>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/file.h"
#include "bot/chat/capabilities.h"
#include "bot/cli/init.h"
#include "bot/platforms/chat_platforms.h"
#include "bot/runtime/settings.h"
#include "dispatch/specialists.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;

struct Fixture {
  support::Environment environment{"ANTHROPIC_API_KEY", "DISPATCH_PROJECTS_DIR", "DISPATCH_CC_BIN",
                                   "DISPATCH_TIMEOUT",  "DISPATCH_PERMISSION",   "FRONTDESK_CONFIG",
                                   "XDG_DATA_HOME",     "XDG_CONFIG_HOME"};
  support::TemporaryFolder folder;
  bot::runtime::Flags flags;
  Fixture() { environment.set("HOME", folder.path().string()); }

  bot::runtime::Settings load(const std::string& toml) {
    flags.config = folder.write("conf/frontdesk.toml", toml).string();
    return bot::runtime::load_settings(flags);
  }
};

// Every section of the program's own, and the chat service that needs no account anywhere.
constexpr const char* kContract = R"toml(
[server]
listen = "127.0.0.1:8787"        # another address than loopback is refused unless behind_proxy = true
behind_proxy = false             # TLS is the proxy's work
trusted_proxies = ["127.0.0.1"]
public_url = "https://bot.example.org"
shutdown_grace_s = 20

[store]
url = "sqlite:frontdesk.db"

[secretary]
provider = "anthropic"
model = "claude-haiku-4-5"
base_url = "https://api.anthropic.com"
api_key = "file:anthropic.secret"
usd_per_million_input = 1.0
usd_per_million_output = 5.0
guide = "dispatch-guide.md"
timezone = "Europe/Zurich"

[routing]
ask_at = 0.35
dispatch_at = 0.75
[routing.chat."tg:-100123"]
dispatch_at = 0.9
[routing.user."tg:12345678"]
ask_at = 0.5
[budget]
usd_per_day = 20.0
usd_per_user_per_day = 5.0
alert_at = [0.8, 1]

[retention]
messages = "365d"
events = "90d"
database_mb = 4096

[dispatch]
projects_dir = "~/dispatch-projects"
specialist = "claude-code"
timeout_s = 600
permission = "acceptEdits"
concurrency = 2
allowed_tools = ["Bash(pytest:*)"]
sandbox = "auto"
sandbox_read = ["~/.gitconfig"]
approval_timeout_s = 600
[specialist.claude-code]
command = "claude"
model = ""
base_url = ""
api_key = ""

[chat.web]
platform = "web"
[chat.ops]
platform = "webhook"
access = "allowlist"
allow = ["12345678"]
secret = "file:ops.secret"
callback_url = "https://ops.example.org/frontdesk"

[admin]
password = "file:admin.secret"

[mcp_servers.calendar]
command = "npx"
args = ["-y", "caldav-mcp@0.10.0"]
allow = ["list-*"]
ask = ["create-event"]
reads = ["list-*"]
people = ["web:local"]
places = "direct"
timeout_s = 30
idle_s = 300
network = true
readable = ["~/.config/caldav"]
state = ["~/.cache/caldav/"]
[mcp_servers.calendar.env]
CALDAV_BASE_URL = "https://cal.example.org"
CALDAV_PASSWORD = "file:anthropic.secret"
[mcp_servers.calendar.read_back]
create-event = { tool = "list-events", with = { calendarUrl = "{calendarUrl}" } }
)toml";

TEST_CASE_FIXTURE(Fixture, "a wrong key of a fallback is refused with its place in the list") {
  struct Row {
    const char* toml;
    const char* problem;
  };
  const Row rows[] = {
      {"[secretary]\nprovider = \"demo\"\n[[secretary.fallback]]\nprovider = \"openai\"",
       "secretary.fallback[0].model: is missing"},
      {"[[secretary.fallback]]\nprovider = \"openai\"\nmodel = \"m\"\n[[secretary.fallback]]\nprovidr = \"openai\"",
       "secretary.fallback[1].providr: unknown key; did you mean \"provider\"?"},
      {"[[secretary.fallback]]\nprovider = \"demo\"", "secretary.fallback[0].provider"},
      {"[[secretary.fallback]]\nprovider = \"openai\"\nmodel = 5", "secretary.fallback[0].model"},
      {"[[secretary.fallback]]\nmodel = \"m\"", "secretary.fallback[0].api_key: is missing"},
      {"[[secretary.fallback]]\nprovider = \"openai\"\nmodel = \"m\"\napi_key = \"sk-literal\"",
       "secretary.fallback[0].api_key"},
      {"[[secretary.fallback]]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"localhost\"",
       "secretary.fallback[0].base_url"},
      {"[secretary.fallback]\nmodel = \"m\"", "secretary.fallback: must be a list of tables"},
      {"[secretary]\nfallback = [1]", "secretary.fallback: must be a list of tables"}};
  for (const auto& row : rows) {
    CAPTURE(row.toml);
    try {
      load(row.toml);
      FAIL("loaded");
    } catch (const base::ConfigError& e) {
      CAPTURE(e.what());
      CHECK(std::string(e.what()).find(row.problem) != std::string::npos);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "fallbacks of the secretary have keys, prices and warnings of their own") {
  folder.write("conf/one.secret", "key-of-the-first");
  const auto s = load(R"toml([secretary]
api_key = "file:one.secret"
[[secretary.fallback]]
provider = "openai"
model = "qwen3"
base_url = "http://127.0.0.1:11434/v1"
[[secretary.fallback]]
provider = "openai"
model = "big"
usd_per_million_input = 2
usd_per_million_output = 3.5
)toml");
  const auto models = bot::runtime::models_of(s.secretary);
  REQUIRE(models.size() == 3);
  CHECK(models[0].api_key == "key-of-the-first");
  CHECK(models[1].base_url == "http://127.0.0.1:11434/v1");
  CHECK(models[1].api_key.empty());
  CHECK(models[1].usd_per_million_input == 0);
  CHECK(models[2].base_url == "https://api.openai.com/v1");
  CHECK(models[2].usd_per_million_output == 3.5);
  REQUIRE(s.warnings.size() == 1);
  CHECK(s.warnings[0].find("qwen3 has no price") != std::string::npos);
  environment.set("ANTHROPIC_API_KEY", "key-0123456789");
  CHECK(load("[[secretary.fallback]]\nmodel = \"claude-x\"").secretary.fallback.at(0).api_key ==
        "key-0123456789");
  CHECK(bot::runtime::models_of(load("[secretary]\nprovider = \"demo\"").secretary).empty());
}

TEST_CASE_FIXTURE(Fixture, "every key of the contract's example is accepted and means what it says") {
  folder.write("conf/anthropic.secret", "key-0123456789\n");
  folder.write("conf/ops.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  folder.write("conf/admin.secret", "correct horse\n");
  folder.write("conf/dispatch-guide.md", "My guide");
  const auto s = load(kContract);
  CHECK(s.server.host == "127.0.0.1");
  CHECK(s.server.port == 8787);
  CHECK_FALSE(s.server.behind_proxy);
  CHECK(s.server.public_url == "https://bot.example.org");
  CHECK(s.server.shutdown_grace == std::chrono::seconds(20));
  CHECK(s.database == folder.path() / "conf/frontdesk.db");
  CHECK(s.secretary.provider == "anthropic");
  CHECK(s.secretary.api_key == "key-0123456789");
  CHECK(s.secretary.guide == "My guide");
  CHECK(s.secretary.timezone == "Europe/Zurich");
  CHECK_FALSE(s.secretary.demo);
  CHECK(s.policy.routing.thresholds("tg", "-100123", "12345678").dispatch_at == 0.9);
  CHECK(s.policy.routing.thresholds("tg", "-100123", "12345678").ask_at == 0.5);
  CHECK(s.policy.budget.usd_per_day == 20.0);
  CHECK(s.policy.budget.usd_per_user_per_day == 5.0);
  CHECK(s.dispatch.projects_dir == folder.path() / "dispatch-projects");
  CHECK(s.dispatch.timeout == std::chrono::seconds(600));
  CHECK(s.dispatch.concurrency == 2);
  CHECK(s.dispatch.allowed_tools == std::vector<std::string>{"Bash(pytest:*)"});
  REQUIRE(s.policy.admin.find("admin"));
  CHECK(s.policy.admin.find("admin")->password == "correct horse");
  REQUIRE(s.chats.size() == 2);
  CHECK(s.chats[0].name == "web");
  CHECK(s.chats[1].platform == "webhook");
  CHECK(s.policy.access.at("web").mode == bot::runtime::Access::Mode::open);
  CHECK(s.policy.access.at("ops").mode == bot::runtime::Access::Mode::allowlist);
  CHECK(s.policy.access.at("ops").allow.contains("12345678"));
  const base::SystemClock clock;
  for (const auto& chat : s.chats) {
    CHECK_NOTHROW(bot::platforms::platform_type(chat.platform).make(chat.section, {chat.name, "", clock}));
  }
  CHECK_NOTHROW(dispatch::make_specialist(s.dispatch.specialist, s.specialists, {}));
  REQUIRE(s.tool_servers.size() == 1);
  CHECK(s.tool_servers[0].program.environment.size() == 2);
  CHECK(s.tool_servers[0].allow == std::vector<std::string>{"list-*"});
}

TEST_CASE_FIXTURE(Fixture,
                  "without a file and without a key there is the demo, the page and the data folder") {
  const auto before = fs::current_path();
  fs::current_path(folder.path());
  const auto s = bot::runtime::load_settings(flags);
  fs::current_path(before);
  CHECK_FALSE(s.file);
  CHECK(s.secretary.demo);
  CHECK(s.secretary.model == "demo");
  CHECK(s.database == folder.path() / ".local/share/frontdesk/frontdesk.db");
  CHECK(s.dispatch.projects_dir == folder.path() / "dispatch-projects");
  REQUIRE(s.chats.size() == 1);
  CHECK(s.chats[0].name == "web");
  CHECK(s.server.host == "127.0.0.1");
  CHECK_FALSE(s.policy.budget.usd_per_day);
  CHECK(s.policy.budget.alert_at == std::vector{0.5, 0.75, 0.9});
  CHECK(s.retention.keeps_all());
  CHECK(s.policy.admin.empty());
}

TEST_CASE_FIXTURE(Fixture, "the demo answers where there is no key, and where it was asked for") {
  CHECK(load("").secretary.demo);
  CHECK(load("[secretary]\nprovider = \"demo\"").secretary.demo);
  environment.set("ANTHROPIC_API_KEY", "key-0123456789");
  CHECK_FALSE(load("").secretary.demo);
  CHECK(load("").secretary.api_key == "key-0123456789");
  flags.demo = true;
  const auto s = load("");
  CHECK(s.secretary.demo);
  CHECK(s.secretary.api_key.empty());
}

TEST_CASE_FIXTURE(Fixture, "a wrong key or value is refused with its place and what would be right") {
  struct Row {
    const char *toml, *says;
  };
  const Row rows[] = {
      {"[server]\n\nlissten = \"127.0.0.1:1\"",
       "frontdesk.toml:3: server.lissten: unknown key; did you mean \"listen\"?"},
      {"[servr]\nlisten = \"x\"", "servr: unknown key; did you mean \"server\"?"},
      {"[dispatch]\nconcurency = 2", "\"concurrency\""},
      {"[retention]\nmessages = \"1y\"", "retention.messages: \"1y\" is no number of days"},
      {"[retention]\nmesages = \"1d\"", "did you mean \"messages\"?"},
      {"[retention]\ndatabase_mb = 1", "retention.database_mb: must be between 16 and"},
      {"[dispatch]\nconcurrency = 0", "dispatch.concurrency: must be between 1 and 64"},
      {"[dispatch]\ntimeout_s = \"10\"", "dispatch.timeout_s"},
      {"[dispatch]\ntimeout_s = 0", "dispatch.timeout_s"},
      {"[dispatch]\npermission = \"acceptEdit\"", "did you mean \"acceptEdits\"?"},
      {"[dispatch]\nsandbox = \"docker\"", "dispatch.sandbox"},
      {"[secretary]\nprovider = \"antropic\"", "did you mean \"anthropic\"?"},
      {"[secretary]\napi_key = \"sk-literal-0123456789\"", "secretary.api_key"},
      {"[secretary]\napi_key = \"env:NO_SUCH_VARIABLE_HERE\"", "NO_SUCH_VARIABLE_HERE"},
      {"[secretary]\napi_key = \"file:none.secret\"", "secretary.api_key"},
      {"[secretary]\ntimezone = \"Europe/Zuerich\"", "secretary.timezone"},
      {"[secretary]\ntimezone = \"../../etc/passwd\"", "secretary.timezone"},
      {"[secretary]\nguide = \"none.md\"", "secretary.guide"},
      {"[secretary]\nprovider = \"openai\"", "secretary.model"},
      {"[secretary]\nbase_url = \"localhost:11434\"", "secretary.base_url"},
      {"[store]\nurl = \"postgres://x\"", "sqlite:PATH"},
      {"[server]\npublic_url = \"bot.example.org\"", "server.public_url"},
      {"[budget]\nusd_per_day = -1", "budget.usd_per_day"},
      {"[budget]\nusd = 1", "budget.usd"},
      {"[budget]\nsecretary = \"never\"", "budget.secretary"},
      {"[budget.chat.tg]\nusd_per_day = 1.0", "budget.chat.tg"},
      {"[budget.chat.\"web:1\"]\nusd_per_dya = 1.0", "usd_per_dya"},
      {"[chat.ops]\nplatform = \"webhok\"", "did you mean \"webhook\"?"},
      {"[chat.ops]\nsecret = \"file:x\"", "chat.ops.platform"},
      {"[chat.ops]\nplatform = \"webhook\"\naccess = \"allowlist\"", "chat.ops.allow"},
      {"[chat.ops]\nplatform = \"webhook\"\naccess = \"everybody\"", "chat.ops.access"},
      {"[chat.ops]\nplatform = \"webhook\"\naccess = \"allowlist\"\nallow = []\ngroup_allow = []\n"
       "groups = []\napprovers = []\nadmins = []",
       "chat.ops.allow"},
      {"[chat.ops]\nplatform = \"webhook\"\nallow = [\"u-1\", \"\"]", "chat.ops.allow: \"\" is empty"},
      {"[chat.ops]\nplatform = \"webhook\"\nadmins = [\"\"]", "chat.ops.admins"},
      {"[chat.ops]\nplatform = \"webhook\"\napprovers = \"u-1\"", "chat.ops.approvers"},
      {"[chat.ops]\nplatform = \"webhook\"\napprovers = [\"\u200b \"]",
       "chat.ops.approvers: has an id of blanks alone"},
      {"[admin]\npassword = \"literal\"", "admin.password"},
      {"chat = 5", "chat"},
      {"[server\n", "frontdesk.toml:1"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.toml));
    CHECK_THROWS_WITH_AS(load(row.toml), doctest::Contains(row.says), base::ConfigError);
  }
}

TEST_CASE_FIXTURE(Fixture, "who may what in a section is read, and any one list is enough for an allowlist") {
  const std::string section = "[chat.ops]\nplatform = \"webhook\"\naccess = \"allowlist\"\n";
  const auto access = [&](const std::string& keys) { return load(section + keys).policy.access.at("ops"); };
  CHECK(access("allow = [\"a\"]").allow == std::set<std::string>{"a"});
  CHECK_FALSE(access("allow = [\"a\"]").group_allow);
  CHECK(access("allow = [\"a\"]\ngroup_allow = []").group_allow == std::set<std::string>{});
  CHECK(access("group_allow = [\"b\"]").group_allow == std::set<std::string>{"b"});
  CHECK(access("groups = [\"g\"]").groups == std::set<std::string>{"g"});
  CHECK(access("approvers = [\"c\"]").approvers == std::set<std::string>{"c"});
  CHECK(access("admins = [\"d\"]").admins == std::set<std::string>{"d"});
}

TEST_CASE_FIXTURE(Fixture, "a list that has no effect, because everybody may write, is warned of") {
  const std::string section = "[chat.ops]\nplatform = \"webhook\"\n";
  for (const char* keys : {"allow = [\"a\"]", "groups = [\"a\"]", "group_allow = [\"a\"]"}) {
    CAPTURE(std::string(keys));
    const auto warnings = load(section + keys).warnings;
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("chat.ops: everybody may write") != std::string::npos);
    CHECK(load(section + "access = \"pairing\"\n" + keys).warnings.empty());
  }
  CHECK(load(section + "approvers = [\"a\"]").warnings.empty());
}

TEST_CASE_FIXTURE(Fixture, "a refused secret is not repeated in the message") {
  try {
    load("[secretary]\napi_key = \"sk-literal-0123456789\"");
    FAIL("accepted");
  } catch (const base::ConfigError& e) {
    CHECK(std::string(e.what()).find("0123456789") == std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "another address than loopback needs a proxy in front") {
  for (const char* listen : {"0.0.0.0:8787", "192.168.1.5:80", "[::]:8787", "bot.example.org:80"}) {
    CAPTURE(std::string(listen));
    const auto toml = std::string("[server]\nlisten = \"") + listen + "\"\n";
    CHECK_THROWS_WITH_AS(load(toml), doctest::Contains("behind_proxy"), base::ConfigError);
    CHECK_NOTHROW(load(toml + "behind_proxy = true"));
    flags.listen = listen;
    CHECK_THROWS_WITH_AS(load(""), doctest::Contains("behind_proxy"), base::ConfigError);
    flags.listen.clear();
  }
  for (const char* listen : {"127.0.0.1:0", "localhost:8080", "[::1]:8787", "127.1.2.3:65535"}) {
    CAPTURE(std::string(listen));
    CHECK_NOTHROW(load(std::string("[server]\nlisten = \"") + listen + "\""));
  }
}

TEST_CASE("an address is a host and a port") {
  CHECK(bot::runtime::parse_listen("127.0.0.1:80", "x") == std::pair<std::string, int>("127.0.0.1", 80));
  CHECK(bot::runtime::parse_listen("[::1]:80", "x") == std::pair<std::string, int>("::1", 80));
  for (const char* text : {"", ":", "80", ":80", "host", "host:", "host:x", "host:-1", "host:65536",
                           "host:80x", "host:99999999999"}) {
    CAPTURE(std::string(text));
    CHECK_THROWS_WITH_AS(bot::runtime::parse_listen(text, "--listen"), doctest::Contains("--listen"),
                         base::ConfigError);
  }
}

TEST_CASE_FIXTURE(Fixture, "flags win over the environment, the environment over the file") {
  const std::string toml =
      "[dispatch]\nprojects_dir = \"from-file\"\ntimeout_s = 5\npermission = \"acceptEdits\"\n"
      "[server]\nlisten = \"127.0.0.1:1\"";
  CHECK(load(toml).dispatch.projects_dir == folder.path() / "conf/from-file");
  environment.set("DISPATCH_PROJECTS_DIR", "~/from-environment");
  environment.set("DISPATCH_TIMEOUT", "7");
  environment.set("DISPATCH_PERMISSION", "plan");
  environment.set("DISPATCH_CC_BIN", "/opt/claude");
  flags.listen = "127.0.0.1:2";
  const auto s = load(toml);
  CHECK(s.dispatch.projects_dir == folder.path() / "from-environment");
  CHECK(s.dispatch.timeout == std::chrono::seconds(7));
  CHECK(s.dispatch.permission == "plan");
  CHECK(s.dispatch.command == "/opt/claude");
  CHECK(s.server.port == 2);
}

TEST_CASE_FIXTURE(Fixture, "a wrong value in the environment is refused by its name") {
  for (const char* value : {"soon", "0", "-5", "5s", "99999999999999999999"}) {
    CAPTURE(std::string(value));
    environment.set("DISPATCH_TIMEOUT", value);
    CHECK_THROWS_WITH_AS(load(""), doctest::Contains("DISPATCH_TIMEOUT"), base::ConfigError);
  }
  environment.unset("DISPATCH_TIMEOUT");
  environment.set("DISPATCH_PERMISSION", "everything");
  CHECK_THROWS_WITH_AS(load(""), doctest::Contains("DISPATCH_PERMISSION"), base::ConfigError);
}

TEST_CASE_FIXTURE(Fixture, "a file that was asked for and is not there is refused") {
  flags.config = (folder.path() / "none.toml").string();
  CHECK_THROWS_WITH_AS(bot::runtime::load_settings(flags), doctest::Contains("none.toml"), base::ConfigError);
}

TEST_CASE_FIXTURE(Fixture, "an empty file is nothing to warn of, and people have ten minutes to answer") {
  CHECK(load("").warnings.empty());
  CHECK(load("").dispatch.max_attachment_bytes == 20 << 20);
  CHECK(load("[dispatch]\nmax_attachment_mb = 0").dispatch.max_attachment_bytes == 0);
  CHECK(load("").dispatch.approval_timeout == std::chrono::minutes(10));
  CHECK(load("[dispatch]\napproval_timeout_s = 60").dispatch.approval_timeout == std::chrono::minutes(1));
}

TEST_CASE_FIXTURE(Fixture, "every chat service that shows drafts can be told not to, as its example says") {
  folder.write("conf/secret", std::string(32, 's'));
  int showing = 0;
  const base::SystemClock clock;
  for (const auto& type : bot::platforms::platform_types()) {
    CAPTURE(type.name);
    auto section = std::regex_replace(type.example_section, std::regex("(^|\n)# "), "$1");
    section = std::regex_replace(section, std::regex("\"env:[A-Z_]+\""), "\"file:secret\"");
    section = std::regex_replace(section, std::regex("<[^>]*>"), std::string(64, 'a'));
    // Behind a public address Telegram wants a secret, which its example leaves out: it asks for messages
    // itself.
    const std::string server =
        type.name == "telegram" ? "" : "[server]\npublic_url = \"https://bot.example.org\"\n";
    const auto made = [&](const std::string& stream) {
      const auto s =
          load(std::regex_replace(section, std::regex("stream = false"), "stream = " + stream) + server);
      const auto& chat = *std::find_if(s.chats.begin(), s.chats.end(),
                                       [&](const auto& one) { return one.platform == type.name; });
      return type.make(chat.section, {chat.name, s.server.public_url, clock});
    };
    if (section.find("stream = ") == std::string::npos) {
      continue;
    }
    ++showing;
    const bot::chat::Draft draft{.chat_id = "C1", .answered = {}, .answers = "1"};
    CHECK_FALSE(dynamic_cast<bot::chat::ShowsDrafts&>(*made("false")).draft_terms(draft).shown);
    CHECK_THROWS_AS(made("\"no\""), base::ConfigError);
  }
  CHECK(showing == 4);
}

TEST_CASE_FIXTURE(Fixture, "the shell's part does not need the keys of chats and models") {
  const auto file = folder.write("conf/frontdesk.toml",
                                 "[secretary]\napi_key = \"env:NOT_SET_HERE\"\n[dispatch]\n"
                                 "sandbox_read = [\"~/x\"]\ntrusted_projects = [\"site\"]");
  CHECK_THROWS_AS(bot::runtime::load_settings({file.string(), {}, false}), base::ConfigError);
  const auto shell = bot::runtime::load_shell_settings(file.string());
  CHECK(shell.dispatch.trusted_projects.contains("site"));
  CHECK(shell.dispatch.sandbox_read.at(0) == folder.path() / "x");
  CHECK_FALSE(shell.dispatch.sandbox_is_set);
}

TEST_CASE_FIXTURE(Fixture,
                  "a model without a price is named at the start, until it has one, which may be 0") {
  const std::string openai = "[secretary]\nprovider = \"openai\"\nmodel = \"qwen3\"\n";
  const std::string in = "usd_per_million_input = 0.5\n", out = "usd_per_million_output = 0\n";
  for (const auto& text : {openai, openai + in, openai + out}) {
    CAPTURE(text);
    const auto warnings = load(text).warnings;
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find(text == openai + in ? "the price of qwen3 is not known"
                                               : "qwen3 has no price, so its answers are counted as free") !=
          std::string::npos);
  }
  CHECK(load(openai + in + out).warnings.empty());
  // Anthropic's own models have a price, each its own; that of another one behind its protocol is not
  // known, and counts so that budgets notice it.
  const auto anthropic = [&](const std::string& model) {
    return load("[secretary]\nmodel = \"" + model + "\"\nbase_url = \"http://127.0.0.1:1\"\n");
  };
  CHECK(anthropic("claude-haiku-4-5").secretary.usd_per_million_output == 5);
  CHECK(anthropic("claude-opus-4-8").secretary.usd_per_million_input == 5);
  CHECK(anthropic("claude-opus-4-8").secretary.usd_per_million_output == 25);
  CHECK(anthropic("claude-opus-4-8").warnings.empty());
  REQUIRE(anthropic("a-model-of-our-own").warnings.size() == 1);
  CHECK(anthropic("a-model-of-our-own")
            .warnings[0]
            .find("the price of a-model-of-our-own is not known, so $1 in and "
                  "$5 out") != std::string::npos);
  CHECK(load("[secretary]\nprovider = \"demo\"\n").warnings.empty());
  CHECK(load("").warnings.empty());
}

TEST_CASE_FIXTURE(Fixture, "what is kept how long is a number of days, and a size") {
  const auto retention =
      load("[retention]\nmessages = \"365d\"\nevents = \"1d\"\ndatabase_mb = 16\n").retention;
  CHECK(retention.messages == std::chrono::hours(24 * 365));
  CHECK(retention.events == std::chrono::hours(24));
  CHECK(retention.database_bytes == 16ULL << 20);
  CHECK_FALSE(retention.keeps_all());
  CHECK_FALSE(load("[retention]\nevents = \"90d\"\n").retention.messages);
}

TEST_CASE_FIXTURE(Fixture, "the shares of a budget that are told are numbers from 0 to 1") {
  CHECK(load("[budget]\nalert_at = [0.8, 1]\n").policy.budget.alert_at == std::vector{0.8, 1.0});
  CHECK(load("[budget]\nalert_at = []\n").policy.budget.alert_at.empty());
  for (const char* wrong : {"0.5", "[50]", "[0]", "[\"half\"]", "[nan]"}) {
    CAPTURE(wrong);
    CHECK_THROWS_WITH_AS(load(std::string("[budget]\nalert_at = ") + wrong + "\n"),
                         doctest::Contains("budget.alert_at"), base::ConfigError);
  }
}

TEST_CASE_FIXTURE(Fixture, "thresholds that contradict each other only together are a warning") {
  const auto warnings = load("[routing.chat.\"web:1\"]\nask_at = 0.9\n").warnings;
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("is above routing.dispatch_at") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an answer may be 64 KiB long, or as the configuration says") {
  CHECK(load("").secretary.max_answer_bytes == 65'536);
  CHECK(load("[secretary]\nmax_answer_bytes = 1000\n").secretary.max_answer_bytes == 1'000);
  CHECK_THROWS_AS(load("[secretary]\nmax_answer_bytes = 0\n"), base::ConfigError);
}

TEST_CASE_FIXTURE(Fixture, "pictures are tried, unless the configuration says whether the model takes them") {
  using Images = llm::Endpoint::Images;
  CHECK(load("[secretary]\nprovider = \"openai\"\nmodel = \"m\"\n").secretary.images == Images::tried);
  const auto secretary =
      load(
          "[secretary]\nprovider = \"openai\"\nmodel = \"m\"\nimages = true\n[[secretary.fallback]]\n"
          "provider = \"openai\"\nmodel = \"n\"\nimages = false\n")
          .secretary;
  CHECK(secretary.images == Images::taken);
  CHECK(secretary.fallback.at(0).images == Images::none);
  CHECK(load("[secretary]\nprovider = \"demo\"\nimages = true\n").secretary.images == Images::none);
  CHECK_THROWS_AS(load("[secretary]\nimages = \"auto\"\n"), base::ConfigError);
}

TEST_CASE_FIXTURE(
    Fixture, "repair buttons are there in direct chats and not in groups, until a section says otherwise") {
  const auto policy = [&](const std::string& keys) {
    return load(
               "[chat.ops]\nplatform = \"webhook\"\nsecret = \"whsec_dGhpcyBpcyBhIHNlY3JldCBmb3IgdGhlIHRlc3Rz\"\n" +
               keys)
        .policy;
  };
  CHECK(policy("").repairs("ops", false));
  CHECK_FALSE(policy("").repairs("ops", true));
  CHECK(policy("").repairs("web", false));
  for (const bool in_group : {false, true}) {
    CHECK(policy("repair_buttons = true\n").repairs("ops", in_group));
    CHECK_FALSE(policy("repair_buttons = false\n").repairs("ops", in_group));
  }
  CHECK(policy("repair_buttons = false\n").repairs("web", false));
}

TEST_CASE_FIXTURE(Fixture, "how much may wait is read: of one person on a chat service, and altogether") {
  const std::string ops =
      "[chat.ops]\nplatform = \"webhook\"\nsecret = \"whsec_dGhpcyBpcyBhIHNlY3JldCBmb3IgdGhlIHRlc3Rz\"\n";
  const auto settings = load(ops);
  CHECK(settings.policy.max_waiting.at("web") == 20);
  CHECK_FALSE(settings.policy.max_waiting.contains("ops"));
  CHECK(settings.max_backlog == 2'000'000);
  CHECK(load(ops + "max_waiting = 5\n").policy.max_waiting.at("ops") == 5);
  CHECK(load("[chat.web]\nplatform = \"web\"\nmax_waiting = 7\n").policy.max_waiting.at("web") == 7);
  CHECK_THROWS_AS(load(ops + "max_waiting = 0\n"), base::ConfigError);
  CHECK(load("[store]\nmax_backlog = 1000\n").max_backlog == 1000);
  CHECK_THROWS_AS(load("[store]\nmax_backlog = 0\n"), base::ConfigError);
}

TEST_CASE_FIXTURE(Fixture, "the token of the metrics is a secret and may be missing") {
  CHECK_FALSE(load("").server.metrics_token);
  CHECK_NOTHROW(load("[server]\nlog = \"text\"\n"));
  CHECK_THROWS_AS(load("[server]\nlog = \"xml\"\n"), base::ConfigError);
  CHECK_THROWS_AS(load("[server]\nmetrics_token = \"literal\"\n"), base::ConfigError);
  ::setenv("METRICS_TOKEN_TEST", "token-of-the-metrics", 1);
  CHECK(load("[server]\nmetrics_token = \"env:METRICS_TOKEN_TEST\"\n").server.metrics_token ==
        "token-of-the-metrics");
  ::unsetenv("METRICS_TOKEN_TEST");
}

}  // namespace
