// One of several open questions, answered by its number or by a reply to its message.
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "bot/texts/approvals.h"
#include "store/notes.h"
#include "store/open_questions.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/question_numbers.h"
#include "store/quotations.h"
#include "tests/support/mailbox_fixture.h"
#include "tests/support/text.h"

using State = store::ToolCallState;
using support::contains;

namespace {

class Mailbox : public support::MailboxFixture {
 public:
  void ask(const char* tool) {
    model.will_call(std::string("far__") + tool, R"({"id":"9"})");
    model.will_say("I have prepared it.");
    turn("please");
  }
  /// A turn about a message that replies to that one; to nothing: to one that is not known.
  void reply(std::optional<store::MessageId> to, const std::string& text) {
    const auto message = say(text);
    store::Conversations(db).keep_reply(message, to);
    run(message);
  }
  /// What the bot said last, and is no question.
  store::MessageId answer(const std::string& text) {
    model.will_say(text);
    turn("tell me");
    return last();
  }
  store::MessageId last() {
    return store::Conversations(db).history(conversation.id, std::nullopt, 1).back().id;
  }
  /// From now on somebody else writes.
  void by_another() { person = store::People(db).remember(conversation.section, "u-2", "Bob", clock.now()); }
  std::vector<store::ToolCallRecord> calls() { return store::ToolCalls(db).open(); }
  std::string text_of(store::MessageId message) { return store::Conversations(db).message(message).text; }
  int made() const { return far.calls("delete_email") * 10 + far.calls("move_email"); }
};

}  // namespace

TEST_CASE_FIXTURE(Mailbox, "each of several questions shows a number, by which it is answered alone") {
  ask_two();
  const auto first = calls().at(0).shown.value();
  const auto second = calls().at(1).shown.value();
  CHECK(contains(text_of(first), "**Question 1** (by its buttons, or: yes 1, no 1)"));
  CHECK(contains(text_of(second), "**Question 2**"));
  SUBCASE("yes") {
    turn("yes 2");
    CHECK(made() == 1);
    REQUIRE(calls().size() == 1);
    CHECK(calls().front().tool == "delete_email");
    turn("1: ja bitte!");
    CHECK(made() == 11);
    CHECK(calls().empty());
  }
  SUBCASE("no, and then the one that is left by a word alone") {
    turn("no 1");
    CHECK(made() == 0);
    REQUIRE(calls().size() == 1);
    CHECK(calls().front().tool == "move_email");
    turn("yes");
    CHECK(made() == 1);
  }
  SUBCASE("a number that none has") {
    turn("yes 3");
    CHECK(contains(said().back(), "No question 3 is open. These are:"));
    CHECK(contains(said().back(), "- **2**: `move_email` of far (`id: 8`)"));
    CHECK(calls().size() == 2);
    CHECK(made() == 0);
  }
  SUBCASE("a word alone still means none, and says how") {
    turn("yes");
    CHECK(contains(said().back(), "- **1**: `delete_email` of far (`id: 7`)"));
    CHECK(contains(said().back(), "write yes or no with its number (yes 2)"));
    CHECK(calls().size() == 2);
  }
}

TEST_CASE_FIXTURE(Mailbox, "a single question has no number until another one is asked beside it") {
  ask("delete_email");
  const auto first = calls().at(0).shown.value();
  CHECK_FALSE(contains(text_of(first), "**Question"));
  ask("move_email");
  CHECK(contains(text_of(first), "**Question 1**"));
  CHECK(store::Conversations(db).buttons(first).size() == 3);
  CHECK(contains(text_of(calls().at(1).shown.value()), "**Question 2**"));
  turn("no 1");
  ask("delete_email");  // the number is free again
  CHECK(contains(text_of(calls().at(1).shown.value()), "**Question 1**"));
}

TEST_CASE_FIXTURE(Mailbox, "a number is no answer where no question shows one") {
  ask("delete_email");
  model.will_say("Two it is.");
  turn("ok 2");
  CHECK(said().back() == "Two it is.");
  CHECK(made() == 0);
}

