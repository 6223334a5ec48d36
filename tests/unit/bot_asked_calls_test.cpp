// What a question about a call leaves in a chat.
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
