#include <doctest/doctest.h>

#include "base/error.h"
#include "store/job_queue.h"
#include "store/outbox.h"
#include "tests/support/store_fixture.h"

namespace {

using store::ButtonKind;
using store::OutgoingCall;

struct Fixture : support::StoreFixture {
  store::Outbox outbox{db};
  store::Conversations conversations{db};
  store::JobQueue queue{db};

  store::MessageId post(const std::string& text, std::vector<store::Button> buttons = {}) {
    return outbox.post(conversation, {text, std::move(buttons)}, clock.now());
  }
  /// The next call to make, with its job done.
  std::optional<OutgoingCall> take() {
    const auto job = queue.claim("deliver:web", clock.now());
    if (!job) {
      return std::nullopt;
    }
    const auto call = outbox.get({job->ref});
    queue.complete(*job);
    return call;
  }
};

TEST_CASE_FIXTURE(Fixture, "a post becomes a message of the conversation, a call and a job") {
  const auto id = outbox.post(conversation, {"Hello *you*", {}, "m-7", store::DispatchId{17}}, clock.now());
  const auto message = conversations.message(id);
  CHECK(message.author == store::Author::assistant);
  CHECK(message.text == "Hello *you*");
  CHECK(message.dispatch == store::DispatchId{17});
  const auto call = take();
  REQUIRE(call);
  CHECK(call->kind == store::CallKind::message);
  CHECK(call->chat_id == "c-1");
  CHECK(call->conversation == conversation.id);
  CHECK(call->message == id);
  CHECK(call->post.text == "Hello *you*");
  CHECK(call->post.reply_to == "m-7");
  CHECK(call->post.dispatch == store::DispatchId{17});
  CHECK(call->created == clock.now());
  CHECK(call->state == store::DeliveryState::unattempted);
}

TEST_CASE_FIXTURE(Fixture, "control characters go out of no door") {
  const auto id = post("a\x1b[31mb\x07\n\tc\xFF", {{ButtonKind::option, 1, "x\x1b[2Ky"}});
  const auto shown = conversations.message(id).text;
  CHECK(shown == "ab\n\tc\xEF\xBF\xBD");
  const auto call = take();
  REQUIRE(call);
  CHECK(call->post.text == shown);
  CHECK(call->post.buttons.at(0).label == "xy");
  outbox.edit(id, "\x08gone", {}, clock.now());
  CHECK(conversations.message(id).text == "gone");
  CHECK(take()->post.text == "gone");
}

TEST_CASE_FIXTURE(Fixture, "the key of a call is fixed when it is written, and no two are the same") {
  post("one");
  post("two");
  const auto job = queue.claim("deliver:web", clock.now());
  REQUIRE(job);
  const auto key = outbox.get({job->ref}).key;
  CHECK(key.size() > 20);
  outbox.mark_attempted({job->ref});
  CHECK(outbox.get({job->ref}).key == key);
  queue.complete(*job);
  CHECK(take()->key != key);
}

TEST_CASE_FIXTURE(Fixture, "calls of one chat are made in the order in which they were written") {
  const auto id = post("one");
  post("two");
  outbox.edit(id, "one, changed", {}, clock.now());
  CHECK(take()->post.text == "one");
  CHECK(take()->post.text == "two");
  CHECK(take()->post.text == "one, changed");
  CHECK_FALSE(take());
}

TEST_CASE_FIXTURE(Fixture, "an edit names the key of the message that it changes") {
  const auto id = post("one");
  const auto message = take();
  outbox.mark_delivered(message->id, "platform-7", clock.now());
  clock.advance(std::chrono::seconds(2));
  outbox.edit(id, "two", {}, clock.now());
  const auto edit = take();
  REQUIRE(edit);
  CHECK(edit->kind == store::CallKind::edit);
  CHECK(edit->target_key == message->key);
  CHECK(edit->key != message->key);
  CHECK(edit->target_external_id == "platform-7");
  CHECK(conversations.message(id).text == "two");
  CHECK(conversations.message(id).edited == clock.now());
}

TEST_CASE_FIXTURE(Fixture, "an edit that nobody tried to send yet is replaced by a newer one") {
  const auto id = post("start");
  take();
  outbox.edit(id, "10 %", {}, clock.now());
  outbox.edit(id, "20 %", {}, clock.now());
  CHECK(queue.open("deliver:web") == 1);
  CHECK(take()->post.text == "20 %");
  CHECK_FALSE(take());
}

TEST_CASE_FIXTURE(Fixture, "an edit is not replaced once another call of the conversation stands behind it") {
  const auto id = post("start");
  take();
  outbox.edit(id, "10 %", {}, clock.now());
  post("something else");
  outbox.edit(id, "20 %", {}, clock.now());
  CHECK(take()->post.text == "10 %");
  CHECK(take()->post.text == "something else");
  CHECK(take()->post.text == "20 %");
}

TEST_CASE_FIXTURE(Fixture, "a message that nobody tried to send yet is never replaced by an edit") {
  const auto id = post("start");
  outbox.edit(id, "10 %", {}, clock.now());
  CHECK(take()->post.text == "start");
  CHECK(take()->post.text == "10 %");
}

TEST_CASE_FIXTURE(Fixture, "what was attempted never changes, whatever is edited later") {
  const auto id = post("start");
  take();
  outbox.edit(id, "10 %", {}, clock.now());
  const auto job = queue.claim("deliver:web", clock.now());
  REQUIRE(job);
  outbox.mark_attempted({job->ref});
  outbox.edit(id, "20 %", {{ButtonKind::cancel, 1, "Stop"}}, clock.now());
  const auto call = outbox.get({job->ref});
  CHECK(call.post.text == "10 %");
  CHECK(call.post.buttons.empty());
  queue.complete(*job);
  CHECK(take()->post.text == "20 %");
}

TEST_CASE_FIXTURE(Fixture, "a delivered edit is not changed either") {
  const auto id = post("start");
  take();
  outbox.edit(id, "10 %", {}, clock.now());
  outbox.mark_delivered(take()->id, "", clock.now());
  outbox.edit(id, "20 %", {}, clock.now());
  CHECK(take()->post.text == "20 %");
}

TEST_CASE_FIXTURE(Fixture, "buttons get an id when they are stored, and are found by it") {
  const auto id = post("Shall I?", {{ButtonKind::yes, 5, "Yes"}, {ButtonKind::no, 5, "No"}});
  const auto buttons = conversations.buttons(id);
  REQUIRE(buttons.size() == 2);
  CHECK(buttons[0].label == "Yes");
  CHECK(buttons[1].label == "No");
  CHECK(buttons[0].id != buttons[1].id);
  const auto found = conversations.find_button(buttons[0].id);
  REQUIRE(found);
  CHECK(found->message == id);
  CHECK(found->shown);
  CHECK(found->button.kind == ButtonKind::yes);
  CHECK(found->button.ref == 5);
  CHECK(conversations.message_with_button(ButtonKind::no, 5) == id);
  CHECK_FALSE(conversations.message_with_button(ButtonKind::no, 6));
  CHECK_FALSE(conversations.find_button("unheard-of"));
  CHECK(take()->post.buttons.at(1).id == buttons[1].id);
}

TEST_CASE_FIXTURE(Fixture, "equal buttons keep their ids through an edit") {
  const auto id = post("0 %", {{ButtonKind::cancel, 5, "Stop"}});
  const auto before = conversations.buttons(id).at(0).id;
  outbox.edit(id, "10 %", {{ButtonKind::cancel, 5, "Stop"}}, clock.now());
  CHECK(conversations.buttons(id).at(0).id == before);
  take();
  CHECK(take()->post.buttons.at(0).id == before);
}

TEST_CASE_FIXTURE(Fixture, "replaced buttons are hidden, but still known to a late click") {
  const auto id = post("Shall I?", {{ButtonKind::yes, 5, "Yes"}});
  const auto old = conversations.buttons(id).at(0).id;
  outbox.edit(id, "Working", {{ButtonKind::cancel, 9, "Stop"}}, clock.now());
  CHECK(conversations.buttons(id).size() == 1);
  CHECK(conversations.buttons(id).at(0).kind == ButtonKind::cancel);
  REQUIRE(conversations.find_button(old));
  CHECK_FALSE(conversations.find_button(old)->shown);
  CHECK_FALSE(conversations.message_with_button(ButtonKind::yes, 5));
  outbox.edit(id, "Done", {}, clock.now());
  CHECK(conversations.buttons(id).empty());
}

TEST_CASE_FIXTURE(Fixture, "the first message still carries the buttons that an edit has hidden since") {
  const auto id = post("Shall I?", {{ButtonKind::yes, 5, "Yes"}});
  outbox.edit(id, "Never mind", {}, clock.now());
  CHECK(take()->post.buttons.at(0).label == "Yes");
  CHECK(take()->post.buttons.empty());
}

TEST_CASE_FIXTURE(Fixture, "a message is pending until its newest call was delivered or given up") {
  const auto id = post("start");
  CHECK(outbox.is_pending(id));
  const auto first = take();
  outbox.mark_attempted(first->id);
  CHECK(outbox.is_pending(id));
  outbox.mark_delivered(first->id, "x", clock.now());
  CHECK_FALSE(outbox.is_pending(id));
  CHECK(outbox.get(first->id).state == store::DeliveryState::delivered);
  outbox.edit(id, "10 %", {}, clock.now());
  CHECK(outbox.is_pending(id));
  outbox.mark_dead(take()->id, "404", clock.now());
  CHECK_FALSE(outbox.is_pending(id));
  CHECK_FALSE(outbox.is_pending({999}));
}

TEST_CASE_FIXTURE(Fixture, "dead calls are settled and counted") {
  post("start");
  CHECK(outbox.dead_count() == 0);
  const auto call = take();
  outbox.mark_attempted(call->id);
  outbox.mark_dead(call->id, "the callback answered with status 404", clock.now());
  CHECK(outbox.dead_count() == 1);
  CHECK(outbox.get(call->id).state == store::DeliveryState::dead);
  outbox.mark_attempted(call->id);
  CHECK(outbox.get(call->id).state == store::DeliveryState::dead);
}

TEST_CASE_FIXTURE(Fixture, "text of any kind survives the outbox") {
  const std::string text = "Größe \"quoted\"\n\\ 日本語 👍 <b>";
  post(text);
  CHECK(take()->post.text == text);
}

TEST_CASE_FIXTURE(Fixture, "only the oldest message that answers another is its first answer") {
  say("first question");  // m-1
  const auto note = outbox.post(conversation, {"Working", {}, "m-1"}, clock.now());
  say("second question");  // m-2
  outbox.post(conversation, {"by itself"}, clock.now());
  outbox.post(conversation, {"other answer", {}, "m-2"}, clock.now());
  outbox.post(conversation, {"result", {}, "m-1"}, clock.now());
  outbox.edit(note, "Done", {}, clock.now());
  const auto first = [&](const char* text) {
    const auto call = take();
    REQUIRE(call);
    CHECK(call->post.text == text);
    return call->answers_first;
  };
  CHECK(first("Working"));
  CHECK_FALSE(first("by itself"));
  CHECK(first("other answer"));
  CHECK_FALSE(first("result"));
  CHECK(first("Done"));
}

TEST_CASE_FIXTURE(Fixture, "the answer to somebody whose message was not stored is a first answer, too") {
  outbox.post(conversation, {"I do not know you", {}, "m-99"}, clock.now());
  outbox.post(conversation, {"I still do not", {}, "m-99"}, clock.now());
  CHECK(take()->answers_first);
  CHECK_FALSE(take()->answers_first);
}

TEST_CASE_FIXTURE(Fixture, "an unknown call is a permanent error") {
  CHECK_THROWS_AS(outbox.get({999}), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "a file is kept with its message by its place, without its content") {
  const auto site = project("site");
  store::Post with_file{"Here."};
  with_file.file = store::Post::File{site.id, "docs/a.pdf", "a.pdf", "bytes"};
  outbox.post(conversation, with_file, clock.now());
  const auto file = take()->post.file;
  REQUIRE(file);
  CHECK(file->project == site.id);
  CHECK(file->path == "docs/a.pdf");
  CHECK(file->name == "a.pdf");
  CHECK(file->content.empty());
}

}  // namespace
