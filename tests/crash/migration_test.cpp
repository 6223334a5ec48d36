// Databases that earlier versions of the program made, brought up to date, also where that is cut.
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "base/error.h"
#include "store/database.h"
#include "store/migrations.h"
#include "tests/support/checkout.h"
#include "tests/support/disk/faulty_disk.h"
#include "tests/support/files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

using support::FaultyDisk;
using Left = support::WrittenFiles::Left;

namespace {

namespace fs = std::filesystem;

/// Of each version that was ever handed out: what its own statements make, with a row or more in every table.
std::vector<fs::path> old_databases() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(support::source_dir() + "/tests/fixtures/schemas")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void make(const fs::path& file, const fs::path& dump) {
  fs::create_directories(file.parent_path());
  SQLite::Database db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  db.exec("PRAGMA journal_mode = WAL");
  db.exec(support::read_text(dump));
}

int version_of(SQLite::Database& db) {
  return db.execAndGet("PRAGMA user_version").getInt();
}

/// Every table and index with its statement, blanks and comments aside.
std::map<std::string, std::string> schema_of(SQLite::Database& db) {
  std::map<std::string, std::string> schema;
  SQLite::Statement rows(db, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL");
  while (rows.executeStep()) {
    std::string words;
    for (const char c : rows.getColumn(1).getString()) {
      words += std::isspace(static_cast<unsigned char>(c)) != 0 ? "" : std::string(1, c);
    }
    schema[rows.getColumn(0).getString()] = words;
  }
  return schema;
}

/// How many rows each table has.
std::map<std::string, int> rows_of(SQLite::Database& db) {
  std::map<std::string, int> counts;
  SQLite::Statement tables(
      db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  while (tables.executeStep()) {
    const auto table = tables.getColumn(0).getString();
    counts[table] = db.execAndGet("SELECT count(*) FROM " + table).getInt();
  }
  return counts;
}

/// What is not right in a database that was brought up to date and had these rows before; empty: nothing.
std::string problem_of(SQLite::Database& db, const std::map<std::string, int>& rows_before) {
  if (const auto verdict = db.execAndGet("PRAGMA integrity_check(1)").getString(); verdict != "ok") {
    return verdict;
  }
  if (SQLite::Statement(db, "PRAGMA foreign_key_check").executeStep()) {
    return "a row names another that is not there";
  }
  if (version_of(db) != store::schema_version()) {
    return "version " + std::to_string(version_of(db));
  }
  const auto rows = rows_of(db);
  for (const auto& [name, count] : rows_before) {
    const std::string table = name == "pairing_codes" ? "pairing_requests" : name;  // since version 24
    if (!rows.contains(table) || rows.at(table) < count) {
      return "not all rows of " + table + " are there";
    }
  }
  return {};
}

std::string one(SQLite::Database& db, const std::string& sql) {
  SQLite::Statement statement(db, sql);
  return statement.executeStep() ? statement.getColumn(0).getString() : "";
}

TEST_CASE(
    "a database of every version that was handed out becomes what a new one is, with all that it held") {
  const support::TemporaryFolder folder;
  store::Database fresh(folder.path() / "fresh.db");
  const auto schema = schema_of(fresh.handle());
  const auto dumps = old_databases();
  REQUIRE(dumps.size() >= 8);
  for (const auto& dump : dumps) {
    CAPTURE(dump.filename().string());
    const auto file = folder.path() / dump.stem() / "frontdesk.db";
    make(file, dump);
    std::map<std::string, int> before;
    {
      SQLite::Database old(file.string(), SQLite::OPEN_READWRITE);
      CHECK(version_of(old) == std::stoi(dump.stem().string()));
      before = rows_of(old);
    }
    store::Database db(file);
    CHECK(problem_of(db.handle(), before) == "");
    CHECK(schema_of(db.handle()) == schema);
    CHECK(one(db.handle(), "SELECT text FROM messages WHERE id = 1") == "Build me a page, bitte schön ☃");
    CHECK(one(db.handle(), "SELECT state FROM jobs WHERE kind = 'deliver:tg'") == "running");
    CHECK(one(db.handle(),
              "SELECT group_concat(id) FROM (SELECT id FROM buttons WHERE shown = 1 AND kind <> "
              "'file' ORDER BY id)") == "b-1,b-2");
    CHECK(one(db.handle(), "SELECT room FROM conversations WHERE id = 1") == "c-1");
    CHECK(one(db.handle(), "SELECT became FROM decisions WHERE id = 3") == "failed");
    CHECK(one(db.handle(), "SELECT count(*) FROM admissions WHERE place = 'direct'") == "2");
    CHECK(one(db.handle(), "SELECT owner FROM jobs WHERE id = 3") == (dump.stem() < "11" ? "3" : "0"));
    // What is there goes on.
    CHECK_NOTHROW(db.probe_write(base::from_unix_ms(1)));
  }
}

TEST_CASE("every version in between is brought up to date, too") {
  const support::TemporaryFolder folder;
  for (int version = 1; version <= store::schema_version(); ++version) {
    CAPTURE(version);
    const auto file = folder.path() / (std::to_string(version) + ".db");
    {
      SQLite::Database old(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      fs::path nearest;
      for (const auto& dump : old_databases()) {
        nearest = std::stoi(dump.stem().string()) <= version ? dump : nearest;
      }
      old.exec(support::read_text(nearest));
      store::migrate(old, file.string(), version);
      REQUIRE(version_of(old) == version);
    }
    store::Database db(file);
    CHECK(problem_of(db.handle(), {{"people", 3}, {"messages", 5}, {"decisions", 4}, {"outbox", 3}}) == "");
  }
}

/// What a kill and a cut of the power leave at moments while a database is brought up to date.
struct Cuts {
  support::TemporaryFolder folder;
  std::mt19937 random{std::random_device{}()};
  int kills = 0;
  int cuts = 0;
  int begun_anew = 0;

  void of(const fs::path& dump, FaultyDisk& disk) {
    const auto place = folder.path() / dump.stem();
    make(place / "disk" / "frontdesk.db", dump);
    std::map<std::string, int> before;
    {
      SQLite::Database old((place / "disk" / "frontdesk.db").string(), SQLite::OPEN_READWRITE);
      before = rows_of(old);
    }
    std::vector<fs::path> left;
    const auto leave = [&](Left how) {
      disk.leave(left.emplace_back(place / std::to_string(left.size())), how, random);
      how == Left::all ? ++kills : ++cuts;
    };
    disk.watch(place / "disk");
    disk.at_moments([&](FaultyDisk::Moment moment) {
      // One of the three at each: the versions share most of their way.
      if (moment != FaultyDisk::Moment::before_write) {
        leave(std::array{Left::all, Left::none, Left::chance}[random() % 3]);
      } else if (random() % 24 == 0) {
        leave(random() % 2 == 0 ? Left::all : Left::chance);
      }
    });
    { const store::Database upgraded(place / "disk" / "frontdesk.db"); }
    disk.at_moments(nullptr);
    for (const auto& after : left) {
      const auto file = after / "frontdesk.db";
      CAPTURE(file.string());
      {
        SQLite::Database db(file.string(), SQLite::OPEN_READWRITE);
        const int version = version_of(db);
        const bool old = version == std::stoi(dump.stem().string());
        REQUIRE((old || version == store::schema_version()));
        begun_anew += old ? 1 : 0;
      }
      store::Database db(file);
      REQUIRE(problem_of(db.handle(), before) == "");
    }
  }
};

TEST_CASE("whenever bringing a database up to date is cut, the next start finishes it or begins anew" *
          doctest::timeout(300)) {
  FaultyDisk disk;
  Cuts cuts;
  for (const auto& dump : old_databases()) {
    if (std::stoi(dump.stem().string()) < store::schema_version()) {
      CAPTURE(dump.filename().string());
      cuts.of(dump, disk);
    }
  }
  CHECK(cuts.kills > 20);
  CHECK(cuts.cuts > 40);
  CHECK(cuts.begun_anew > 20);
  CHECK(cuts.begun_anew < cuts.kills + cuts.cuts);
}

TEST_CASE("a disk that fails while a database is brought up to date leaves it as it was") {
  FaultyDisk disk;
  const support::TemporaryFolder folder;
  const auto dump = old_databases().front();
  int failed = 0;
  for (const auto kind : {support::DiskFault::Kind::io_error, support::DiskFault::Kind::full}) {
    for (int first = 1;; first += 1 + first / 6) {
      const auto file = folder.path() / std::to_string(failed) / "frontdesk.db";
      fs::remove_all(file.parent_path());
      make(file, dump);
      disk.fail({.kind = kind, .first = first});
      try {
        store::Database db(file);
      } catch (const std::exception&) {
        ++failed;
      }
      disk.heal();
      const bool struck = disk.struck();
      CAPTURE(first);
      store::Database db(file);
      REQUIRE(problem_of(db.handle(), {{"people", 3}, {"messages", 5}, {"decisions", 4}}) == "");
      if (!struck) {
        break;
      }
    }
  }
  CHECK(failed > 20);
}

TEST_CASE("a database of a newer schema is refused by a sentence and not touched") {
  const support::TemporaryFolder folder;
  const auto file = folder.path() / "frontdesk.db";
  const auto newer = store::schema_version() + 1;
  {
    store::Database db(file);
    db.handle().exec("PRAGMA user_version = " + std::to_string(newer));
  }
  const auto before = support::read_text(file);
  try {
    store::Database db(file);
    FAIL("it was opened");
  } catch (const base::ConfigError& e) {
    CHECK(support::contains(e.what(), "schema " + std::to_string(newer)));
    CHECK(support::contains(e.what(), "knows up to " + std::to_string(store::schema_version())));
  }
  CHECK(support::read_text(file) == before);
}

}  // namespace
