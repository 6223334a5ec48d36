#include <doctest/doctest.h>

#include "base/error.h"
#include "bot/chat/message_parts.h"
#include "bot/messages/delivery.h"
#include "store/job_queue.h"
#include "tests/support/services_fixture.h"

namespace {

/// A platform whose calls go as the test says.
class FakePlatform final : public bot::chat::Platform {
 public:
  std::string deliver(const store::OutgoingCall& call, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    calls.push_back(call);
    return on_call(call);
  }
  std::vector<store::OutgoingCall> calls;
  std::function<std::string(const store::OutgoingCall&)> on_call = [](const auto&) { return "ext-1"; };
};

struct Fixture : support::ServicesFixture {
  FakePlatform* platform = nullptr;
  store::Outbox outbox{db};
  store::JobQueue queue{db};
  Fixture() {
    auto owned = std::make_unique<FakePlatform>();
    platform = owned.get();
    platforms["web"] = std::move(owned);
  }
  /// Makes the next call; false where none is due.
  bool deliver() {
    const auto job = queue.claim("deliver:web", clock.now());
    if (job) {
      bot::messages::deliver(services, db, *job, {});
    }
    return job.has_value();
  }
  /// Of that result, as GET /metrics tells it; empty where there was none.
  std::string count(const std::string& result) {
    const auto text = metrics.text({});
    const auto line = "frontdesk_deliveries_total{outcome=\"" + result + "\",section=\"web\"} ";
    const auto at = text.find(line);
    return at == std::string::npos ? std::string()
                                   : text.substr(at + line.size(), text.find('\n', at) - at - line.size());
  }
  int open() { return queue.open("deliver:web"); }
};

TEST_CASE_FIXTURE(Fixture, "a call that went well is done and its platform id known") {
  const auto id = outbox.post(conversation, {"Hello", {}}, clock.now());
  CHECK(deliver());
  CHECK_FALSE(deliver());
  CHECK(open() == 0);
  CHECK_FALSE(outbox.is_pending(id));
  outbox.edit(id, "Hello again", {}, clock.now());
  CHECK(deliver());
  CHECK(platform->calls.at(1).target_external_id == "ext-1");
}

TEST_CASE_FIXTURE(Fixture,
                  "what changes a message that was refused is sent as a new message, and then changed") {
  const auto id = outbox.post(conversation, {"On it", {}, "m-1"}, clock.now());
  platform->on_call = [](const auto&) -> std::string { throw base::PermanentError("400"); };
  CHECK(deliver());
  platform->on_call = [](const auto&) { return "ext-2"; };
  outbox.edit(id, "10 %", {}, clock.now());
  CHECK(deliver());
  outbox.edit(id, "done", {}, clock.now());
  CHECK(deliver());
  CHECK_FALSE(deliver());
  REQUIRE(platform->calls.size() == 3);
  const auto& anew = platform->calls[1];
  CHECK(anew.kind == store::CallKind::message);
  CHECK(anew.post.text == "10 %");
  CHECK(anew.post.reply_to == "m-1");
  const auto& edit = platform->calls[2];
  CHECK(edit.kind == store::CallKind::edit);
  CHECK(edit.target_key == anew.key);
  CHECK(edit.target_external_id == "ext-2");
  CHECK(edit.answers == "m-1");
}

TEST_CASE_FIXTURE(Fixture,
                  "what changes a message that the chat does not know is said anew, but not for ever") {
  const auto id = outbox.post(conversation, {"On it", {}, "m-1"}, clock.now());
  CHECK(deliver());
  bool knows = true;
  platform->on_call = [&](const store::OutgoingCall& call) -> std::string {
    if (call.kind == store::CallKind::edit && !knows) {
      throw bot::chat::Gone("404");
    }
    return "";
  };
  knows = false;
  outbox.edit(id, "the result", {}, clock.now());
  CHECK(deliver());
  CHECK(deliver());
  CHECK_FALSE(deliver());
  CHECK(platform->calls.back().kind == store::CallKind::message);
  CHECK(platform->calls.back().post.text == "the result");
  CHECK(platform->calls.back().post.reply_to == "m-1");
  CHECK(platform->calls.back().key != platform->calls[1].key);
  // Two edits wait: the later one says it all.
  outbox.edit(id, "one", {}, clock.now());
  platform->on_call = [&](const store::OutgoingCall& call) -> std::string {
    if (call.kind == store::CallKind::edit) {
      if (call.post.text == "one") {
        outbox.edit(id, "two", {}, clock.now());
      }
      throw bot::chat::Gone("404");
    }
    return "";
  };
  while (deliver()) {
  }
  CHECK(platform->calls.back().post.text == "two");
  CHECK(platform->calls.back().kind == store::CallKind::message);
  // Where each edit is answered so, it does no more than it did.
  const auto before = platform->calls.size();
  outbox.edit(id, "three", {}, clock.now());
  while (deliver()) {
  }
  CHECK(platform->calls.size() == before + 1);
  CHECK(open() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a call of which nobody knows whether it arrived is counted apart") {
  const auto id = outbox.post(conversation, {"Hello", {}}, clock.now());
  platform->on_call = [&](const store::OutgoingCall&) {
    store::MessageParts pieces(db);
    pieces.mark_attempted(id, 0, clock.now());
    pieces.mark_uncertain(id, 0);
    return "";
  };
  CHECK(deliver());
  CHECK(count("uncertain") == "1");
  CHECK(count("delivered").empty());
  outbox.post(conversation, {"Hello again", {}}, clock.now());
  platform->on_call = [](const auto&) { return "ext-1"; };
  CHECK(deliver());
  CHECK(count("uncertain") == "1");
  CHECK(count("delivered") == "1");
}

TEST_CASE_FIXTURE(Fixture, "a call that did not work now is made again with the same key and text") {
  const auto id = outbox.post(conversation, {"start", {}}, clock.now());
  deliver();
  outbox.edit(id, "10 %", {}, clock.now());
  platform->on_call = [](const auto&) -> std::string { throw base::TransientError("503"); };
  deliver();
  CHECK_FALSE(deliver());
  outbox.edit(id, "20 %", {}, clock.now());
  platform->on_call = [](const auto&) { return ""; };
  clock.advance(std::chrono::seconds(1));
  CHECK(deliver());
  CHECK(deliver());
  REQUIRE(platform->calls.size() == 4);
  CHECK(platform->calls[1].key == platform->calls[2].key);
  CHECK(platform->calls[2].post.text == "10 %");
  CHECK(platform->calls[3].post.text == "20 %");
}

TEST_CASE_FIXTURE(Fixture, "an edit that arrives while a call is made is made afterwards") {
  const auto id = outbox.post(conversation, {"start", {}}, clock.now());
  deliver();
  outbox.edit(id, "10 %", {}, clock.now());
  platform->on_call = [&](const store::OutgoingCall& call) {
    if (call.post.text == "10 %") {
      outbox.edit(id, "20 %", {}, clock.now());
    }
    return "";
  };
  CHECK(deliver());
  CHECK(deliver());
  CHECK(platform->calls.back().post.text == "20 %");
}

TEST_CASE_FIXTURE(Fixture, "a platform that asks to wait is waited for") {
  outbox.post(conversation, {"Hello", {}}, clock.now());
  platform->on_call = [](const auto&) -> std::string {
    throw base::TransientError("429", std::chrono::milliseconds(120'000));
  };
  deliver();
  CHECK(queue.next_due("deliver:web") == clock.now() + std::chrono::seconds(120));
}

TEST_CASE_FIXTURE(Fixture,
                  "a chat that moved is followed at once, with its threads and who was admitted there") {
  store::Conversations conversations(db);
  store::People people(db);
  const auto thread = conversations.open("web", "c-1/7", clock.now(), "c-1");
  people.admit(people.new_pairing_code(person.id, "c-1", clock.now() + std::chrono::hours(1)), clock.now());
  outbox.post(thread, {"Hello", {}}, clock.now());
  platform->on_call = [](const store::OutgoingCall& call) -> std::string {
    if (call.chat_id == "c-1/7") {
      throw bot::chat::Moved("upgraded", "c-2");
    }
    return "ext-1";
  };
  CHECK(deliver());
  CHECK(open() == 0);
  REQUIRE(platform->calls.size() == 2);
  CHECK(platform->calls[1].chat_id == "c-2/7");
  CHECK(platform->calls[1].key == platform->calls[0].key);
  CHECK(conversations.get(thread.id).chat_id == "c-2/7");
  CHECK(conversations.get(conversation.id).chat_id == "c-2");
  CHECK(people.is_admitted(person.id, "c-2"));
  CHECK(count("delivered") == "1");
}

TEST_CASE_FIXTURE(Fixture, "a chat that moved to where a conversation is already is followed for the call") {
  store::Conversations(db).open("web", "c-2", clock.now());
  outbox.post(conversation, {"Hello", {}}, clock.now());
  platform->on_call = [](const store::OutgoingCall& call) -> std::string {
    return call.chat_id == "c-1" ? throw bot::chat::Moved("upgraded", "c-2") : "ext-1";
  };
  CHECK(deliver());
  CHECK(open() == 0);
  CHECK(platform->calls.back().chat_id == "c-2");
}

TEST_CASE_FIXTURE(Fixture, "a service that sends in a circle is asked again later") {
  outbox.post(conversation, {"Hello", {}}, clock.now());
  platform->on_call = [](const store::OutgoingCall& call) -> std::string {
    throw bot::chat::Moved("upgraded", call.chat_id == "c-1" ? "c-2" : "c-1");
  };
  CHECK(deliver());
  CHECK(platform->calls.size() == 3);
  CHECK_FALSE(deliver());
  CHECK(open() == 1);
  CHECK(outbox.dead_count() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a call that will never work is dead, and the next one is made") {
  const auto id = outbox.post(conversation, {"bad", {}}, clock.now());
  outbox.post(conversation, {"good", {}}, clock.now());
  platform->on_call = [](const store::OutgoingCall& call) -> std::string {
    if (call.post.text == "bad") {
      throw base::PermanentError("404");
    }
    return "";
  };
  CHECK(deliver());
  CHECK(outbox.dead_count() == 1);
  CHECK_FALSE(outbox.is_pending(id));
  CHECK(deliver());
  CHECK(open() == 0);
}

TEST_CASE_FIXTURE(
    Fixture, "where the file of a text that is too long is refused the call is made without it, also later") {
  outbox.post(conversation, {"very long", {}}, clock.now());
  platform->on_call = [&](const store::OutgoingCall& call) -> std::string {
    if (!call.post.rest_refused) {
      throw bot::chat::FileRefused("413", bot::chat::MessagePart::File::Of::text);
    }
    if (platform->calls.size() < 3) {
      throw base::TransientError("503");
    }
    return "ext-1";
  };
  CHECK(deliver());
  clock.advance(std::chrono::seconds(2));
  CHECK(deliver());
  REQUIRE(platform->calls.size() == 3);
  CHECK(platform->calls.back().post.rest_refused);
  CHECK(platform->calls.back().post.text == "very long");
  CHECK(outbox.dead_count() == 0);
  // Where it is refused nevertheless nothing is tried for ever.
  platform->on_call = [](const auto&) -> std::string {
    throw bot::chat::FileRefused("413", bot::chat::MessagePart::File::Of::text);
  };
  outbox.post(conversation, {"very long", {}}, clock.now());
  CHECK(deliver());
  CHECK(outbox.dead_count() == 1);
}

TEST_CASE_FIXTURE(Fixture, "after three days of trying a call is dead") {
  outbox.post(conversation, {"Hello", {}}, clock.now());
  platform->on_call = [](const auto&) -> std::string { throw base::TransientError("503"); };
  clock.advance(std::chrono::hours(72));
  CHECK(deliver());
  CHECK(outbox.dead_count() == 0);
  clock.advance(std::chrono::minutes(10));
  CHECK(deliver());
  CHECK(outbox.dead_count() == 1);
  CHECK(open() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a stop is passed on, and the call stays as it is") {
  outbox.post(conversation, {"Hello", {}}, clock.now());
  platform->on_call = [](const auto&) -> std::string { throw base::Stopped(); };
  CHECK_THROWS_AS(deliver(), base::Stopped);
  CHECK(open() == 1);
}

TEST_CASE_FIXTURE(Fixture, "calls of a section that is gone wait for it to come back") {
  const auto id = outbox.post(conversation, {"Hello", {}}, clock.now());
  auto owned = std::move(platforms.at("web"));
  platforms.clear();
  CHECK(deliver());
  CHECK(outbox.is_pending(id));
  CHECK(queue.next_due("deliver:web") == clock.now());
  platforms["web"] = std::move(owned);
  CHECK(deliver());
  CHECK_FALSE(outbox.is_pending(id));
}

TEST_CASE_FIXTURE(Fixture, "after three days calls of a section that is gone are dead, in their order") {
  const auto id = outbox.post(conversation, {"Hello", {}}, clock.now());
  platforms.clear();
  clock.advance(std::chrono::hours(72) - std::chrono::milliseconds(1));
  outbox.post(conversation, {"Hello again", {}}, clock.now());
  CHECK(deliver());
  CHECK(outbox.dead_count() == 0);
  clock.advance(std::chrono::milliseconds(1));
  CHECK(deliver());
  CHECK(outbox.dead_count() == 1);
  CHECK_FALSE(outbox.is_pending(id));
  CHECK(count("dead") == "1");
  CHECK(deliver());
  CHECK(outbox.dead_count() == 1);
  CHECK(open() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a call that was settled before a crash is not made again") {
  outbox.post(conversation, {"Hello", {}}, clock.now());
  const auto job = queue.claim("deliver:web", clock.now());
  outbox.mark_delivered({job->ref}, "ext-1", clock.now());
  bot::messages::deliver(services, db, *job, {});
  CHECK(platform->calls.empty());
  CHECK(open() == 0);
}

}  // namespace
