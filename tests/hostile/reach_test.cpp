// What a specialist, or what it runs, reaches. Each script merely tries to open something.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "tests/support/program/obedient_desk.h"

using support::contains;
using support::ObedientDesk;
using User = ObedientDesk::User;
using Walls = ObedientDesk::Walls;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Prints what of it can be opened.
std::string try_descriptors_of(const std::string& pid) {
  return "for n in 0 1 2; do (: < /proc/" + pid + "/fd/$n) 2>/dev/null && echo OPENED-r-$n; (: >> /proc/" +
         pid + "/fd/$n) 2>/dev/null && echo OPENED-w-$n; done; echo LOOKED";
}

json login(const std::string& of, std::chrono::milliseconds left) {
  return {{"claudeAiOauth",
           {{"accessToken", "sk-ant-oat01-access-" + of},
            {"refreshToken", "sk-ant-ort01-refresh-" + of},
            {"expiresAt", base::to_unix_ms(base::SystemClock().now() + left)},
            {"scopes", {"user:inference"}}}}};
}

/// A desk whose specialist has the operator's login and no key.
class LoginDesk : public ObedientDesk {
 public:
  LoginDesk() : ObedientDesk(Walls::sandbox) { config.set("specialist.claude-code", "api_key", "\"\""); }
  void store(const json& text) const {
    fs::create_directories(file().parent_path());
    support::write_text(file(), text.dump());
  }
  fs::path file() const { return folder() / ".claude/.credentials.json"; }
  std::string token() const {
    return json::parse(support::read_text(file()))["claudeAiOauth"]["accessToken"];
  }
  static std::string leave(const json& text) {
    return "echo '" + text.dump() + "' > ~/.claude/.credentials.json";
  }
};

}  // namespace

TEST_CASE("what a specialist runs cannot open the specialist's input and output") {
  for (const auto walls : {Walls::none, Walls::sandbox}) {
    for (const auto user : {User::own, User::ordinary}) {
      if ((walls == Walls::sandbox && !support::sandbox_works()) ||
          (user == User::ordinary && !support::can_be_ordinary())) {
        continue;
      }
      CAPTURE(static_cast<int>(walls));
      CAPTURE(static_cast<int>(user));
      ObedientDesk desk(walls, user);
      desk.start();
      const auto printed = desk.printed(try_descriptors_of("$CLI"));
      CHECK(contains(printed, "LOOKED"));
      CHECK_FALSE(contains(printed, "OPENED"));
    }
  }
}

TEST_CASE("an ordinary user's specialist reaches neither its supervisor nor the program") {
  if (!support::can_be_ordinary()) {
    return;
  }
  ObedientDesk desk(Walls::none, User::ordinary);
  desk.start();
  if (desk.is_sanitized()) {
    return;  // its leak check needs to be traced
  }
  const auto printed = desk.printed(
      "p=$CLI; for i in 1 2; do p=$(sed 's/.*) . //; s/ .*//' /proc/$p/stat); ls /proc/$p/fd >/dev/null 2>&1 && echo "
      "OPENED; (: < /proc/$p/mem) 2>/dev/null && echo OPENED-mem; cat /proc/$p/environ >/dev/null 2>&1 && echo "
      "OPENED-environ; done; echo LOOKED $p");
  CHECK(contains(printed, "LOOKED " + std::to_string(desk.program->pid())));
  CHECK_FALSE(contains(printed, "OPENED"));
}

TEST_CASE("where a key is configured the operator's login is not in the sandbox") {
  if (!support::sandbox_works()) {
    return;
  }
  LoginDesk desk;
  desk.config.set("specialist.claude-code", "api_key", "\"file:specialist.key\"");
  desk.store(login("operator", std::chrono::hours(8)));
  desk.start();
  const auto printed =
      desk.printed("cat ~/.claude/.credentials.json; " +
                   LoginDesk::leave(login("other", std::chrono::hours(16))) + "; echo LOOKED");
  CHECK(contains(printed, "LOOKED"));
  CHECK_FALSE(contains(printed, "sk-ant"));
  CHECK(desk.token() == "sk-ant-oat01-access-operator");
}

TEST_CASE("a run has a copy of the login, without what renews it while it lasts") {
  if (!support::sandbox_works()) {
    return;
  }
  LoginDesk desk;
  desk.store(login("operator", std::chrono::hours(8)));
  desk.start();
  const auto printed = desk.printed("cat ~/.claude/.credentials.json; ls -a ~/.claude; " +
                                    LoginDesk::leave(login("other", std::chrono::hours(16))));
  CHECK(contains(printed, "sk-ant-oat01-access-operator"));
  CHECK_FALSE(contains(printed, "sk-ant-ort01"));
  CHECK_FALSE(contains(printed, "frontdesk-logins"));
  CHECK(desk.token() == "sk-ant-oat01-access-operator");
  CHECK(fs::is_empty(desk.folder() / ".claude/frontdesk-logins") == false);  // its locks
  for (const auto& entry : fs::directory_iterator(desk.folder() / ".claude/frontdesk-logins")) {
    CHECK(entry.path().extension() == ".lock");
  }
}

TEST_CASE("a renewal of the same login is kept, and another login is not") {
  if (!support::sandbox_works()) {
    return;
  }
  LoginDesk desk;
  desk.store(login("operator", std::chrono::minutes(5)));
  desk.start();
  auto other = login("other", std::chrono::hours(8));
  other["claudeAiOauth"]["scopes"] = {"user:everything"};
  desk.printed(LoginDesk::leave(other));
  CHECK(desk.token() == "sk-ant-oat01-access-operator");
  CHECK(contains(desk.program->log(), "is no renewal of the one it was given"));
  desk.printed(LoginDesk::leave(login("renewed", std::chrono::hours(8))));
  CHECK(desk.token() == "sk-ant-oat01-access-renewed");
}

TEST_CASE("the real Claude Code works with a copy of the login that it cannot renew, and over sockets") {
  if (!support::sandbox_works()) {
    return;
  }
  support::Desk desk;
  desk.config.set("specialist.claude-code", "api_key", "\"\"")
      .set("dispatch", "sandbox", "\"bwrap\"")
      .set("dispatch", "allowed_tools", R"(["Bash"])");
  desk.model.secretary("build", {support::propose("high", "site")});
  desk.model.specialist("build",
                        {support::bash("p=$PPID; while [ $p -gt 1 ]; do " + try_descriptors_of("$p") +
                                       " $(cat /proc/$p/comm); p=$(sed 's/.*) . //; s/ .*//' "
                                       "/proc/$p/stat); done; cat ~/.claude/.credentials.json"),
                         support::say("Ready.")});
  fs::create_directories(desk.folder() / ".claude");
  support::write_text(desk.folder() / ".claude/.credentials.json",
                      login("operator", std::chrono::hours(8)).dump());
  desk.start();
  desk.say({"build it"});
  desk.dispatch("d-1", "Ready.");
  const auto seen = desk.model.requests(support::ModelRequest::From::specialist).back().raw;
  CHECK(contains(seen, "LOOKED"));
  for (const auto* opened :
       {"OPENED-r-0", "OPENED-w-0", "OPENED-r-1", "OPENED-w-1", "OPENED-r-2", "OPENED-w-2"}) {
    CHECK(seen.find(opened) == std::string::npos);  // the command itself is in there, too, with "$n"
  }
  CHECK(contains(seen, "sk-ant-oat01-access-operator"));
  CHECK_FALSE(contains(seen, "sk-ant-ort01"));
}
