#include <algorithm>

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "store/people.h"
#include "tests/support/store_fixture.h"

namespace {

using std::chrono::minutes;

struct Fixture : support::StoreFixture {
  store::People people{db};
  base::Timestamp in_an_hour() const { return clock.now() + minutes(60); }
};

TEST_CASE_FIXTURE(Fixture, "a person is known by section and user id") {
  const auto again = people.remember("web", "u-1", "Ada", clock.now());
  CHECK(again.id == person.id);
  CHECK(people.remember("tg", "u-1", "Ada", clock.now()).id != person.id);
  CHECK(people.remember("web", "u-2", "Ada", clock.now()).id != person.id);
  CHECK_FALSE(people.is_admitted(again.id, store::kDirect));
  CHECK_THROWS_AS(people.get({999}), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "a new name replaces the old one, an empty one does not") {
  CHECK(people.remember("web", "u-1", "Ada L.", clock.now()).name == "Ada L.");
  CHECK(people.remember("web", "u-1", "", clock.now()).name == "Ada L.");
  CHECK(people.get(person.id).name == "Ada L.");
  CHECK(people.remember("web", "u-3", "", clock.now()).name.empty());
}

TEST_CASE_FIXTURE(Fixture, "a pairing code admits the person who was shown it, once") {
  const auto code = people.new_pairing_code(person.id, store::kDirect, in_an_hour());
  REQUIRE(code.size() == 9);
  CHECK(code[4] == '-');
  const auto admitted = people.admit(code, clock.now());
  REQUIRE(admitted);
  CHECK(admitted->person.id == person.id);
  CHECK(admitted->place == store::kDirect);
  CHECK(people.is_admitted(person.id, store::kDirect));
  CHECK_FALSE(people.is_admitted(person.id, "c-1"));
  CHECK_FALSE(people.admit(code, clock.now()));
}

TEST_CASE_FIXTURE(Fixture, "a pairing code of another section is unknown, and stays good") {
  const auto code = people.new_pairing_code(person.id, store::kDirect, in_an_hour());
  CHECK_FALSE(people.admit(code, clock.now(), "tg"));
  CHECK_FALSE(people.is_admitted(person.id, store::kDirect));
  CHECK(people.admit(code, clock.now(), "web"));
  CHECK(people.is_admitted(person.id, store::kDirect));
}

TEST_CASE_FIXTURE(Fixture, "a person is found by section and id, and nobody is made up") {
  CHECK(people.find("web", "u-1")->id == person.id);
  CHECK_FALSE(people.find("tg", "u-1"));
  CHECK_FALSE(people.find("web", "Ada"));
}

TEST_CASE_FIXTURE(Fixture, "a pairing code may be typed in lower case, without dash or with spaces") {
  const auto typed = [&](auto&& change) {
    auto code = people.new_pairing_code(person.id, store::kDirect, in_an_hour());
    change(code);
    return people.admit(code, clock.now()).has_value();
  };
  CHECK(typed([](std::string& code) { code = base::ascii_lower(code); }));
  CHECK(typed([](std::string& code) { std::erase(code, '-'); }));
  CHECK(typed([](std::string& code) { code = " " + code.substr(0, 2) + " " + code.substr(2) + " "; }));
  CHECK(typed([](std::string& code) { code = base::ascii_lower(code).insert(2, "-"); }));
}

TEST_CASE_FIXTURE(Fixture, "an expired pairing code admits nobody") {
  const auto code = people.new_pairing_code(person.id, store::kDirect, in_an_hour());
  clock.advance(minutes(60));
  CHECK_FALSE(people.admit(code, clock.now()));
  CHECK_FALSE(people.is_admitted(person.id, store::kDirect));
}

TEST_CASE_FIXTURE(Fixture, "a new pairing code ends the older one of the same person alone") {
  const auto other = people.remember("web", "u-2", "Bob", clock.now());
  const auto others_code = people.new_pairing_code(other.id, store::kDirect, in_an_hour());
  const auto old = people.new_pairing_code(person.id, store::kDirect, in_an_hour());
  const auto fresh = people.new_pairing_code(person.id, store::kDirect, in_an_hour());
  CHECK(old != fresh);
  CHECK_FALSE(people.admit(old, clock.now()));
  CHECK(people.admit(fresh, clock.now())->person.id == person.id);
  CHECK(people.admit(others_code, clock.now())->person.id == other.id);
}

TEST_CASE_FIXTURE(Fixture, "an unknown pairing code admits nobody") {
  for (const char* code : {"", "-", "AAAA-AAAA", "' OR 1=1 --"}) {
    CAPTURE(std::string(code));
    CHECK_FALSE(people.admit(code, clock.now()));
  }
}

TEST_CASE_FIXTURE(Fixture, "the database does not hold the pairing code itself") {
  auto code = people.new_pairing_code(person.id, store::kDirect, in_an_hour());
  const auto bytes = base::read_file(db.path()) + base::read_file(db.path().string() + "-wal");
  CHECK(bytes.find(code) == std::string::npos);
  std::erase(code, '-');
  CHECK(bytes.find(code) == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a refusal is told once in each span of time") {
  CHECK(people.note_refusal(person.id, store::kDirect, clock.now(), clock.now() - minutes(60)));
  clock.advance(minutes(30));
  CHECK_FALSE(people.note_refusal(person.id, store::kDirect, clock.now(), clock.now() - minutes(60)));
  clock.advance(minutes(31));
  CHECK(people.note_refusal(person.id, store::kDirect, clock.now(), clock.now() - minutes(60)));
}

}  // namespace
