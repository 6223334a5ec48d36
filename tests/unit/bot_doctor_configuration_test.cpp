#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "bot/doctor/configuration_findings.h"
#include "bot/doctor/folder_findings.h"
#include "tests/support/files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace {

namespace fs = std::filesystem;
using bot::chat::CheckResult;

struct Doctor {
  support::TemporaryFolder folder;

  fs::path at(const std::string& name) const { return folder.path() / name; }
  void write(const std::string& name, const std::string& text, mode_t mode) const {
    support::write_text(at(name), text);
    ::chmod(at(name).c_str(), mode);
  }

  /// Each finding in a line: "FAIL server.trusted_proxies: …".
  std::string says(const std::string& text) const {
    ::chmod(folder.path().c_str(), 0755);
    write("frontdesk.toml", "[dispatch]\nprojects_dir = \"projects\"\n" + text, 0600);
    return findings();
  }
  std::string findings() const {
    const auto settings =
        bot::runtime::load_settings({.config = at("frontdesk.toml").string(), .listen = {}});
    std::string all;
    for (const auto& [what, result] : bot::doctor::configuration_findings(settings)) {
      all += (result.mark == CheckResult::Mark::failure ? "FAIL " : "warn ") + what + ": " + result.detail +
             "\n";
    }
    return all;
  }
};

}  // namespace

TEST_CASE("a configuration without faults is passed over in silence") {
  const Doctor doctor;
  doctor.write("admin.secret", "a-long-password", 0600);
  fs::create_directories(doctor.at("projects/site"));
  CHECK(doctor.says("trusted_projects = [\"site\"]\n[admin]\npassword = \"file:admin.secret\"\n[server]\n"
                    "behind_proxy = true\ntrusted_proxies = [\"127.0.0.1\", \"::1\", \"2001:DB8:0::1\"]\n"
                    "[routing.user.\"web:local\"]\nask_at = 0.3\n[budget]\nusd_per_day = 5\n") == "");
}

TEST_CASE("trusted proxies that fit nobody fail") {
  const Doctor doctor;
  for (const auto* proxy :
       {"localhost", "10.0.0.0/8", "127.0.0", "256.0.0.1", "", "*", "proxy.example.org"}) {
    CAPTURE(proxy);
    CHECK(support::contains(
        doctor.says(std::string("[server]\nbehind_proxy = true\ntrusted_proxies = [\"") + proxy + "\"]\n"),
        std::string("FAIL server.trusted_proxies: \"") + proxy + "\" is no address"));
  }
  CHECK(support::contains(doctor.says("[server]\ntrusted_proxies = [\"10.0.0.1\"]\n"),
                          "warn server.trusted_proxies: has no effect without"));
  CHECK(support::contains(doctor.says("[server]\nbehind_proxy = true\ntrusted_proxies = []\n"),
                          "warn server.trusted_proxies: is empty"));
}

TEST_CASE("pages that others reach without a password, and passwords that can be guessed, are named") {
  const Doctor doctor;
  doctor.write("short.secret", "elevenchars", 0600);
  doctor.write("long.secret", "twelve chars", 0600);
  const std::string proxy = "[server]\nbehind_proxy = true\n";
  CHECK(support::contains(doctor.says(proxy), "warn admin: is missing"));
  CHECK_FALSE(support::contains(doctor.says(""), "admin"));
  CHECK(doctor.says(proxy + "[admin]\npassword = \"file:long.secret\"\n") == "");
  const auto weak = doctor.says("[admin]\npassword = \"file:short.secret\"\n");
  CHECK(support::contains(weak, "warn admin: the password of admin has fewer than 12 characters"));
  CHECK_FALSE(support::contains(weak, "elevenchars"));
  const auto same = doctor.says(
      "[admin]\nviewer_password = \"file:long.secret\"\n[admin.user.ada]\nrole = \"operator\"\npassword = "
      "\"file:long.secret\"\n");
  CHECK(support::contains(same, "warn admin: viewer and ada have the same password"));
  CHECK(support::contains(same, "warn admin: has no user of the role admin"));
}

TEST_CASE("trusted projects that can be none fail, and those that are not there yet are named") {
  const Doctor doctor;
  for (const auto* slug : {"../x", "/etc", ".", "..", "a/b", "", "-x"}) {
    CAPTURE(slug);
    CHECK(support::contains(
        doctor.says(std::string("trusted_projects = [\"") + slug + "\"]\n"),
        std::string("FAIL dispatch.trusted_projects: \"") + slug + "\" is no project's name"));
  }
  CHECK(support::contains(doctor.says("trusted_projects = [\"later\"]\n"),
                          "there is no project \"later\" yet"));
  CHECK(support::contains(doctor.says("sandbox_read = [\"/no/such/folder\"]\n"),
                          "/no/such/folder is not there"));
}

