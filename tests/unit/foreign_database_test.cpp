#include <cerrno>
#include <fstream>
#include <system_error>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <sqlite3.h>

#include "base/error.h"
#include "base/file.h"
#include "bot/cli/backup.h"
#include "bot/cli/log_commands.h"
#include "store/backup.h"
#include "store/disk_reserve.h"
#include "store/existing_database.h"
#include "store/serve_lock.h"
#include "tests/support/temporary_folder.h"

// What is not there, not ours or not whole is told, and left as it is.

namespace {

namespace fs = std::filesystem;

struct Fixture {
  support::TemporaryFolder folder;
  const fs::path path = folder.path() / "frontdesk.db";

  /// Of the file, and of what SQLite keeps beside it.
  void make_foreign(const std::string& table) {
    SQLite::Database db(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("CREATE TABLE " + table + "(id INTEGER)");
  }
  static void add_message(const fs::path& file) {
    store::Database db(file);
    db.handle().exec(
        "INSERT INTO conversations(section, chat_id, created_at, in_group) VALUES ('web', 'c', 0, 0);"
        "INSERT INTO messages(conversation_id, author, text, created_at) VALUES (1, 'user', 'hello', 0)");
  }
};

template <typename Work>
std::string thrown_by(const Work& work) {
  try {
    work();
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("foreign_database") {
  TEST_CASE_FIXTURE(Fixture, "commands that read make no database") {
    bot::cli::LogOptions options;
    options.config = folder.write("frontdesk.toml", "[store]\nurl = \"sqlite:none/frontdesk.db\"").string();
    const auto none = (folder.path() / "none/frontdesk.db").string();
    for (int (*command)(const bot::cli::LogOptions&) :
         {bot::cli::show_log_list, bot::cli::verify_log, bot::cli::show_log_head, bot::cli::export_log,
          bot::cli::show_log_summary, bot::cli::show_savings, bot::cli::show_log_approvals}) {
      const auto said = thrown_by([&] { command(options); });
      CHECK_MESSAGE(contains(said, "there is no database at " + none), said);
    }
    CHECK(contains(thrown_by([&] { store::back_up(none, folder.path() / "copy.db"); }),
                   "there is no database"));
    CHECK_FALSE(fs::exists(folder.path() / "none"));
    CHECK_FALSE(store::open_if_there(none));
    folder.write("empty.db", "");
    CHECK_FALSE(store::open_if_there(folder.path() / "empty.db"));
  }

  TEST_CASE_FIXTURE(Fixture, "another program's database is refused and not changed") {
    for (const char* table : {"invoices", "messages", "decisions"}) {
      fs::remove(path);
      make_foreign(table);
      const auto before = base::read_file(path);
      for (const auto& said :
           {thrown_by([&] { store::Database db(path); }), thrown_by([&] { store::ServeLock lock(path); }),
            thrown_by([&] { store::back_up(path, folder.path() / "copy.db"); })}) {
        CHECK_MESSAGE(contains(said, path.string()), said);
        CHECK_MESSAGE(contains(said, "of Frontdesk"), said);
      }
      CHECK_THROWS_AS(store::Database{path}, base::ConfigError);
      CHECK(base::read_file(path) == before);
      CHECK_FALSE(fs::exists(path.string() + "-wal"));
      CHECK_FALSE(fs::exists(folder.path() / "copy.db"));
    }
  }

  TEST_CASE_FIXTURE(Fixture, "a copy with messages is not replaced by a database without any") {
    const auto copy = folder.path() / "copy.db";
    add_message(path);
    store::back_up(path, copy);
    store::back_up(path, copy);
    const auto fresh = folder.path() / "fresh.db";
    { store::Database db(fresh); }
    const auto before = base::read_file(copy);
    CHECK(contains(thrown_by([&] { store::back_up(fresh, copy); }), "holds 1 messages"));
    CHECK(base::read_file(copy) == before);
    store::back_up(fresh, folder.path() / "first.db");
    store::back_up(fresh, folder.path() / "first.db");
  }

  TEST_CASE_FIXTURE(Fixture, "damage is told before anything is done, with the file and what helps") {
    { store::Database db(path); }
    {
      SQLite::Database db(path.string(), SQLite::OPEN_READWRITE);
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    const auto size = fs::file_size(path);
    REQUIRE(size > 200'000);
    {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(size / 2));
      file << std::string(40'000, 'x');
    }
    const auto said = thrown_by([&] { store::ServeLock lock(path); });
    CHECK_MESSAGE(contains(said, path.string() + ": the database is damaged"), said);
    CHECK_MESSAGE(contains(said, "frontdesk restore"), said);
  }

  TEST_CASE_FIXTURE(Fixture, "a full disk is told from other failures") {
    CHECK(store::is_want_of_disk(SQLite::Exception("full", SQLITE_FULL), path));
    CHECK(store::is_want_of_disk(std::system_error(ENOSPC, std::generic_category()), path));
    CHECK_FALSE(store::is_want_of_disk(SQLite::Exception("x", SQLITE_CORRUPT), path));
    CHECK_FALSE(store::is_want_of_disk(SQLite::Exception("x", SQLITE_IOERR), path));  // there is room here
    CHECK_FALSE(store::is_want_of_disk(std::system_error(EACCES, std::generic_category()), path));
    CHECK_FALSE(store::is_want_of_disk(std::runtime_error("database or disk is full"), path));
  }
}
