// [retention]: what was said long ago goes while the program runs.
#include <algorithm>
#include <array>
#include <filesystem>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <signal.h>

#include "base/file.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;

namespace {

struct OldDesk : Desk {
  OldDesk() : Desk(Claude::fake) {}
  void exec(const std::string& sql) const {
    SQLite::Database((folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE, 10'000).exec(sql);
  }
  bool stands_in_files(const std::string& word) const {
    return std::ranges::any_of(std::array{"frontdesk.db", "frontdesk.db-wal"}, [&](const char* name) {
      const auto file = folder() / name;
      return std::filesystem::exists(file) && contains(base::read_file(file.string()), word);
    });
  }
};

TEST_CASE_FIXTURE(OldDesk, "old words go, the log stays, and a late repeat is still a repeat") {
  start();
  say({.text = "an old pineapple", .id = "m-old"});
  answer_to("m-old");
  REQUIRE(stop(SIGTERM) == 0);
  // Two years ago.
  exec("UPDATE messages SET created_at = created_at - 63072000000");
  start();
  say({.text = "a young one", .id = "m-young"});
  answer_to("m-young");
  CHECK(query("SELECT count(*) FROM messages WHERE text = ''") == "0");  // nothing configured: all is kept
  REQUIRE(stop(SIGTERM) == 0);

  config.set("retention", "messages", "\"365d\"");
  start();
  CHECK(support::wait_until([&] { return query("SELECT count(*) FROM messages WHERE text = ''") == "2"; }));
  CHECK(support::wait_until([&] { return !stands_in_files("pineapple"); }));  // nor in the index of words
  CHECK(query("SELECT count(*) FROM messages WHERE text LIKE '%pineapple%'") == "0");
  CHECK(query("SELECT count(*) FROM outbox WHERE body LIKE '%pineapple%'") == "0");
  CHECK(query("SELECT text FROM messages WHERE external_id = 'm-young'") == "a young one");
  CHECK(query("SELECT count(*) FROM decisions") == "2");
  const auto calls = callbacks.calls().size();
  say({.text = "an old pineapple", .id = "m-old"});
  say({.text = "and another", .id = "m-last"});
  answer_to("m-last");
  CHECK(callbacks.calls().size() == calls + 1);
  CHECK(query("SELECT count(*) FROM messages WHERE external_id = 'm-old'") == "1");
  const auto listed = support::run_frontdesk({"log", "list", "--config", config_file().string()}, folder());
  CHECK(listed.status == 0);
  CHECK(stop(SIGTERM) == 0);
}

TEST_CASE_FIXTURE(OldDesk, "a time that is none is an error that names the key") {
  for (const char* wrong : {"\"365\"", "\"1y\"", "\"0d\"", "\"-1d\"", "365", "\"\"", "\"d\""}) {
    CAPTURE(std::string(wrong));
    config.set("retention", "messages", wrong);
    write_config();
    const auto refused = support::run_frontdesk({"serve", "--config", config_file().string()}, folder());
    CHECK(refused.status == 2);
    CHECK(contains(refused.errors, "retention.messages"));
  }
}

}  // namespace