TEST_CASE("thresholds and budgets for ids that nobody can have fail") {
  const Doctor doctor;
  CHECK(support::contains(doctor.says("[routing.user.\"web:@ada\"]\nask_at = 0.3\n"),
                          "FAIL routing.user.\"web:@ada\": has no effect: ids only"));
  CHECK(support::contains(doctor.says("[routing.chat.\"web:#general\"]\nask_at = 0.3\n"),
                          "has no effect: ids only"));
  CHECK(support::contains(doctor.says("[budget.chat.\"web:#general\"]\nusd_per_day = 1\n"),
                          "FAIL budget.chat.\"web:#general\""));
  CHECK(support::contains(doctor.says("[budget]\nusd_per_day = 0\n"), "no model is called at all"));
  CHECK(support::contains(doctor.says("[budget]\nusd_per_day = 1\nusd_per_user_per_day = 2\n"),
                          "it limits nobody"));
  CHECK(support::contains(doctor.says("[budget]\nusd_per_day = 1\nusd_per_run = 2\n"), "it limits no run"));
}

TEST_CASE("what a tool server's section names in vain, and gives away, is named") {
  const Doctor doctor;
  const auto says = [&](const std::string& lines) {
    return doctor.says(
        "[chat.tg]\nplatform = \"telegram\"\ntoken = \"env:HOME\"\n[mcp_servers.lab]\ncommand = \"true\"\n" +
        lines);
  };
  CHECK(
      support::contains(says("people = [\"nosection:1\"]\n"),
                        "FAIL mcp_servers.lab.people: \"nosection:1\" is nobody: there is no chat section"));
  CHECK(support::contains(says("people = [\"tg:@ada\"]\n"),
                          "FAIL mcp_servers.lab.people: \"tg:@ada\" is nobody: ids only"));
  CHECK(support::contains(says("people = []\n"), "warn mcp_servers.lab.people: is empty"));
  CHECK(support::contains(says("state = [\"/\"]\n"), "warn mcp_servers.lab.state: / is all there is"));
  CHECK(support::contains(says("readable = [\"/not/there\"]\n"),
                          "warn mcp_servers.lab.readable: /not/there is not there"));
  CHECK(
      support::contains(says("allow = [\"*\"]\n"), "warn mcp_servers.lab.allow: \"*\" lets every tool run"));
  CHECK(!support::contains(says("allow = [\"read\"]\npeople = [\"tg:12\", \"web:local\", \"role:admin\"]\n"),
                           "mcp_servers"));
}

TEST_CASE("secrets that others can read or replace fail, and so does a configuration that they can write") {
  const Doctor doctor;
  const std::string text = "[admin]\npassword = \"file:admin.secret\"\n";
  doctor.write("admin.secret", "a-long-password", 0644);
  CHECK(support::contains(doctor.says(text), "FAIL admin.password: every user of this machine can read"));
  doctor.write("admin.secret", "a-long-password", 0640);
  CHECK(support::contains(doctor.says(text), "warn admin.password: the group of"));
  doctor.write("admin.secret", "a-long-password", 0620);
  CHECK(support::contains(doctor.says(text), "FAIL admin.password: others can replace"));
  doctor.write("admin.secret", "a-long-password", 0600);
  CHECK(doctor.says(text) == "");
  ::chmod(doctor.at("frontdesk.toml").c_str(), 0622);
  CHECK(support::contains(doctor.findings(), "FAIL configuration: others can replace"));
  ::chmod(doctor.at("frontdesk.toml").c_str(), 0600);
  ::chmod(doctor.folder.path().c_str(), 0777);
  const auto open = doctor.findings();
  CHECK(support::contains(open, "FAIL configuration: others can replace"));
  CHECK(support::contains(open, "FAIL admin.password: others can replace"));
  ::chmod(doctor.at("admin.secret").c_str(), 0644);
  ::chmod(doctor.folder.path().c_str(), 0700);
  CHECK(support::contains(doctor.findings(), "warn admin.password: every user of this machine can read"));
  ::chmod(doctor.at("admin.secret").c_str(), 0600);
  ::chmod(doctor.folder.path().c_str(), 01777);  // as /tmp: only what is one's own
  CHECK(doctor.findings() == "");
}

TEST_CASE("a database that others can read fails") {
  const Doctor doctor;
  doctor.write("frontdesk.db", "", 0644);
  CHECK(support::contains(doctor.says(""), "FAIL database: others can read"));
}

TEST_CASE("project folders that others can look into are named, unless nobody comes as far") {
  const Doctor doctor;
  const auto projects = doctor.at("projects");
  for (const char* name : {"a", "b", "c"}) {
    fs::create_directories(projects / name);
    ::chmod((projects / name).c_str(), name[0] == 'b' ? 0700 : 0755);
  }
  ::chmod(projects.c_str(), 0755);
  const auto open = bot::doctor::project_folder_findings(projects);
  REQUIRE(open.size() == 1);
  CHECK(support::contains(open[0].result.detail, "2 of its projects (a, c)"));
  ::chmod(projects.c_str(), 0700);
  CHECK(bot::doctor::project_folder_findings(projects).empty());
  CHECK(bot::doctor::project_folder_findings(doctor.at("none")).empty());
}
