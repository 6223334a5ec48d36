// What a reading shows of a thing that a call names.
#include "bot/tools/thing_facts.h"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "tests/support/text.h"

using bot::tools::facts_of;
using bot::tools::facts_of_only;
using nlohmann::json;
using support::contains;

namespace {

constexpr const char* kBerlin = "Europe/Berlin";

std::string named(const json& arguments) {
  std::string all;
  for (const auto& one : bot::tools::named_in(arguments)) {
    all += one.argument + "=" + one.value + " ";
  }
  return all;
}

const std::string kEvents =
    R"([{"uid":"u-1","summary":"Budget","start":"2026-12-01T09:00:00.000Z","end":"2026-12-01T10:00:00.000Z"},)"
    R"({"uid":"u-2","summary":"Stand-up","start":"2026-10-06T07:00:00.000Z","end":"2026-10-06T07:15:00.000Z"}])";

const std::string kMails =
    "📬 [INBOX] 2 emails (page 1/1)\n\n[2] 🔵 Your order 4711\n  From: Shop <shop@example.org> | 2026-11-28\n"
    "  [1] Wire the money\n\n[1]  Lunch on Friday\n  From: Bob <bob@example.org> | 2026-11-27\n  Shall we?";

}  // namespace

TEST_CASE("what a call names is found by arguments that sound like it") {
  CHECK(named({{"emailId", 17}, {"body", "17"}, {"account", "default"}}) == "emailId=17 ");
  CHECK(named({{"email_ids", {"1", "2"}}, {"calendarUrl", "http://x/"}}) ==
        "calendarUrl=http://x/ email_ids=1 email_ids=2 ");
  CHECK(named({{"summary", "id"}, {"paid", "1"}, {"grid", 1}}).empty());
}

TEST_CASE("of a list of values it is the one with that id, who and when first, in the person's zone") {
  const auto facts = facts_of(kEvents, json::object(), {"uid", "u-1"}, kBerlin);
  CHECK(facts.lines ==
        "summary: Budget\nstart: 2026-12-01T09:00:00.000Z (2026-12-01 10:00 Europe/Berlin)\n"
        "end: 2026-12-01T10:00:00.000Z (2026-12-01 11:00 Europe/Berlin)\nuid: u-1");
  CHECK_FALSE(facts.repeats);
  CHECK(facts_of(kEvents, json::object(), {"uid", "u-3"}, kBerlin).lines.empty());
  // A name beside it that holds the same number is none of its own.
  const auto by_id = facts_of(R"([{"id":7,"parentId":1,"title":"no"},{"id":1,"title":"yes"}])",
                              json::object(), {"taskId", "1"}, kBerlin);
  CHECK(contains(by_id.lines, "title: yes"));
}

TEST_CASE("one that repeats is known by what it says, or by a date outside of what was looked at") {
  const auto repeats = [](const char* more) {
    return facts_of(std::string(R"([{"uid":"u","title":"x")") + more + "}]", json::object(), {"uid", "u"},
                    kBerlin)
        .repeats;
  };
  CHECK(repeats(R"(,"rrule":"FREQ=WEEKLY")"));
  CHECK(repeats(R"(,"recurrence":["RRULE:FREQ=DAILY"])"));
  CHECK(repeats(R"(,"recurringEventId":"s-1")"));
  CHECK_FALSE(repeats(R"(,"recurrence":null,"isRecurring":false,"rrule":"")"));
  const json week = {{"start", "2026-11-23T00:00:00+01:00"}, {"end", "2026-11-30T00:00:00+01:00"}};
  CHECK(facts_of(kEvents, week, {"uid", "u-2"}, kBerlin).repeats);
  CHECK_FALSE(facts_of(kEvents, week, {"uid", "u-1"}, kBerlin).repeats);
  CHECK(facts_of("ID: 7\nTitle: x\nRRULE:FREQ=WEEKLY", json::object(), {"id", "7"}, kBerlin).repeats);
}

TEST_CASE("of a list in words it is the paragraph of that number, and not what another one says") {
  const auto facts = facts_of(kMails, json::object(), {"emailId", "1"}, kBerlin);
  CHECK(facts.lines == "[1] Lunch on Friday\nFrom: Bob <bob@example.org> | 2026-11-27\nShall we?");
  CHECK(facts_of(kMails, json::object(), {"emailId", "4711"}, kBerlin).lines.empty());
}

TEST_CASE("what was asked for one thing alone tells its head, and a file's own words are no facts") {
  const auto mail = facts_of_only(
      "📧 Lunch\nStatus: read\nFrom:   Bob <bob@example.org>\nTo:     ann@example.org\nDate:   today\n\n"
      "--- Body ---\n\nFrom: nobody",
      kBerlin);
  CHECK(contains(mail.lines, "From: Bob"));
  CHECK_FALSE(contains(mail.lines, "nobody"));
  CHECK(facts_of_only("milk\nbread", kBerlin).lines.empty());
  CHECK(facts_of_only(R"({"event":{"title":"Tea","attendees":["bob"]}})", kBerlin).lines == "title: Tea");
  CHECK(facts_of_only(R"({"text":"milk"})", kBerlin).lines.empty());
}

TEST_CASE("facts are few and short, however much is there") {
  json object = {{"id", "1"}, {"subject", std::string(5'000, 's')}, {"body", std::string(5'000, 'b')}};
  for (int i = 0; i < 100; ++i) {
    object["more" + std::to_string(i)] = "line\nline";
  }
  const auto facts = facts_of(base::dump_json(json::array({object})), json::object(), {"id", "1"}, kBerlin);
  CHECK(contains(facts.lines, "subject: sss"));
  CHECK_FALSE(contains(facts.lines, "bbb"));
  CHECK(facts.lines.size() < 2'000);
}
