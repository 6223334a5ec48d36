#include <chrono>
#include <set>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "base/file.h"
#include "store/found_messages.h"
#include "store/job_queue.h"
#include "store/page_chats.h"
#include "store/question_numbers.h"
#include "store/retention.h"
#include "store/tool_calls.h"
#include "tests/support/store_fixture.h"
#include "tests/support/text.h"

using namespace std::chrono_literals;

namespace {

struct Fixture : support::StoreFixture {
  store::Conversations conversations{db};
  store::Outbox outbox{db};
  store::JobQueue queue{db};
  store::Retention retention{db};

  /// A message of ours that was delivered.
  store::MessageId answer(const std::string& text, const std::string& to) {
    const auto id =
        outbox.post(conversation, {text, {{store::ButtonKind::good, 1, "Good"}}, to}, clock.now());
    const auto job = queue.claim("deliver:web", clock.now());
    REQUIRE(job);
    outbox.mark_delivered({job->ref}, "ext-" + to, clock.now());
    queue.complete(*job);
    return id;
  }
  /// All that was written until a day ago.
  int prune(int rows = 100) {
    int emptied = 0;
    for (store::Retention::Step step{.more = true}; step.more;) {
      step = retention.empty_old(clock.now() - 24h, rows, clock.now());
      emptied += step.emptied;
    }
    return emptied;
  }
  int later() { return retention.empty_later(100, clock.now()).emptied; }
  std::string text(store::MessageId id) { return conversations.message(id).text; }
  std::string one(const std::string& sql) {
    SQLite::Statement statement(db.handle(), sql);
    return statement.executeStep() ? statement.getColumn(0).getString() : "";
  }
};

TEST_CASE_FIXTURE(Fixture,
                  "of whose words an answer was made is still known when what it found them in is empty") {
  store::FoundMessages found(db);
  const auto said = say("the code is walnut7");
  const auto first = say("which code?");
  answer("walnut7", conversations.message(first).external_id);
  found.note(first, {said});
  clock.advance(48h);
  const auto second = say("what did you say?");
  const auto shown = answer("I said walnut7", conversations.message(second).external_id);
  found.note(second, {first});
  CHECK(found.answers_that_show({said}).size() == 2);
  prune();
  CHECK(text(first).empty());
  CHECK(found.answers_that_show({said}) == std::set{shown});
}

TEST_CASE_FIXTURE(Fixture, "what was said long ago goes, and its rows and ids stay") {
  REQUIRE(conversations.first_time("web", "m-1", clock.now()));
  const auto question = say("an old secret question");
  conversations.on_stored("web", "m-1", question);
  db.handle().exec("INSERT INTO quotations VALUES (" + std::to_string(question.value) +
                   ", 0, 'forward', 'others', 'Boris', 'Buy')");
  const auto reply = answer("an old secret answer", "m-1");
  store::QuestionNumbers(db).give(conversation.id, reply, 1);
  conversations.keep_reply(question, reply);
  clock.advance(48h);
  const auto young = say("a young question");
  const auto young_reply = answer("a young answer", "m-2");

  CHECK(prune() == 2);
  CHECK(text(question).empty());
  CHECK(text(reply).empty());
  CHECK(conversations.message(reply).buttons.empty());
  CHECK(
      one("SELECT (SELECT count(*) FROM quotations) + (SELECT count(*) FROM question_numbers) + (SELECT count(*) "
          "FROM replies)") == "0");
  CHECK(text(young) == "a young question");
  CHECK(text(young_reply) == "a young answer");
  CHECK(conversations.message(young_reply).buttons.size() == 1);
  // A late repeat is still a repeat, and whatever names a message finds it.
  CHECK_FALSE(conversations.first_time("web", "m-1", clock.now()));
  CHECK(conversations.stored_as("web", "m-1") == question);
  const auto called = outbox.message_called(conversation.id, "ext-m-1");
  REQUIRE(called);
  CHECK(called->message == reply);
  CHECK(called->reply_to == "m-1");
  // Neither the model nor the page is shown what is empty.
  CHECK(conversations.history(conversation.id, std::nullopt, 100).size() == 2);
  CHECK(conversations.context(conversation, young_reply, 100).size() == 2);
  CHECK(store::PageChats(db).list({"web", ""}, 10).at(0).title == "a young question");
  CHECK(prune() == 0);
}

TEST_CASE_FIXTURE(Fixture, "the words are gone from the file, not only from sight") {
  say("an old xyzzy question");
  answer("an old xyzzy answer", "m-1");
  clock.advance(48h);
  db.handle().exec("PRAGMA wal_checkpoint(TRUNCATE)");
  CHECK(support::contains(base::read_file(db.path()), "xyzzy"));
  CHECK(prune() == 2);
  db.handle().exec("PRAGMA wal_checkpoint(TRUNCATE)");
  CHECK_FALSE(support::contains(base::read_file(db.path()), "xyzzy"));
}

TEST_CASE_FIXTURE(Fixture, "what is under way keeps its words until it is at rest") {
  const auto waiting = say("waits for its turn");
  queue.enqueue("turn", conversation.id.value, waiting.value, clock.now());
  const auto unsent = outbox.post(conversation, {"not delivered yet"}, clock.now());
  const auto asked = say("asks");
  auto record = decision(asked, conversation, person, store::DecisionAction::ask);
  const auto question = store::DispatchLog(db).add_decision(record, clock.now());
  const auto dispatched = dispatch(project("page"));
  const store::MessageId ordered{
      std::stoll(one("SELECT d.message_id FROM decisions d JOIN dispatches r ON r.decision_id = d.id "
                     "WHERE r.id = " +
                     std::to_string(dispatched.value)))};
  clock.advance(48h);

  CHECK(prune(2) == 0);
  for (const auto id : {waiting, unsent, asked, ordered}) {
    CHECK_FALSE(text(id).empty());
  }
  CHECK(later() == 0);
  // One after the other comes to its end.
  queue.complete(*queue.claim("turn", clock.now()));
  CHECK(later() == 1);
  CHECK(text(waiting).empty());
  const auto job = queue.claim("deliver:web", clock.now());
  outbox.mark_dead({job->ref}, "gone", clock.now());
  queue.complete(*job);
  CHECK(later() == 1);
  CHECK(text(unsent).empty());
  db.handle().exec("UPDATE decisions SET question = 'expired' WHERE id = " + std::to_string(question.value));
  CHECK(later() == 1);
  CHECK(text(asked).empty());
  db.handle().exec("UPDATE dispatches SET state = 'finished', outcome = 'success'");
  CHECK(later() == 1);
  CHECK(text(ordered).empty());
  CHECK(later() == 0);
  CHECK(one("SELECT count(*) FROM retention_later") == "0");
}

TEST_CASE_FIXTURE(Fixture, "a call that a person is asked about keeps its words until it is settled") {
  const auto asks = say("send it");
  const auto shown = say("Shall I?");
  store::ToolCalls calls(db);
  store::ToolCallRecord call;
  call.message = asks;
  call.conversation = conversation.id;
  call.person = person.id;
  call.arguments = R"({"to":"ann"})";
  call.expires = clock.now() + 72h;
  const auto id = calls.add(call, clock.now());
  calls.set_shown(id, shown);
  clock.advance(48h);
  CHECK(prune() == 0);
  CHECK(text(shown) == "Shall I?");
  CHECK(calls.begin(id, person.id, clock.now()));
  CHECK(later() == 1);
  CHECK(text(shown).empty());
  CHECK(calls.find(id)->arguments == R"({"to":"ann"})");
  CHECK(calls.end(id, store::ToolCallState::done, "sent", clock.now()));
  CHECK(later() == 1);
  CHECK(calls.find(id)->arguments == "{}");
  CHECK(calls.find(id)->result.empty());
}

TEST_CASE_FIXTURE(Fixture, "the log of what was decided, done and paid is not touched") {
  dispatch(project("page"));
  db.handle().exec("UPDATE dispatches SET state = 'finished', outcome = 'success', result = 'a result'");
  const auto log = [&] {
    return one("SELECT group_concat(reason || cause || p) FROM decisions") +
           one("SELECT group_concat(prompt || result) FROM dispatches");
  };
  const auto before = log();
  clock.advance(48h);
  CHECK(prune() == 1);
  CHECK(log() == before);
}

TEST_CASE_FIXTURE(Fixture, "a step looks at so many messages and no more, and the next one goes on there") {
  for (int i = 0; i < 10; ++i) {
    say("number " + std::to_string(i));
  }
  clock.advance(48h);
  const auto before = clock.now() - 24h;
  auto step = retention.empty_old(before, 4, clock.now());
  CHECK(step.emptied == 4);
  CHECK(step.more);
  CHECK(retention.empty_old(before, 4, clock.now()).emptied == 4);
  step = retention.empty_old(before, 4, clock.now());
  CHECK(step.emptied == 2);
  CHECK_FALSE(step.more);
}

TEST_CASE_FIXTURE(Fixture, "what was emptied is used again before the file grows") {
  const std::string long_text(20'000, 'x');
  const auto empty = retention.bytes_in_use();
  for (int i = 0; i < 50; ++i) {
    say(long_text);
  }
  const auto full = retention.bytes_in_use();
  clock.advance(48h);
  CHECK(prune() == 50);
  CHECK(full - empty > 50 * long_text.size());
  CHECK(retention.bytes_in_use() - empty < (full - empty) / 4);
}

}  // namespace
