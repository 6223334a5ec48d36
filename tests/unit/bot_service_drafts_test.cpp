// The thread that shows drafts in a chat service: at whose pace, and how a draft ends.
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/error.h"
#include "bot/chat/errors.h"
#include "bot/platforms/shared/service_drafts.h"
#include "store/drafts.h"
#include "tests/support/store_fixture.h"
#include "tests/support/wait.h"

using bot::chat::Draft;
using bot::shared::ServiceDrafts;
using namespace std::chrono_literals;

namespace {

/// A service that keeps what it was told to show.
struct Service {
  std::mutex mutex;
  std::vector<std::string> shown;
  std::vector<std::string> ids;  ///< that came along
  std::atomic<bool> holds = false;
  std::function<void()> answer = [] {};  ///< set before anything is shown

  std::string show(const std::string& text, const std::string& external_id) {
    {
      const std::lock_guard lock(mutex);
      shown.push_back(text);
      ids.push_back(external_id);
    }
    support::wait_until([&] { return !holds; });
    answer();
    return "id-1";
  }
  std::size_t calls() {
    const std::lock_guard lock(mutex);
    return shown.size();
  }
  std::string last() {
    const std::lock_guard lock(mutex);
    return shown.empty() ? "" : shown.back();
  }
};

struct Fixture : support::StoreFixture {
  Service service;
  ServiceDrafts drafts{clock, 5ms,
                       [this](const Draft&, const std::string& text, const std::string& external_id,
                              std::stop_token) { return service.show(text, external_id); }};
  store::MessageParts parts{db};
  store::Outbox outbox{db};
  const store::Conversation& chat = conversation;
  const store::MessageId asked = say("Tell me");
  Draft draft{.chat_id = "c-1", .answered = asked, .answers = "m-1"};

