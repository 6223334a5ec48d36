// `frontdesk backup` and `frontdesk restore`.
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::run_frontdesk;

namespace {

namespace fs = std::filesystem;

struct BackupDesk : Desk {
  BackupDesk() : Desk(Claude::fake) {}

  support::Finished frontdesk(const std::string& command, const fs::path& file) {
    return run_frontdesk({command, file.string(), "--config", config_file().string()}, folder());
  }
  /// The names beside the database that the word is part of.
  std::vector<fs::path> named(const std::string& word) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder())) {
      if (contains(entry.path().filename().string(), word)) {
        found.push_back(entry.path());
      }
    }
    return found;
  }
  /// What stood there before a restore; the log of a damaged database is kept beside it.
  std::vector<fs::path> kept() {
    auto found = named(".before-restore-");
    std::erase_if(found, [](const fs::path& path) {
      return path.string().ends_with("-wal") || path.string().ends_with("-shm");
    });
    return found;
  }
  fs::path database() { return folder() / "frontdesk.db"; }
  std::string messages() { return query("SELECT count(*) FROM messages WHERE author = 'user'"); }
  void ask(const std::string& text) {
    say({text});
    callbacks.wait_for(
        [&](const support::Shown& shown) { return contains(shown.text, "Answer to: " + text); });
  }
};

TEST_CASE_FIXTURE(BackupDesk, "a copy that was made while the bot ran brings back what was there then") {
  start();
  ask("one");
  const auto copy = folder() / "copy.db";
  const auto made = frontdesk("backup", copy);
  CAPTURE(made.errors);
  CHECK(made.status == 0);
  CHECK(made.output.empty());
  CHECK((fs::status(copy).permissions() & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
  CHECK(named("copy.db").size() == 1);
  ask("two");

  const auto refused = frontdesk("restore", copy);
  CHECK(refused.status == 2);
  CHECK(contains(refused.errors, "already served by process"));
  CHECK(messages() == "2");
  CHECK(stop(SIGTERM) == 0);

  const auto restored = frontdesk("restore", copy);
  CAPTURE(restored.errors);
  CHECK(restored.status == 0);
  REQUIRE(kept().size() == 1);
  CHECK(contains(restored.errors, kept().front().string()));
  CHECK(messages() == "1");
  start();
  ask("three");
  CHECK(messages() == "2");
  CHECK(stop(SIGTERM) == 0);

  // And back again.
  CHECK(frontdesk("restore", kept().front()).status == 0);
  CHECK(query("SELECT group_concat(text) FROM messages WHERE author = 'user'") == "one,two");
}

TEST_CASE_FIXTURE(BackupDesk,
                  "a damaged or missing database is replaced, and nothing is made of what is no copy") {
  start();
  ask("one");
  const auto copy = folder() / "copy.db";
  REQUIRE(frontdesk("backup", copy).status == 0);
  CHECK(frontdesk("backup", copy).status == 0);  // an earlier copy is replaced
  CHECK(stop(SIGTERM) == 0);

  support::write_text(folder() / "notes.txt", "not a database, but long enough to be looked at as one");
  for (const char* command : {"backup", "restore"}) {
    const auto refused = frontdesk(command, folder() / "notes.txt");
    CHECK(refused.status == 2);
    CHECK(contains(refused.errors, "notes.txt"));
  }
  CHECK(frontdesk("restore", folder() / "nowhere.db").status == 2);
  CHECK(frontdesk("restore", database()).status == 2);
  CHECK(frontdesk("backup", database()).status == 2);
  auto cut = support::read_text(copy);
  support::write_text(folder() / "cut.db", cut.substr(0, cut.size() / 2));
  CHECK(frontdesk("restore", folder() / "cut.db").status == 2);
  CHECK(kept().empty());
  CHECK(named(".part-").empty());
  CHECK(messages() == "1");

  support::write_text(database(), "this was a database");
  CHECK(frontdesk("restore", copy).status == 0);
  CHECK(messages() == "1");
  REQUIRE(kept().size() == 1);
  CHECK(support::read_text(kept().front()) == "this was a database");

  for (const auto& path : named(".before-restore-")) {
    fs::remove(path);
  }
  fs::remove(database());
  CHECK(frontdesk("restore", copy).status == 0);
  CHECK(messages() == "1");
  CHECK(kept().empty());
}

TEST_CASE_FIXTURE(BackupDesk, "copies made under load end, are sound and hold what was acknowledged before") {
  start();
  std::atomic<int> acknowledged = 0;
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < 2; ++sender) {
    senders.emplace_back([&, sender](const std::stop_token& stop) {
      for (int i = 0; !stop.stop_requested(); ++i) {
        const auto id = std::to_string(sender) + "-" + std::to_string(i);
        acknowledged +=
            post(message_body({"question " + id, "c-" + id, "u-" + id, "m-" + id})).status == 200 ? 1 : 0;
      }
    });
  }
  const auto copy = folder() / "copy.db";
  for (int i = 0; i < 5; ++i) {
    const int before = acknowledged;
    REQUIRE(support::wait_until([&] { return acknowledged >= before + 5; }));
    const int known = acknowledged;
    const auto begun = std::chrono::steady_clock::now();
    REQUIRE(frontdesk("backup", copy).status == 0);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(60));
    SQLite::Database db(copy.string(), SQLite::OPEN_READONLY);
    CHECK(db.execAndGet("PRAGMA integrity_check").getString() == "ok");
    CHECK(db.execAndGet("SELECT count(*) FROM messages WHERE author = 'user'").getInt() >= known);
  }
  senders.clear();
  CHECK(stop(SIGTERM) == 0);
  CHECK(frontdesk("restore", copy).status == 0);
  CHECK(kept().size() == 1);
  const int there = std::stoi(messages());
  start();
  // All that the copy holds is answered, also what had waited when it was made.
  CHECK(support::wait_until([&] {
    return query("SELECT count(*) FROM jobs") == "0" &&
           std::stoi(query("SELECT count(*) FROM messages WHERE author = 'assistant'")) >= there;
  }));
  CHECK(stop(SIGTERM) == 0);
}

}  // namespace
