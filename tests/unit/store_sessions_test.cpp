// Who is signed in, as rows.
#include <doctest/doctest.h>

#include "store/sessions.h"
#include "store/statement.h"
#include "tests/support/store_fixture.h"

namespace {

using namespace std::chrono_literals;

struct Fixture : support::StoreFixture {
  store::Sessions sessions{db};

  std::int64_t add(const std::string& secret, const std::string& user = "ada") {
    return sessions.add(secret, user, "192.0.2.1", clock.now());
  }
  bool is_open(const std::string& secret) { return sessions.find(secret, clock.now()).has_value(); }
};

TEST_CASE_FIXTURE(Fixture, "a session is found by its secret, which the database does not hold") {
  const auto id = add("the secret");
  const auto found = sessions.find("the secret", clock.now());
  REQUIRE(found);
  CHECK(found->id == id);
  CHECK(found->user == "ada");
  CHECK(found->began == clock.now());
  CHECK(found->seen == clock.now());
  CHECK(found->address == "192.0.2.1");
  for (const char* wrong : {"", "the secret ", "THE SECRET", "ada"}) {
    CHECK_FALSE(is_open(wrong));
  }
  CHECK_FALSE(store::Statement(db, "SELECT 1 FROM sessions WHERE secret_hash LIKE '%secret%'").any());
  CHECK(sessions.end(id));
  CHECK_FALSE(sessions.end(id));
  CHECK_FALSE(is_open("the secret"));
}

TEST_CASE_FIXTURE(Fixture, "a session ends when it is not used for a week") {
  const auto id = add("s");
  for (int day = 0; day < 20; ++day) {
    clock.advance(24h);
    sessions.note_seen(id, clock.now());
  }
  clock.advance(store::Sessions::kIdle - 1min);
  CHECK(is_open("s"));
  CHECK(sessions.open(clock.now()).size() == 1);
  clock.advance(1min);
  CHECK_FALSE(is_open("s"));
  CHECK_FALSE(sessions.get(id, clock.now()));
  CHECK(sessions.open(clock.now()).empty());
}

TEST_CASE_FIXTURE(Fixture, "a session ends thirty days after it began, however much it is used") {
  const auto id = add("s");
  for (int day = 1; day < 30; ++day) {
    clock.advance(24h);
    sessions.note_seen(id, clock.now());
  }
  CHECK(is_open("s"));
  clock.advance(24h);
  sessions.note_seen(id, clock.now());
  CHECK_FALSE(is_open("s"));
  // The next one takes its row away.
  add("other");
  CHECK(store::Statement(db, "SELECT count(*) FROM sessions").first<int>() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what was seen before the clock was set back stays seen") {
  const auto id = add("s");
  sessions.note_seen(id, clock.now() - 1h);
  CHECK(sessions.find("s", clock.now())->seen == clock.now());
}

TEST_CASE_FIXTURE(Fixture, "of too many sessions the one that was seen longest ago makes room") {
  {
    store::Transaction transaction(db);
    for (int i = 0; i < store::Sessions::kMost; ++i) {
      add("s" + std::to_string(i));
      clock.advance(1ms);
    }
    transaction.commit();
  }
  CHECK(is_open("s0"));
  sessions.note_seen(sessions.find("s0", clock.now())->id, clock.now());
  add("one more");
  CHECK(is_open("s0"));
  CHECK_FALSE(is_open("s1"));
  CHECK(is_open("s2"));
  CHECK(is_open("one more"));
}

TEST_CASE_FIXTURE(Fixture, "a user who goes takes all sessions and the password along, and nobody else's") {
  add("a1");
  add("a2");
  add("b", "bob");
  sessions.keep_user("ada", "$scrypt$…");
  sessions.keep_user("bob", "");
  CHECK(sessions.users() == std::map<std::string, std::string>{{"ada", "$scrypt$…"}, {"bob", ""}});
  CHECK(sessions.drop_user("ada") == 2);
  CHECK(sessions.users().size() == 1);
  CHECK_FALSE(is_open("a1"));
  CHECK(is_open("b"));
}

}  // namespace
