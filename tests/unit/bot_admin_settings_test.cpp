// [admin]: who may sign in to the pages, and what a mistake in it says.
#include <string>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/password_hash.h"
#include "bot/runtime/settings.h"
#include "config/config_file.h"
#include "tests/support/files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace {

using bot::runtime::ConsoleRole;
using support::contains;

struct Fixture {
  support::TemporaryFolder folder;

  Fixture() {
    for (const char* name : {"admin", "operator", "viewer", "ada", "bob"}) {
      support::write_text(folder.path() / (std::string(name) + ".secret"),
                          "password of " + std::string(name));
    }
    support::write_text(folder.path() / "broken.secret", "$scrypt$ln=14,r=8,p=5$AAAA");
    support::write_text(folder.path() / "empty.secret", "\n");
  }
  bot::runtime::AdminSettings read(const std::string& text) const {
    return bot::runtime::read_admin(
        config::parse_config(text, "frontdesk.toml", folder.path()).child("admin"));
  }
  std::string error(const std::string& text) const {
    try {
      read(text);
      return "";
    } catch (const base::ConfigError& e) {
      return e.what();
    }
  }
};

constexpr const char* kAda = "[admin.user.ada]\nrole = \"operator\"\npassword = \"file:ada.secret\"\n";

TEST_CASE_FIXTURE(Fixture, "the built-in users have the roles of their keys, and named ones their own") {
  const auto admin = read(
      "[admin]\npassword = \"file:admin.secret\"\noperator_password = \"file:operator.secret\"\n"
      "viewer_password = \"file:viewer.secret\"\n" +
      std::string(kAda) +
      "chat = true\n[admin.user.\"Bob.B-2\"]\nrole = \"admin\"\npassword = \"file:bob.secret\"\n");
  REQUIRE(admin.users.size() == 5);
  const auto is = [&](const char* name, ConsoleRole role, const std::string& password, bool chat) {
    CAPTURE(name);
    const auto* const user = admin.find(name);
    REQUIRE(user != nullptr);
    CHECK(user->role == role);
    CHECK(user->password == password);
    CHECK(user->chat == chat);
  };
  is("admin", ConsoleRole::admin, "password of admin", true);
  is("operator", ConsoleRole::editor, "password of operator", false);
  is("viewer", ConsoleRole::viewer, "password of viewer", false);
  is("ada", ConsoleRole::editor, "password of ada", true);
  is("Bob.B-2", ConsoleRole::admin, "password of bob", false);
  CHECK(admin.find("ADA") == nullptr);
  CHECK(bot::runtime::page_person(*admin.find("admin")) == "local");
  CHECK(bot::runtime::page_person(*admin.find("ada")) == "ada");
  CHECK(read("[admin]\n").empty());
  CHECK(read("").empty());
}

TEST_CASE_FIXTURE(Fixture, "a mistake names its key and what would be right") {
  struct Row {
    std::string text, key, words;
  };
  const std::string password = "password = \"file:ada.secret\"\n";
  for (const auto& row : std::vector<Row>{
           {"[admin.user.ada]\nrole = \"owner\"\n" + password, "admin.user.ada.role",
            "viewer, operator, admin"},
           {"[admin.user.ada]\nrole = \"operater\"\n" + password, "admin.user.ada.role", "operator"},
           {"[admin.user.ada]\n" + password, "admin.user.ada.role", "is missing"},
           {"[admin.user.ada]\nrole = \"viewer\"\n", "admin.user.ada.password", "is missing"},
           {"[admin.user.ada]\nrole = \"viewer\"\npassword = \"literal\"\n", "admin.user.ada.password", ""},
           {"[admin.user.ada]\nrole = \"viewer\"\npassword = \"file:empty.secret\"\n",
            "admin.user.ada.password", ""},
           {"[admin.user.ada]\nrole = \"viewer\"\npassword = \"file:broken.secret\"\n",
            "admin.user.ada.password", "not a whole one"},
           {"[admin]\nviewer_password = \"file:broken.secret\"\n", "admin.viewer_password",
            "not a whole one"},
           {"[admin]\noperator_pasword = \"file:operator.secret\"\n", "admin.operator_pasword",
            "operator_password"},
           {std::string(kAda) + "chats = true\n", "admin.user.ada.chats", "chat"},
           {std::string(kAda) + "chat = \"yes\"\n", "admin.user.ada.chat", ""},
           {"[admin.user.admin]\nrole = \"admin\"\n" + password, "admin.user.admin", "choose another"},
           {"[admin.user.Operator]\nrole = \"admin\"\n" + password, "admin.user.Operator", "choose another"},
           {"[admin.user.viewer]\nrole = \"admin\"\n" + password, "admin.user.viewer", "choose another"},
           {"[admin.user.local]\nrole = \"admin\"\n" + password, "admin.user.local", "reserved"},
           {"[admin.user.\"a/b\"]\nrole = \"admin\"\n" + password, "admin.user.", "letters, digits"},
           {"[admin.user.\"\"]\nrole = \"admin\"\n" + password, "admin.user.", "letters, digits"},
           {"[admin.user.\"-a\"]\nrole = \"admin\"\n" + password, "admin.user.", "begins with a letter"},
           {std::string(kAda) + "[admin.user.Ada]\nrole = \"admin\"\n" + password, "admin.user.Ada",
            "capitals"},
       }) {
    CAPTURE(row.text);
    const auto said = error(row.text);
    CHECK(contains(said, row.key));
    CHECK(contains(said, row.words));
    CHECK_FALSE(contains(said, "password of"));
  }
}

TEST_CASE_FIXTURE(Fixture, "persons of the page have the rights of their roles, once there are several") {
  const auto with = [&](const std::string& more) {
    bot::runtime::Access access{.mode = bot::runtime::Access::Mode::allowlist};
    bot::runtime::let_chat(read("[admin]\npassword = \"file:admin.secret\"\n" + more), access);
    return access;
  };
  CHECK(with("").admins.empty());
  CHECK(with(kAda).admins.empty());  // she may not chat
  const auto access =
      with(std::string(kAda) +
           "chat = true\n[admin.user.bob]\nrole = \"viewer\"\npassword = \"file:bob.secret\"\nchat = true\n");
  CHECK(access.admins == std::set<std::string>{"local"});
  CHECK(access.approvers == std::set<std::string>{"ada"});
  CHECK(access.allow == std::set<std::string>{"ada", "bob", "local"});
}

}  // namespace
