#include <doctest/doctest.h>

#include "bot/intake.h"
#include "store/job_queue.h"
#include "tests/support/services_fixture.h"

namespace {

using Mode = bot::Access::Mode;

struct Fixture : support::ServicesFixture {
  bot::Intake intake{services, store::Database(db.path())};
  store::Conversations conversations{db};
  store::JobQueue queue{db};
  Fixture() { allow("web", Mode::open); }

  static bot::Incoming message(const std::string& id, const std::string& text = "Hello") {
    return {id, "c-9", "u-9", "Eve", text, std::nullopt};
  }
  std::vector<store::Message> said(const std::string& section) {
    const auto c = conversations.find(section, "c-9");
    return c ? conversations.history(c->id, std::nullopt, 100) : std::vector<store::Message>();
  }
};

TEST_CASE_FIXTURE(Fixture, "a message is stored with its person, its chat and the job that answers it") {
  const auto rings = doorbell.count();
  const auto taken = intake.take("web", message("m-1"));
  CHECK_FALSE(taken.repeated);
  CHECK_FALSE(taken.refused);
  const auto m = conversations.message(taken.message);
  CHECK(m.text == "Hello");
  CHECK(m.external_id == "m-1");
  CHECK(store::People(db).get(*m.person).name == "Eve");
  const auto job = queue.claim(bot::kTurnJob, clock.now());
  REQUIRE(job);
  CHECK(job->ref == taken.message.value);
  CHECK(job->lane == m.conversation.value);
  CHECK(doorbell.count() > rings);
}

TEST_CASE_FIXTURE(Fixture, "a repeat gives the same message and does nothing") {
  const auto first = intake.take("web", message("m-1"));
  for (const char* text : {"Hello", "something else"}) {
    const auto again = intake.take("web", message("m-1", text));
    CHECK(again.repeated);
    CHECK_FALSE(again.refused);
    CHECK(again.message == first.message);
  }
  CHECK(said("web").size() == 1);
  CHECK(queue.open(bot::kTurnJob) == 1);
}

TEST_CASE_FIXTURE(Fixture, "the same id in another section is another message") {
  allow("ops", Mode::open);
  const auto first = intake.take("web", message("m-1"));
  const auto second = intake.take("ops", message("m-1"));
  CHECK_FALSE(second.repeated);
  CHECK(second.message != first.message);
}

TEST_CASE_FIXTURE(Fixture, "clicks and quick commands go in front of turns that need a model") {
  auto click = message("m-1", "");
  click.button = "b-1";
  intake.take("web", click);
  intake.take("web", message("m-2", "/cancel"));
  CHECK(queue.open(bot::kQuickTurnJob) == 2);
  intake.take("web", message("m-3", "/dispatch x"));
  intake.take("web", message("m-4", "/etc/hosts is empty"));
  CHECK(queue.open(bot::kTurnJob) == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "a stranger on an allowlist is refused, told once, and their message is not stored") {
  allow("ops", Mode::allowlist, {"u-1"});
  const auto first = intake.take("ops", message("m-1"));
  CHECK(first.refused);
  CHECK(first.message == store::MessageId{0});
  REQUIRE(said("ops").size() == 1);
  CHECK(said("ops")[0].author == store::Author::assistant);
  CHECK(said("ops")[0].text.find("`u-9`") != std::string::npos);
  CHECK(intake.take("ops", message("m-2")).refused);
  CHECK(said("ops").size() == 1);
  CHECK(queue.open(bot::kTurnJob) == 0);
  CHECK(queue.open(store::Outbox::job_kind("ops")) == 1);
  clock.advance(std::chrono::hours(25));
  intake.take("ops", message("m-3"));
  CHECK(said("ops").size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "who is on the allowlist may write, by id and never by name") {
  allow("ops", Mode::allowlist, {"u-9", "Mallory"});
  CHECK_FALSE(intake.take("ops", message("m-1")).refused);
  auto other = message("m-2");
  other.user_id = "u-8";
  other.user_name = "Mallory";
  CHECK(intake.take("ops", other).refused);
}

TEST_CASE_FIXTURE(Fixture, "a stranger gets a pairing code once, and may write once it was used") {
  allow("tg", Mode::pairing);
  CHECK(intake.take("tg", message("m-1")).refused);
  CHECK(intake.take("tg", message("m-2")).refused);
  REQUIRE(said("tg").size() == 1);
  const auto text = said("tg")[0].text;
  const auto at = text.find("frontdesk pair ");
  REQUIRE(at != std::string::npos);
  REQUIRE(store::People(db).admit(text.substr(at + 15, 9), clock.now()));
  const auto taken = intake.take("tg", message("m-3"));
  CHECK_FALSE(taken.refused);
  CHECK(conversations.message(taken.message).text == "Hello");
  CHECK(queue.open(bot::kTurnJob) == 1);
}

TEST_CASE_FIXTURE(Fixture, "a pairing code that has expired is replaced when the person writes again") {
  allow("tg", Mode::pairing);
  intake.take("tg", message("m-1"));
  clock.advance(std::chrono::minutes(61));
  intake.take("tg", message("m-2"));
  REQUIRE(said("tg").size() == 2);
  CHECK(said("tg")[0].text != said("tg")[1].text);
}

TEST_CASE_FIXTURE(Fixture, "with pairing, who is on the list needs no code") {
  allow("tg", Mode::pairing, {"u-9"});
  CHECK_FALSE(intake.take("tg", message("m-1")).refused);
}

TEST_CASE_FIXTURE(Fixture, "a section that is not configured takes nothing and answers nothing") {
  CHECK_THROWS(intake.take("gone", message("m-1")));
  CHECK(said("gone").empty());
}

}  // namespace
