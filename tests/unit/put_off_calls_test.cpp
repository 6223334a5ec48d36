// "Do it" while the server of a call cannot be used: the question stays until the call is begun.
#include <chrono>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "store/statement.h"
#include "tests/support/mailbox_fixture.h"
#include "tests/support/text.h"

using State = store::ToolCallState;
using support::contains;

namespace {

class Mailbox : public support::MailboxFixture {
 public:
  Mailbox() { ask_one(); }
  store::ToolCallRecord call() { return *store::ToolCalls(db).last_asked(conversation.id, person.id); }
  bool has_buttons() { return store::Conversations(db).buttons(call().shown.value()).size() == 3; }
};

}  // namespace

TEST_CASE_FIXTURE(Mailbox,
                  "threaded: Do it while the server cannot be used leaves the question open, and says when") {
  const auto hash = call().hash;
  far.fail(true);
  for (int press = 0; press < 3; ++press) {  // the first finds it out, the others come in its rest
    CAPTURE(press);
    turn("do it");
    CHECK(contains(said().back(), "`delete_email` of far was not called yet, and nothing was done."));
    CHECK(contains(said().back(), "The server far cannot be used"));
    CHECK(contains(said().back(), "The question above stays open: press Do it again from 2"));
    CHECK(call().state == State::open);
    CHECK(call().hash == hash);
    CHECK_FALSE(call().begun);
    CHECK(has_buttons());
  }
  far.fail(false);
  for (int second = 0; second < 15 && call().state == State::open; ++second) {  // its rest is five long
    std::this_thread::sleep_for(std::chrono::seconds(1));
    turn("yes");
  }
  CHECK(call().state == State::done);
  CHECK(far.calls("delete_email") == 1);
  CHECK_FALSE(has_buttons());
}

TEST_CASE_FIXTURE(Mailbox,
                  "threaded: where the question is over before the server is tried again, that is said") {
  store::Statement(db, "UPDATE tool_calls SET expires_at = ?", clock.now() + std::chrono::seconds(2))
      .execute();
  far.fail(true);
  turn("do it");
  CHECK(contains(said().back(), "the question is over by then"));
}