TEST_CASE_FIXTURE(Mailbox, "a reply to a question's own message answers that one") {
  ask_two();
  const auto first = calls().at(0).shown.value();
  const auto second = calls().at(1).shown.value();
  reply(second, "yes");
  CHECK(made() == 1);
  REQUIRE(calls().size() == 1);
  SUBCASE("the other one, too") {
    reply(first, "No.");
    CHECK(calls().empty());
    CHECK(made() == 1);
  }
  SUBCASE("one that is settled is not taken for the other") {
    reply(second, "yes");
    CHECK(said().back() == bot::texts::kSettled);
    CHECK(calls().size() == 1);
    CHECK(made() == 1);
  }
}

TEST_CASE_FIXTURE(Mailbox, "a call and a task for the specialist are told apart by number, too") {
  ask("delete_email");
  ask_about_task();
  turn("yes");
  CHECK(contains(said().back(), "- **1**: `delete_email` of far"));
  CHECK(contains(said().back(), "- **2**: a task for the specialist: a site"));
  turn("yes 1");
  CHECK(made() == 10);
  CHECK(open_tasks() == 1);
  turn("yes 2");
  CHECK(open_tasks() == 0);
}

TEST_CASE_FIXTURE(Mailbox, "a yes that replies to what asks nothing does nothing, and says what is open") {
  const auto plain = answer("Shall we meet at five?");
  const auto own = say("about the mails");
  std::optional<store::MessageId> to;
  SUBCASE("an answer of ours") {
    to = plain;
  }
  SUBCASE("a message of theirs") {
    to = own;
  }
  SUBCASE("one that nobody knows") {
    to = std::nullopt;
  }
  SUBCASE("one whose words came along") {
    ask_one();
    const auto message = say("yes");
    store::Quotations(db).replace(
        message, {{store::QuotationKind::reply, store::WordsOf::bot, "Frontdesk", "Shall we meet at five?"}});
    run(message);
    CHECK(made() == 0);
    CHECK(calls().size() == 1);
    return;
  }
  SUBCASE("a call") {
    ask_one();
    reply(to, "yes");
    CHECK(made() == 0);
    CHECK(contains(said().back(), "The message that you replied to asks nothing, so nothing was done."));
    CHECK(contains(said().back(), "- **1**: `delete_email` of far (`id: 7`)"));
    reply(to, "no");
    CHECK(calls().size() == 1);
    turn("yes 1");
    CHECK(made() == 10);
  }
  SUBCASE("a task") {
    ask_about_task();
    reply(to, "yes");
    CHECK(open_tasks() == 1);
    CHECK(contains(said().back(), "- **1**: a task for the specialist: a site"));
  }
}

TEST_CASE_FIXTURE(Mailbox,
                  "a yes that replies to what asks nothing is words like any others once one went on") {
  ask_one();
  const auto plain = answer("Shall we meet at five?");
  model.will_say("Then at five.");
  reply(plain, "yes");
  CHECK(said().back() == "Then at five.");
  CHECK(made() == 0);
  CHECK(calls().size() == 1);
}

TEST_CASE_FIXTURE(Mailbox, "a reply to the question whether to keep a note answers that one alone") {
  const auto note = store::Notes(db).propose(person.id, store::owner_of(person.id), "I like tea.",
                                             conversation.id, clock.now());
  const auto question = store::Outbox(db).post(
      conversation,
      {"Shall I remember that?",
       {{store::ButtonKind::remember, note.value, "Yes"}, {store::ButtonKind::leave, note.value, "No"}}},
      clock.now());
  SUBCASE("to it") {
    reply(question, "yes");
    CHECK(contains(text_of(question), "Remembered"));
  }
  SUBCASE("to another message") {
    model.will_say("Fine.");
    reply(std::nullopt, "yes");
    CHECK_FALSE(contains(text_of(question), "Remembered"));
    CHECK(said().back() == "Fine.");
  }
}

TEST_CASE_FIXTURE(Mailbox, "another person's reply to a question is told whose it is, as at its button") {
  SUBCASE("of a call") {
    ask_one();
    const auto shown = calls().front().shown;
    by_another();
    reply(shown, "yes");
    CHECK(calls().size() == 1);
  }
  SUBCASE("of a task") {
    ask_about_task();
    const auto shown = last();
    by_another();
    reply(shown, "no");
    CHECK(store::DispatchLog(db).last_decision(conversation.id)->question == store::QuestionState::open);
  }
  CHECK(contains(said().back(), "can answer this question."));
  CHECK(said().back().starts_with("Only "));
  CHECK(made() == 0);
}
