#include <doctest/doctest.h>

#include "store/attachments.h"
#include "store/offered_files.h"
#include "tests/support/store_fixture.h"

namespace {

struct Fixture : support::StoreFixture {
  store::Attachments attachments{db};
  store::DispatchId order = dispatch(project("site"));

  store::AttachmentId attach(store::MessageId message, const std::string& name) {
    store::Attachment a;
    a.message = message;
    a.handle = "handle-of-" + name;
    a.name = name;
    return attachments.add(a);
  }
  std::string waiting(store::DispatchId for_dispatch) {
    std::string names;
    for (const auto& a : attachments.waiting(store::Conversations(db).get(conversation.id), person.id,
                                             clock.now() - std::chrono::hours(24), for_dispatch)) {
      names += a.name + " ";
    }
    return names;
  }
};

TEST_CASE_FIXTURE(Fixture, "an attachment is stored with its message") {
  const auto message = say("look");
  store::Attachment a{{}, message, "h-1", "plan.pdf", "application/pdf", 120'000};
  attachments.add(a);
  attach(message, "b.png");
  const auto list = attachments.of(message);
  REQUIRE(list.size() == 2);
  CHECK(list[0].handle == "h-1");
  CHECK(list[0].name == "plan.pdf");
  CHECK(list[0].media_type == "application/pdf");
  CHECK(list[0].size == 120'000);
  CHECK_FALSE(list[0].dispatch);
  CHECK_FALSE(list[1].size);
  CHECK(attachments.of(say("nothing")).empty());
}

TEST_CASE_FIXTURE(Fixture, "files of that person and chat wait, for a day, in their order") {
  attach(say("old"), "old.txt");
  clock.advance(std::chrono::hours(24) + std::chrono::milliseconds(1));
  attach(say("one"), "one.txt");
  attach(say("two"), "two.txt");
  const auto bob = store::People(db).remember("web", "u-2", "Bob", clock.now());
  const auto elsewhere = store::Conversations(db).open("web", "c-2", clock.now());
  attach(say("his", conversation, bob), "his.txt");
  attach(say("there", elsewhere, person), "there.txt");
  CHECK(waiting(order) == "one.txt two.txt ");
}

TEST_CASE_FIXTURE(Fixture, "what was sent before a new conversation began waits no longer") {
  const auto before = say("one");
  attach(before, "one.txt");
  store::Conversations(db).start_context_at(conversation.id, {before.value + 1});
  CHECK(waiting(order).empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "what was placed or failed waits no longer and is known to its dispatch and project") {
  const auto message = say("one");
  const auto placed = attach(message, "one.txt");
  const auto failed = attach(message, "two.txt");
  attachments.mark_placed(placed, order, "attachments/one.txt", 7);
  attachments.mark_failed(failed, order, "gone");
  CHECK(waiting(order).empty());
  const auto taken = attachments.taken_by(order);
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].path == "attachments/one.txt");
  CHECK(taken[0].size == 7);
  CHECK(taken[1].problem == "gone");
  CHECK(attachments.placed_in(store::DispatchLog(db).dispatch(order).project) ==
        std::vector<std::string>{"attachments/one.txt"});
}

TEST_CASE_FIXTURE(Fixture, "what came with the order of another open dispatch is left to that one") {
  const auto other = dispatch(project("other"));
  store::DispatchLog log(db);
  attach(log.decision(log.dispatch(other).decision).message, "other.txt");
  CHECK(waiting(order).empty());
  CHECK(waiting(other) == "other.txt ");
  log.finish(other, store::DispatchOutcome::cancelled, "", "{}", 0, clock.now());
  CHECK(waiting(order) == "other.txt ");
}

TEST_CASE_FIXTURE(Fixture, "an offered file is found again") {
  store::OfferedFiles offered(db);
  const auto id = offered.add({order, "docs/a.pdf"});
  const auto found = offered.find(id);
  REQUIRE(found);
  CHECK(found->dispatch == order);
  CHECK(found->path == "docs/a.pdf");
  CHECK_FALSE(offered.find({id.value + 1}));
}

}  // namespace
