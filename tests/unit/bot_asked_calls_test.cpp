// What a question about a call leaves in a chat.
#include <regex>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "bot/tools/asked_calls.h"
#include "store/erasure.h"
#include "store/statement.h"
#include "tests/support/services_fixture.h"

namespace {

struct Fixture : support::ServicesFixture {
  std::string count_of(const std::string& words) {
    return std::to_string(
        store::Statement(db, "SELECT count(*) FROM messages WHERE text LIKE '%' || ? || '%'", words)
            .first<int>()
            .value_or(0));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "only what is for the same takes the place of an open question") {
  const auto ask = [&](const nlohmann::json& arguments) {
    store::ToolCallRecord call;
    call.message = say("do it");
    call.conversation = conversation.id;
    call.person = person.id;
    call.server = "notes";
    call.tool = "write";
    call.arguments = arguments.dump();
    store::Transaction transaction(db);
    bot::tools::AskedCalls(services, db).show(call, conversation, "");
    transaction.commit();
  };
  const auto open = [&] {
    return store::Statement(db,
                            "SELECT coalesce(group_concat(arguments, ' '), '') FROM (SELECT arguments FROM "
                            "tool_calls WHERE state = 'open' ORDER BY id)")
        .first<std::string>()
        .value_or("");
  };
  ask({{"id", "1"}, {"text", "a"}});
  ask({{"id", "2"}, {"text", "b"}});
  CHECK(open() == R"({"id":"1","text":"a"} {"id":"2","text":"b"})");
  ask({{"id", "1"}, {"text", "c"}});
  CHECK(open() == R"({"id":"2","text":"b"} {"id":"1","text":"c"})");
  ask({{"to", "Ann"}});
  ask({{"to", "Bob"}});
  ask({{"text", "x"}});
  ask({{"text", "y"}});
  ask({{"text", "y"}});
  CHECK(open() ==
        R"({"id":"2","text":"b"} {"id":"1","text":"c"} {"to":"Ann"} {"to":"Bob"} {"text":"x"} {"text":"y"})");
}

TEST_CASE_FIXTURE(Fixture, "all parts of a long question go when its person is erased, also in a group") {
  const auto other = store::People(db).remember("web", "u-2", "Bob", clock.now());
  say("I am here, too", conversation, other);
  store::ToolCallRecord call;
  call.message = say("mail Ann");
  call.conversation = conversation.id;
  call.person = person.id;
  call.server = "mail";
  call.tool = "send";
  std::string mail;
  for (int line = 0; line < 1'000; ++line) {
    mail += "unmistakable words\n";
  }
  call.arguments = nlohmann::json{{"text", mail}}.dump();
  {
    store::Transaction transaction(db);
    bot::tools::AskedCalls(services, db).show(call, conversation, "");
    transaction.commit();
  }
  CHECK(count_of("unmistakable") == "4");
  CHECK(count_of("part 1 of 4") == "1");
  store::Erasure(db).erase(person.id, clock.now());
  CHECK(count_of("unmistakable") == "0");
}

TEST_CASE_FIXTURE(Fixture, "the end of the time to answer is told with its zone, a near one to the second") {
  settings.secretary.timezone = "Europe/Zurich";
  const auto shown = [&](std::chrono::seconds patience) {
    settings.dispatch.approval_timeout = patience;
    store::ToolCallRecord call;
    call.message = say("note it");
    call.conversation = conversation.id;
    call.person = person.id;
    call.server = "notes";
    call.tool = "write";
    call.arguments = "{}";
    store::Transaction transaction(db);
    bot::tools::AskedCalls(services, db).show(call, conversation, "");
    transaction.commit();
    return store::Statement(db, "SELECT text FROM messages ORDER BY id DESC LIMIT 1")
        .first<std::string>()
        .value_or("");
  };
  const std::regex minutes(R"(until \d{4}-\d\d-\d\d \d\d:\d\d \(Europe/Zurich\)\.)");
  const std::regex seconds(R"(until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(Europe/Zurich\)\.)");
  const auto later = shown(std::chrono::seconds(600));
  CHECK_MESSAGE(std::regex_search(later, minutes), later);
  const auto soon = shown(std::chrono::seconds(8));
  CHECK_MESSAGE(std::regex_search(soon, seconds), soon);
}
