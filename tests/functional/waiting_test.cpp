// Messages that wait: what one person sent meanwhile is answered at once, and nobody waits for all that
// another sent.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;
using support::hold;
using support::ModelRequest;

namespace {

/// A desk whose secretary takes its time over "slow".
class BusyDesk : public Desk {
 public:
  BusyDesk() : Desk(Claude::fake) { model.secretary("slow", {hold(support::say("That took a while."))}); }

  /// Begins a turn that goes on until model.release().
  std::string begin(const std::string& user = "u-1", const std::string& chat = "c-1") {
    const auto before = requests().size();
    auto id = Desk::say({"a slow question", chat, user});
    REQUIRE(model.wait_for(ModelRequest::From::secretary, before + 1));
    return id;
  }
  std::vector<ModelRequest> requests() const { return model.requests(ModelRequest::From::secretary); }
  std::string rows(const std::string& column) const {
    return query("SELECT group_concat(" + column +
                 ", ' ') FROM (SELECT d.*, m.external_id AS message, coalesce(" +
                 "d.became, 'answered') AS outcome FROM decisions d JOIN messages m ON m.id = d.message_id " +
                 "ORDER BY m.id)");
  }
  bool answers(const std::string& id) const {
    const auto calls = callbacks.calls();
    return std::any_of(calls.begin(), calls.end(),
                       [&](const auto& call) { return call.text("reply_to") == id; });
  }
};

}  // namespace

TEST_CASE("what one person writes while an answer is awaited is answered together, once") {
  BusyDesk desk;
  desk.start();
  const auto first = desk.begin();
  const auto second = desk.say({"the red one"});
  const auto third = desk.say({"no, the blue one"});
  const auto last = desk.say({"please"});
  desk.model.release();
  CHECK(desk.answer_to(first).text == "That took a while.");
  CHECK(contains(desk.answer_to(last).text, "please"));
  CHECK_FALSE(desk.answers(second));
  CHECK_FALSE(desk.answers(third));
  REQUIRE(desk.requests().size() == 2);
  for (const char* part : {"the red one", "no, the blue one", "please"}) {
    CHECK(contains(desk.requests()[1].user_text, part));  // behind the answer to what came before
  }
  CHECK(desk.rows("message || ':' || outcome") ==
        first + ":answered " + second + ":joined " + third + ":joined " + last + ":answered");
  CHECK(desk.query("SELECT count(*) FROM jobs WHERE kind = 'turn'") == "0");
  CHECK(desk.counts(R"(frontdesk_decisions_total{action="answer",outcome="joined"} 2)"));
}

TEST_CASE("messages of others, of other chats, and commands are not taken along") {
  BusyDesk desk;
  desk.start();
  desk.begin();
  const auto mine = desk.say({"one"});
  const auto others = desk.say({"mine", "c-1", "u-2"});
  const auto elsewhere = desk.say({"over here", "c-2"});
  const auto also_mine = desk.say({"two"});
  const auto command = desk.say({"/answer three"});
  const auto behind = desk.say({"four"});
  CHECK(contains(desk.answer_to(elsewhere).text, "over here"));  // nothing waits there
  desk.model.release();
  for (const auto& id : {also_mine, others, command, behind}) {
    CAPTURE(id);
    desk.answer_to(id);
  }
  CHECK_FALSE(desk.answers(mine));
  CHECK(desk.query("SELECT count(*) FROM decisions WHERE became = 'joined'") == "1");
}

TEST_CASE("a yes to an open question is taken as that, also where more waits behind it") {
  BusyDesk desk;
  desk.model.secretary("maybe", {support::propose("medium", "site"), support::say("My own answer.")});
  desk.start();
  desk.answer_to(desk.say({"maybe build it"}));
  desk.begin("u-2");  // holds up the chat
  desk.say({"yes"});
  const auto last = desk.say({"and thank you"});
  desk.model.release();
  desk.answer_to(last);
  desk.dispatch("d-1", "**Done");
  CHECK(desk.query("SELECT count(*) FROM decisions WHERE became = 'joined'") == "0");
}

TEST_CASE("who sent little does not wait for all that another sent") {
  BusyDesk desk;
  desk.start();
  constexpr int kFlood = 40;
  constexpr int kWorkers = 8;  // every turn worker
  for (int i = 0; i < kWorkers; ++i) {
    desk.begin("flood", "c-flood-" + std::to_string(i));
  }
  for (int i = kWorkers; i < kFlood; ++i) {
    desk.say({"question", "c-flood-" + std::to_string(i), "flood"});
  }
  const auto mine = desk.say({"hello"});
  desk.model.release();
  CHECK(contains(desk.answer_to(mine).text, "hello"));
  // Those that were under way were served before, and perhaps what the other workers claimed at the same
  // moment.
  CHECK(std::stoi(desk.query("SELECT served FROM job_owners WHERE kind = 'turn' AND owner = "
                             "(SELECT id FROM people WHERE user_id = 'u-1')")) <= 2 * kWorkers);
}