  /// The draft is known in the store.
  void begin() {
    const auto key = store::Drafts(db).begin(asked, chat.id, "m-1", clock.now());
    REQUIRE(key);
    draft.key = *key;
  }
  /// The call that says the answer, in the draft's place.
  store::OutgoingCall answered() {
    store::Drafts stored(db);
    const auto before = stored.calls_before(asked);
    const auto message = outbox.post(chat, {.text = "All of it"}, clock.now());
    if (before) {
      stored.take_over(asked, chat.id, *before);
    }
    store::OutgoingCall call;
    call.kind = store::CallKind::message;
    call.message = message;
    call.target_key = draft.key;
    call.answered = {asked, clock.now()};
    return call;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what comes while a call is made is shown by the next, all at once") {
  service.holds = true;
  drafts.add(draft, "One");
  REQUIRE(support::wait_until([&] { return service.calls() == 1; }));
  drafts.add(draft, " two");
  drafts.add(draft, " three");
  service.holds = false;
  REQUIRE(support::wait_until([&] { return service.last() == "One two three"; }));
  CHECK(service.calls() == 2);
  CHECK(service.ids == std::vector<std::string>{"", "id-1"});
}

TEST_CASE_FIXTURE(Fixture, "the answer takes over the message of its draft, and no call comes behind it") {
  begin();
  drafts.add(draft, "Half");
  REQUIRE(support::wait_until([&] { return service.calls() == 1; }));
  const auto call = answered();
  drafts.end(call, parts, clock.now());
  const auto known = parts.of(call.message);
  REQUIRE(known.size() == 1);
  CHECK(known.front().external_id == "id-1");
  CHECK(known.front().shown == store::kShowsDraft);
  // What a turn still says has no draft any more; another one's is shown.
  Draft other{.chat_id = "c-1", .answered = say("And this"), .answers = "m-2"};
  drafts.add(other, "Other");
  REQUIRE(support::wait_until([&] { return service.last() == "Other"; }));
  CHECK(service.calls() == 2);
}

TEST_CASE_FIXTURE(Fixture, "an answer waits for the call of its draft that is under way") {
  begin();
  service.holds = true;
  drafts.add(draft, "Half");
  REQUIRE(support::wait_until([&] { return service.calls() == 1; }));
  const auto call = answered();
  CHECK_THROWS_AS(drafts.end(call, parts, clock.now()), bot::chat::RateLimited);
  CHECK(parts.of(call.message).front().external_id.empty());
  service.holds = false;
  REQUIRE(support::wait_until([&] {
    try {
      drafts.end(call, parts, clock.now());
      return true;
    } catch (const bot::chat::RateLimited&) {
      return false;
    }
  }));
  CHECK(parts.of(call.message).front().external_id == "id-1");
}

TEST_CASE_FIXTURE(Fixture, "of a draft that was never shown nothing is left to look for") {
  begin();
  SUBCASE("the service's pace did not allow it") {
    service.answer = [this] { throw bot::chat::RateLimited(clock.now() + 1h); };
  }
  SUBCASE("it certainly had no effect") {
    service.answer = [] { throw bot::chat::NotSent("busy", 60'000ms); };
  }
  SUBCASE("the service refused it") {
    service.answer = [] { throw base::PermanentError("no"); };
  }
  drafts.add(draft, "Half");
  REQUIRE(support::wait_until([&] { return service.calls() == 1; }));
  drafts.add(draft, " more");
  const auto call = answered();
  drafts.end(call, parts, clock.now());
  CHECK(parts.of(call.message).empty());
  CHECK(service.calls() == 1);
}

TEST_CASE_FIXTURE(Fixture, "after a call without an answer the message waits until it cannot be overtaken") {
  begin();
  service.answer = [] { throw base::TransientError("no answer"); };
  drafts.add(draft, "Half");
  const auto call = answered();
  REQUIRE(support::wait_until([&] { return service.calls() == 1; }));
  CHECK_THROWS_AS(drafts.end(call, parts, clock.now()), bot::chat::RateLimited);
  REQUIRE(support::wait_until([&] {
    try {
      drafts.end(call, parts, clock.now());
      return true;
    } catch (const bot::chat::RateLimited&) {
      return false;
    }
  }));
  // Nobody knows what became of it: the service is asked by its key.
  REQUIRE(parts.of(call.message).size() == 1);
  CHECK(parts.of(call.message).front().external_id.empty());
  CHECK(service.calls() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what is withdrawn is taken back where it was shown") {
  drafts.withdraw(draft);
  drafts.add(draft, "Half");
  REQUIRE(support::wait_until([&] { return service.last() == "Half"; }));
  drafts.withdraw(draft);
  REQUIRE(support::wait_until([&] { return service.calls() == 2; }));
  CHECK(service.last().empty());
  drafts.add(draft, "Anew");
  REQUIRE(support::wait_until([&] { return service.last() == "Anew"; }));
}

TEST_CASE_FIXTURE(Fixture, "a turn begins one draft, and none where its message is answered already") {
  store::Drafts stored(db);
  CHECK_FALSE(stored.calls_before(asked));
  const auto key = stored.begin(asked, chat.id, "m-1", clock.now());
  REQUIRE(key);
  CHECK_FALSE(stored.begin(asked, chat.id, "m-1", clock.now()));
  CHECK(stored.calls_before(asked));
  // Another conversation's message is not the one.
  const auto other = store::Conversations(db).open("web", "c-2", clock.now());
  const auto before = *stored.calls_before(asked);
  const auto foreign = outbox.post(other, {.text = "Elsewhere"}, clock.now());
  const auto first = outbox.post(chat, {.text = "First", .reply_to = "m-1"}, clock.now());
  const auto second = outbox.post(chat, {.text = "Second"}, clock.now());
  stored.take_over(asked, chat.id, before);
  CHECK(parts.of(first).size() == 1);
  CHECK(parts.of(foreign).empty());
  CHECK(parts.of(second).empty());
  CHECK_FALSE(stored.calls_before(asked));
  CHECK_FALSE(stored.begin(asked, chat.id, "m-1", clock.now()));
}
