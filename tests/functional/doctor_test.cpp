// What `frontdesk doctor` finds in a configuration that loads, and what the program makes for its own user
// alone.
#include <chrono>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/stat.h>

#include "tests/support/files.h"
#include "tests/support/models/model_fakes.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using support::contains;
using support::Desk;
using support::run_frontdesk;

namespace {

namespace fs = std::filesystem;

support::Finished doctor(const Desk& desk) {
  desk.write_config();
  return run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder(), desk.environment);
}

std::string rights(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? fmt::format("{:o}", status.st_mode & 0777) : "none";
}

}  // namespace

TEST_CASE("doctor fails what is silently wrong, and names the key") {
  Desk desk(Desk::Claude::fake);
  REQUIRE(doctor(desk).status == 0);
  desk.config.set("server", "trusted_proxies", "[\"10.0.0.0/8\"]")
      .set("dispatch", "trusted_projects", "[\"../x\"]");
  desk.config.set("routing.chat.\"nope:1\"", "ask_at", "0.2")
      .set("budget.chat.\"opps:1\"", "usd_per_day", "1.0");
  support::write_text(desk.folder() / "open.secret", "a-password-that-all-can-read");
  ::chmod((desk.folder() / "open.secret").c_str(), 0644);
  ::chmod(desk.folder().c_str(), 0755);
  desk.config.set("admin", "password", "\"file:open.secret\"");
  const auto found = doctor(desk);
  CHECK(found.status == 1);
  CHECK(contains(found.output, "FAIL  server.trusted_proxies: \"10.0.0.0/8\" is no address"));
  CHECK(found.output.find("10.0.0.0/8") == found.output.rfind("10.0.0.0/8"));
  CHECK(contains(found.output, "FAIL  dispatch.trusted_projects: \"../x\" is no project's name"));
  CHECK(contains(found.output,
                 "warn  settings: routing.chat.\"nope:1\" has no effect: there is no [chat.nope]"));
  CHECK(contains(
      found.output,
      "warn  settings: budget.chat.\"opps:1\" has no effect: there is no [chat.opps]; did you mean \"ops\"?"));
  CHECK(contains(found.output, "FAIL  admin.password: every user of this machine can read"));
}

TEST_CASE("doctor names a secret that is a folder, and shows a small price in plain digits") {
  Desk desk(Desk::Claude::fake);
  desk.config.set("secretary", "usd_per_million_input", "0.00005")
      .set("secretary", "usd_per_million_output", "12.5");
  CHECK(contains(doctor(desk).output, "at $0.00005 in and $12.50 out per million tokens"));
  desk.config.set("admin", "password", "\"file:.\"");
  const auto found = doctor(desk);
  CHECK(found.status == 1);
  CHECK(contains(found.output, "FAIL  configuration: "));
  CHECK(contains(found.output, "admin.password"));
}

TEST_CASE("project folders and what is kept of runs are for their own user, whatever the umask") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {support::propose("high", "site")});
  const auto before = ::umask(0);
  desk.start();
  ::umask(before);
  desk.say({"build it"});
  desk.dispatch("d-1", "**Done");
  CHECK(rights(desk.projects()) == "700");
  CHECK(rights(desk.projects() / "site") == "700");
  CHECK(rights(desk.projects() / "site/.dispatch-logs") == "700");
  const auto files = desk.log_files_at_rest("site");
  CHECK(files.size() >= 4);
  for (const auto& name : files) {
    CAPTURE(name);
    CHECK(rights(desk.projects() / "site/.dispatch-logs" / name) == "600");
  }
  CHECK(rights(desk.projects() / "site/CLAUDE.md") == "600");
  CHECK(rights(desk.folder() / "frontdesk.db") == "600");
}

TEST_CASE("doctor names the project folders that another program left open, and leaves them as they are") {
  Desk desk(Desk::Claude::fake);
  fs::create_directories(desk.projects() / "old");
  for (const auto& path : {desk.projects(), desk.projects() / "old"}) {
    ::chmod(path.c_str(), 0755);
  }
  CHECK(contains(doctor(desk).output,
                 "warn  projects folder: other users of this machine can look into 1 of its projects (old)"));
  CHECK(rights(desk.projects() / "old") == "755");
}

TEST_CASE("a password's hash by `admin hash` opens the page to that password alone") {
  Desk desk(Desk::Claude::fake);
  const auto run = [&](const std::string& line) {
    support::write_text(desk.folder() / "input", line);
    support::Program program({"/bin/sh", "-c", "\"$FRONTDESK\" admin hash <input"}, desk.folder(),
                             {{"FRONTDESK", support::program_path("FRONTDESK_BIN")}});
    const auto status = program.wait(support::kPatience);
    return support::Finished{status.value_or(-1), program.output(), program.log()};
  };
  const auto hashed = run("correct horse battery\n");
  CHECK(hashed.status == 0);
  CHECK(hashed.output.starts_with("$scrypt$ln=14,r=8,p=5$"));
  CHECK_FALSE(contains(hashed.output + hashed.errors, "battery"));
  CHECK(run("\n").status == 2);

  support::write_text(desk.folder() / "admin.secret", hashed.output);
  desk.config.set("admin", "password", "\"file:admin.secret\"");
  desk.start();
  const auto sign_in = [&](const std::string& password) {
    return desk
        .call("POST", "/login", "password=" + password,
              {{"Content-Type", "application/x-www-form-urlencoded"},
               {"Host", "127.0.0.1:" + std::to_string(desk.port())}})
        .headers.get("Set-Cookie")
        .has_value();
  };
  CHECK(sign_in("correct+horse+battery"));
  CHECK_FALSE(sign_in("correct+horse"));
  CHECK_FALSE(sign_in("%24scrypt%24"));
  desk.stop(SIGTERM);

  support::write_text(desk.folder() / "admin.secret", hashed.output.substr(0, 60));
  const auto cut =
      run_frontdesk({"serve", "--config", desk.config_file().string()}, desk.folder(), desk.environment);
  CHECK(cut.status == 2);
  CHECK(contains(cut.errors, "admin.password: looks like a hash"));
}
