// Questions about calls of tools that are long, or many.
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/support/program/tool_desk.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::contains;
using support::FakeDesk;
using support::say;
using support::use;

namespace {

/// The fake server, all of whose tools are asked about.
struct AskingDesk : FakeDesk {
  AskingDesk() : FakeDesk("plain") {
    config.set("mcp_servers.fake", "allow", "[]").set("mcp_servers.fake", "ask", "[\"*\"]");
  }
  support::Shown shown(const std::string& part) const {
    return callbacks.wait_for([&](const auto& one) { return contains(one.text, part); });
  }
};

/// A mail of about that many bytes, each of whose lines is another one.
std::string mail_of(std::size_t bytes) {
  std::string text;
  for (int line = 0; text.size() < bytes; ++line) {
    text += "line " + std::to_string(line) + " of a letter that somebody answers at length.\n";
  }
  return text;
}

}  // namespace

TEST_CASE(
    "a long mail is shown whole in several messages, the last of which has the buttons, and is sent as it is") {
  AskingDesk desk;
  const auto mail = mail_of(15'000);
  desk.model.secretary("mail", {use("fake__write", {{"text", mail}}), say("Prepared.")});
  desk.start();
  desk.answer_to(desk.say({"mail Ann"}));
  const auto asked = desk.callbacks.wait_for([](const auto& one) { return !one.action("Do it").empty(); });
  const std::vector<support::Shown> all = {desk.shown("part 1 of 3"), desk.shown("part 2 of 3"), asked};
  CHECK(contains(asked.text, "Shall I do this?"));
  CHECK(contains(asked.text, "part 3 of 3"));
  for (int line = 0; contains(mail, "line " + std::to_string(line) + " "); ++line) {
    int seen = 0;
    for (const auto& one : all) {
      seen += contains(one.text, "line " + std::to_string(line) + " of a letter") ? 1 : 0;
    }
    CAPTURE(line);
    CHECK(seen == 1);
  }
  CHECK(all[0].action("Do it").empty());
  desk.answer_to(desk.click(asked.action("Do it")));
  CHECK(contains(base::read_file(desk.log()), json(mail).dump()));
}

TEST_CASE("one that nobody would read to its end is not asked about, and the model is told the bound") {
  AskingDesk desk;
  desk.model.secretary("mail", {use("fake__write", {{"text", mail_of(24'100)}}), say("It is too long.")});
  desk.start();
  desk.answer_to(desk.say({"mail Ann"}));
  CHECK(desk.model.saw("too long for a person to be shown in full: at most 24000 bytes"));
  CHECK(desk.query("SELECT count(*) FROM tool_calls") == "0");
}

TEST_CASE("of thirty calls in one answer a person is asked about ten, and both they and the model are told") {
  AskingDesk desk;
  json calls = json::array();
  for (int i = 0; i < 30; ++i) {
    calls.push_back({{"text", "event " + std::to_string(i)}});
  }
  desk.model.secretary("delete", {use("fake__write", calls), use("fake__write", {{"text", "event 10"}}),
                                  say("I have asked about the first ones.")});
  desk.model.secretary("go on", {use("fake__write", {{"text", "event 11"}}), say("Here is the next.")});
  desk.start();
  desk.answer_to(desk.say({"delete all events"}));
  CHECK(contains(desk.shown("I do not ask about more than 10 calls").text, "`write` of fake (20)"));
  CHECK(desk.model.saw("The person was not asked: 10 calls wait for their answer"));
  CHECK(desk.query(
            "SELECT group_concat(json_extract(arguments, '$.text'), ', ') FROM (SELECT * FROM tool_calls "
            "WHERE state = 'open' ORDER BY id)") ==
        "event 0, event 1, event 2, event 3, event 4, event 5, event 6, event 7, event 8, event 9");
  desk.answer_to(desk.say({"go on"}));  // what waits is not thrown away for it
  CHECK(desk.query("SELECT count(*) FROM tool_calls WHERE state = 'open'") == "10");
}
