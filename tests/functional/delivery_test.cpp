// The outgoing calls when the receiver does not play along.
#include <algorithm>
#include <set>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::Callback;
using support::contains;
using support::Desk;

namespace {

std::string metrics(const Desk& desk) {
  return desk.call("GET", "/metrics").body;
}

}  // namespace

TEST_CASE(
    "a call that failed is tried again with the same id and body, in order, and holds up no other chat") {
  Desk desk;
  desk.start();
  desk.callbacks.behave({.times = 2, .status = 500, .applies = [](const Callback& call) {
                           return call.text("chat_id") == "c-1";
                         }});
  const auto first = desk.say({"first"});
  const auto second = desk.say({"second", "c-1", "u-2"});
  const auto other = desk.say({"other", "c-2"});
  desk.answer_to(second);
  desk.answer_to(other);
  const auto calls = desk.callbacks.calls_of("c-1");
  REQUIRE(calls.size() == 4);
  CHECK(calls[0].text("reply_to") == first);
  CHECK(calls[1].raw == calls[0].raw);
  CHECK(calls[2].raw == calls[0].raw);
  CHECK(calls[3].text("reply_to") == second);
  CHECK(std::set<std::string>{calls[0].id, calls[1].id, calls[2].id}.size() == 1);
  CHECK(calls[3].id != calls[0].id);
  CHECK(calls[2].is_signed);
  const auto other_calls = desk.callbacks.calls_of("c-2");
  REQUIRE(other_calls.size() == 1);
  CHECK(other_calls[0].at < calls[2].at);
}

TEST_CASE("Retry-After is honoured") {
  Desk desk;
  desk.start();
  desk.callbacks.behave({.times = 1, .status = 429, .retry_after = "3"});
  desk.answer_to(desk.say({"hello"}));
  const auto calls = desk.callbacks.calls();
  REQUIRE(calls.size() == 2);
  CHECK(calls[1].at - calls[0].at >= std::chrono::milliseconds(2900));
  CHECK(calls[1].id == calls[0].id);
}

TEST_CASE("a 408 and a connection closed without an answer are tried again with the same id") {
  Desk desk;
  desk.start();
  desk.callbacks.behave({.times = 1, .status = 408});
  desk.answer_to(desk.say({"one"}));
  CHECK(desk.callbacks.calls().size() == 2);

  const auto id = desk.say({"two", "c-2"});
  // The answer may come before nobody listens any more, or while; both are the same to the program.
  const auto closed =
      desk.callbacks.calls_of("c-2").empty() ? desk.callbacks.hang_up(1) : std::vector<std::string>();
  const auto shown = desk.answer_to(id);
  for (const auto& request : closed) {
    CHECK(contains(request, shown.id));
  }
}

TEST_CASE("a receiver that was away gets everything once it is back") {
  Desk desk;
  desk.callbacks.go_away();
  desk.start();
  const auto first = desk.say({"first"});
  const auto second = desk.say({"second", "c-1", "u-2"});
  REQUIRE(support::wait_until([&] { return contains(desk.program->log(), "was not delivered"); }));
  desk.callbacks.come_back();
  desk.answer_to(second);
  const auto calls = desk.callbacks.calls();
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].text("reply_to") == first);
}

TEST_CASE("a call that the receiver refuses is dead at once, shown, and the next one goes on") {
  Desk desk;
  desk.start();
  CHECK(contains(metrics(desk), "frontdesk_dead_deliveries 0"));
  desk.callbacks.behave({.times = 1, .status = 400});
  desk.say({"unwanted"});
  desk.answer_to(desk.say({"wanted", "c-1", "u-2"}));
  CHECK(desk.callbacks.calls().size() == 2);
  CHECK(contains(metrics(desk), "frontdesk_dead_deliveries 1"));
  CHECK(contains(desk.program->log(), "it is dead"));
  const auto doctor =
      support::run_frontdesk({"doctor", "--config", desk.config_file().string()}, desk.folder());
  CHECK_MESSAGE(contains(doctor.output, "writable, 1 dead message (not delivered"), doctor.output);
}

TEST_CASE("what waited for three days for a section that is gone is dead and shown") {
  Desk desk;
  desk.callbacks.go_away();
  desk.start();
  desk.say({"one"});
  REQUIRE(support::wait_until([&] { return contains(desk.program->log(), "was not delivered"); }));
  CHECK(desk.stop(SIGTERM) == 0);
  {
    SQLite::Database db((desk.folder() / "frontdesk.db").string(), SQLite::OPEN_READWRITE);
    db.exec("UPDATE outbox SET created_at = created_at - 73 * 3600 * 1000; UPDATE jobs SET not_before = 0");
  }
  desk.config.drop("chat.ops").set("chat.page", "platform", "\"web\"");
  desk.start();
  REQUIRE(support::wait_until([&] { return contains(metrics(desk), "frontdesk_dead_deliveries 1"); }));
  CHECK(desk.query("SELECT error FROM outbox") == "There is no such chat section in the configuration.");
  CHECK(desk.query("SELECT count(*) FROM jobs") == "0");
}

TEST_CASE("a slow receiver gets one call of a chat at a time") {
  Desk desk;
  desk.start();
  desk.callbacks.behave({.times = 1, .status = 200, .delay = std::chrono::milliseconds(700)});
  desk.say({"first"});
  desk.answer_to(desk.say({"second", "c-1", "u-2"}));
  const auto calls = desk.callbacks.calls();
  REQUIRE(calls.size() == 2);
  CHECK(calls[1].at - calls[0].at >= std::chrono::milliseconds(690));
}

TEST_CASE("edits never overtake their message, and an attempted body does not change") {
  Desk desk(Desk::Claude::fake);
  desk.model.secretary("build", {support::propose("high", "site")});
  support::write_text(desk.folder() / "claude.work", "2.5");
  desk.start();
  desk.callbacks.behave({.times = 1, .status = 503});
  desk.callbacks.behave({.times = 1, .status = 503, .applies = [](const Callback& call) {
                           return call.text("type") == "edit";
                         }});
  desk.say({"build it"});
  const auto result = desk.dispatch("d-1", "**Done");
  const auto calls = desk.callbacks.calls();
  std::vector<std::string> order;
  for (const auto& call : calls) {
    const auto same =
        std::find_if(calls.begin(), calls.end(), [&](const auto& other) { return other.id == call.id; });
    CHECK(same->raw == call.raw);
    if (call.answered == 200) {
      order.push_back(call.text("type"));
    }
  }
  REQUIRE(order.size() >= 2);
  CHECK(order.front() == "message");
  CHECK(contains(calls.back().raw, "**Done"));
  CHECK(result.edits == static_cast<int>(order.size()) - 1);
}
