#include <doctest/doctest.h>

#include "store/message_parts.h"
#include "tests/support/store_fixture.h"

namespace {

struct Fixture : support::StoreFixture {
  store::MessageParts pieces{db};
  store::MessageId message = say("a long answer");
};

TEST_CASE_FIXTURE(Fixture, "a piece is known from before it is sent until it is forgotten") {
  CHECK(pieces.of(message).empty());
  pieces.mark_attempted(message, 0, clock.now());
  auto known = pieces.of(message);
  REQUIRE(known.size() == 1);
  CHECK(known[0].position == 0);
  CHECK(known[0].external_id.empty());
  CHECK(known[0].shown.empty());
  CHECK_FALSE(known[0].uncertain);
  CHECK(known[0].attempted == clock.now());
  pieces.mark_sent(message, 0, "77");
  pieces.mark_shown(message, 0, "abc");
  known = pieces.of(message);
  REQUIRE(known.size() == 1);
  CHECK(known[0].external_id == "77");
  CHECK(known[0].shown == "abc");
  pieces.forget(message, 0);
  CHECK(pieces.of(message).empty());
}

TEST_CASE_FIXTURE(Fixture, "an attempt that is made again keeps the time of the first and what is known") {
  const auto first = clock.now();
  pieces.mark_attempted(message, 0, first);
  pieces.mark_sent(message, 0, "77");
  clock.advance(std::chrono::hours(1));
  pieces.mark_attempted(message, 0, clock.now());
  CHECK(pieces.of(message).at(0).attempted == first);
  CHECK(pieces.of(message).at(0).external_id == "77");
  pieces.forget(message, 0);
  pieces.mark_attempted(message, 0, clock.now());
  CHECK(pieces.of(message).at(0).attempted == clock.now());
}

TEST_CASE_FIXTURE(Fixture, "how far an attempt came is known until it is sent or given up, and is no id") {
  pieces.mark_step(message, 0, "too early");
  CHECK(pieces.of(message).empty());
  pieces.mark_attempted(message, 0, clock.now());
  pieces.mark_step(message, 0, "half");
  pieces.mark_attempted(message, 0, clock.now());
  CHECK(pieces.of(message).at(0).step == "half");
  CHECK(pieces.of(message).at(0).external_id.empty());
  pieces.mark_sent(message, 0, "77");
  pieces.mark_step(message, 0, "too late");
  CHECK(pieces.of(message).at(0).step.empty());
  CHECK(pieces.of(message).at(0).external_id == "77");
  pieces.mark_attempted(message, 1, clock.now());
  pieces.mark_step(message, 1, "half");
  pieces.mark_uncertain(message, 1);
  CHECK(pieces.of(message).at(1).step.empty());
  CHECK(pieces.of(message).at(1).external_id.empty());
}

TEST_CASE_FIXTURE(Fixture, "pieces come in the order of their positions, and each message has its own") {
  const auto other = say("another answer");
  for (const int position : {10, 2, 0, 1}) {
    pieces.mark_attempted(message, position, clock.now());
  }
  pieces.mark_attempted(other, 1, clock.now());
  pieces.mark_sent(message, 1, "of the first");
  pieces.forget(message, 2);
  const auto known = pieces.of(message);
  REQUIRE(known.size() == 3);
  CHECK(known[0].position == 0);
  CHECK(known[1].position == 1);
  CHECK(known[2].position == 10);
  REQUIRE(pieces.of(other).size() == 1);
  CHECK(pieces.of(other)[0].external_id.empty());
}

TEST_CASE_FIXTURE(Fixture, "what is in doubt is counted once a piece, until it is forgotten") {
  CHECK(pieces.doubtful_count() == 0);
  for (const int position : {0, 1, 2}) {
    pieces.mark_attempted(message, position, clock.now());
  }
  pieces.mark_uncertain(message, 0);
  pieces.mark_doubtful(message, 1);
  pieces.mark_doubtful(message, 1);
  CHECK(pieces.doubtful_count() == 2);
  CHECK(pieces.of(message).at(0).uncertain);
  // It was sent once more, and is known since.
  CHECK_FALSE(pieces.of(message).at(1).uncertain);
  pieces.mark_sent(message, 1, "78");
  CHECK(pieces.doubtful_count() == 2);
  pieces.forget(message, 1);
  CHECK(pieces.doubtful_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "each mark is there for whoever opens the database next") {
  pieces.mark_attempted(message, 0, clock.now());
  store::Database again(db.path());
  CHECK(store::MessageParts(again).of(message).size() == 1);
  pieces.mark_sent(message, 0, "77");
  CHECK(store::MessageParts(again).of(message).at(0).external_id == "77");
}

TEST_CASE_FIXTURE(Fixture, "within a transaction that is not committed nothing is marked") {
  {
    const store::Transaction transaction(db);
    pieces.mark_attempted(message, 0, clock.now());
    CHECK(pieces.of(message).size() == 1);
  }
  CHECK(pieces.of(message).empty());
}

}  // namespace
