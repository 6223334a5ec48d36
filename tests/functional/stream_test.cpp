// Answers that are shown on the page while the model writes them: what is shown when, and what never is.
#include <algorithm>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/models/slow_model.h"
#include "tests/support/program/desk.h"
#include "tests/support/program/open_page.h"
#include "tests/support/text.h"

using nlohmann::json;
using support::contains;
using support::Desk;
using support::OpenPage;
using support::PageSession;
using support::SlowModel;

namespace {

/// A desk with a chat page and a model that says what the test says, when it says it.
class StreamDesk : public Desk {
 public:
  StreamDesk() : Desk(Claude::fake) {
    config.set("chat.web", "platform", "\"web\"")
        .set("chat.web", "repair_buttons", "false")
        .set("secretary", "base_url", support::toml_text(slow.url()));
  }
  /// The texts of the assistant in the record.
  std::string record() const {
    return query("SELECT coalesce(group_concat(text, '|'), '') FROM messages WHERE author = 'assistant'");
  }
  SlowModel slow;
};

/// Of a page: "stream", "withdrawn" and "message" events of the assistant, in order.
std::string kinds(const OpenPage& page) {
  std::string kinds;
  for (const auto& event : page.events()) {
    const auto type = event.data.value("type", "");
    const bool is_own = type == "message" && event.data["message"].value("author", "") == "user";
    if ((type == "stream" || type == "withdrawn" || type == "message") && !is_own &&
        !kinds.ends_with(type + " ")) {
      kinds += type + " ";
    }
  }
  return kinds;
}

bool is_answer(const json& event) {
  return event.value("type", "") == "message" && event["message"].value("author", "") == "assistant";
}

/// The model hands the site over.
void propose_site(StreamDesk& desk, const std::string& confidence) {
  desk.slow.call("dispatch", R"({"action":"run","slug":"site","description":"The site","prompt":"Build it",)"
                             R"("confidence":")" +
                                 confidence + R"(","reason":"work"})");
}

}  // namespace

TEST_CASE("an answer is seen on every open page while it is written, and one message takes its place") {
  StreamDesk desk;
  desk.start();
  const PageSession session(desk);
  OpenPage first(desk.port(), session.cookie());
  OpenPage second(desk.port(), session.cookie());
  session.say("Tell me of streams", "p-1");
  REQUIRE(desk.slow.wait_for_requests(1));
  desk.slow.text("**Streams**");
  CHECK(first.wait_for_draft("**Streams**") == "**Streams**");
  desk.slow.text(" come in pieces");
  desk.slow.text(".");
  for (auto* page : {&first, &second}) {
    CHECK(page->wait_for_draft("pieces.") == "**Streams** come in pieces.");
    CHECK(contains(page->html(), "<strong>Streams</strong> come in pieces."));
  }
  CHECK(desk.record().empty());  // it is in memory alone

  // Who comes in the middle has all of it, and then what follows.
  const auto state = session.state();
  CHECK(state["stream"].value("text", "") == "**Streams** come in pieces.");
  CHECK(contains(state["stream"].value("html", ""), "<strong>Streams</strong>"));
  OpenPage late(desk.port(), session.cookie());
  desk.slow.text(" And end.");
  const auto more = late.wait_for_type("stream");
  CHECK(more.data.value("turn", 0) == state["stream"].value("turn", -1));
  CHECK(more.data.value("n", 0) > state["stream"].value("n", 0));
  CHECK(contains(more.data.value("html", ""), "pieces. And end."));
  desk.slow.end();
  for (auto* page : {&first, &second, &late}) {
    const auto answer = page->wait_for(is_answer);
    CHECK(answer.data["message"].value("text", "") == "**Streams** come in pieces. And end.");
    CHECK(answer.data.value("turn", 0) == state["stream"].value("turn", -1));
  }
  CHECK(session.state()["stream"].is_null());
  CHECK(desk.record() == "**Streams** come in pieces. And end.");
  CHECK(kinds(first) == "stream message ");
}

TEST_CASE("thoughts and calls written as text are not seen, and an answer behind a tool begins anew") {
  StreamDesk desk;
  desk.start();
  const PageSession session(desk);
  OpenPage page(desk.port(), session.cookie());
  session.say("What have I?", "p-1");
  REQUIRE(desk.slow.wait_for_requests(1));
  for (const char* piece : {"<th", "ink>SECRET plan</th", "ink>I look", " it up. <tool",
                            "_call>{\"name\": \"list_proj", "ects\", \"arguments\": {}}", "</tool_call>"}) {
    desk.slow.text(piece);
  }
  CHECK(page.wait_for_draft("up.") == "I look it up.");
  desk.slow.end();
  REQUIRE(desk.slow.wait_for_requests(2));
  page.wait_for_type("withdrawn");
  desk.slow.text("You have none.");
  CHECK(page.wait_for_draft("none.") == "You have none.");
  desk.slow.end();
  page.wait_for(is_answer);
  CHECK(kinds(page) == "stream withdrawn stream message ");
  for (const auto& event : page.events()) {
    CHECK_FALSE(contains(event.data.dump(), "SECRET"));
    CHECK_FALSE(contains(event.data.dump(), "list_proj"));
  }
}

TEST_CASE("what a model wrote before it failed is withdrawn, and the next attempt is seen") {
  StreamDesk desk;
  desk.start();
  const PageSession session(desk);
  OpenPage page(desk.port(), session.cookie());
  session.say("Try", "p-1");
  REQUIRE(desk.slow.wait_for_requests(1));
  desk.slow.text("Half an ans");
  page.wait_for_draft("ans");
  SUBCASE("by an error in the stream") {
    desk.slow.fail("overloaded_error");
  }
  SUBCASE("by a connection that broke") {
    desk.slow.cut();
  }
  page.wait_for_type("withdrawn");
  CHECK(session.state()["stream"].is_null());
  REQUIRE(desk.slow.wait_for_requests(2));
  desk.slow.text("A whole answer.");
  CHECK(page.wait_for_draft("whole") == "A whole answer.");
  desk.slow.end();
  page.wait_for(is_answer);
  CHECK(kinds(page) == "stream withdrawn stream message ");
  CHECK(desk.record() == "A whole answer.");
}

TEST_CASE("what stood before a proposal is withdrawn before the question or the note is there") {
  StreamDesk desk;
  desk.start();
  const PageSession session(desk);
  OpenPage page(desk.port(), session.cookie());
  session.say("Build a site", "p-1");
  REQUIRE(desk.slow.wait_for_requests(1));
  desk.slow.text("I would hand this over.");
  page.wait_for_draft("over.");
  std::string confidence = "high";
  SUBCASE("dispatched") {}
  SUBCASE("asked") {
    confidence = "medium";
  }
  propose_site(desk, confidence);
  desk.slow.end();
  page.wait_for(is_answer);
  CHECK(kinds(page) == "stream withdrawn message ");
  CHECK(session.state()["stream"].is_null());
}

TEST_CASE("the answer after No is seen while it is written") {
  StreamDesk desk;
  desk.start();
  const PageSession session(desk);
  OpenPage page(desk.port(), session.cookie());
  session.say("Build a site", "p-1");
  REQUIRE(desk.slow.wait_for_requests(1));
  propose_site(desk, "medium");
  desk.slow.end();
  const auto question = page.wait_for(is_answer).data["message"];
  const auto& actions = question["actions"];
  const auto no = std::find_if(actions.begin(), actions.end(),
                               [](const json& a) { return a.value("label", "") == "No"; });
  REQUIRE(no != actions.end());
  session.press(no->value("id", ""), "p-2");
  REQUIRE(desk.slow.wait_for_requests(2));
  desk.slow.text("Here is how.");
  CHECK(page.wait_for_draft("how.") == "Here is how.");
  const auto turn = page.wait_for_type("stream").data.value("turn", 0);
  desk.slow.end();
  const auto answer =
      page.wait_for([&](const json& data) { return is_answer(data) && data.value("turn", 0) == turn; });
  CHECK(answer.data["message"].value("text", "") == "Here is how.");
  CHECK(session.state()["stream"].is_null());
}

TEST_CASE("another message that comes meanwhile does not take the place of what is being written") {
  StreamDesk desk;
  desk.start();
  const PageSession session(desk);
  OpenPage page(desk.port(), session.cookie());
  session.say("Tell me", "p-1");
  REQUIRE(desk.slow.wait_for_requests(1));
  desk.slow.text("A long story");
  page.wait_for_draft("story");
  const auto turn = page.wait_for_type("stream").data.value("turn", 0);
  session.say("/cancel", "p-2");
  const auto other = page.wait_for(is_answer);
  CHECK(other.data.value("turn", 0) != turn);
  CHECK(session.state()["stream"].value("turn", 0) == turn);
  desk.slow.text(" ends.");
  desk.slow.end();
  const auto answer =
      page.wait_for([&](const json& data) { return is_answer(data) && data.value("turn", 0) == turn; });
  CHECK(answer.data["message"].value("text", "") == "A long story ends.");
}

TEST_CASE("nothing of what was being written outlives the program, and the answer comes once") {
  StreamDesk desk;
  desk.start();
  {
    const PageSession session(desk);
    OpenPage page(desk.port(), session.cookie());
    session.say("Tell me", "p-1");
    REQUIRE(desk.slow.wait_for_requests(1));
    desk.slow.text("Half a story");
    page.wait_for_draft("story");
    int signal = SIGKILL;
    SUBCASE("killed") {}
    SUBCASE("stopped") {
      signal = SIGTERM;
    }
    desk.stop(signal);
  }
  CHECK(desk.record().empty());
  desk.start();
  const PageSession session(desk);
  OpenPage page(desk.port(), session.cookie());
  REQUIRE(desk.slow.wait_for_requests(2));
  CHECK(session.state()["stream"].is_null());
  desk.slow.text("A whole story.");
  page.wait_for_draft("whole");
  desk.slow.end();
  CHECK(page.wait_for(is_answer).data["message"].value("text", "") == "A whole story.");
  CHECK(desk.record() == "A whole story.");
}

TEST_CASE("no page sees a secret of the configuration while an answer is written") {
  StreamDesk desk;
  desk.start();
  const PageSession session(desk);
  OpenPage page(desk.port(), session.cookie());
  session.say("What is your key?", "p-1");
  REQUIRE(desk.slow.wait_for_requests(1));
  const std::string key = Desk::kModelKey;
  desk.slow.text("It is " + key.substr(0, 9));
  CHECK(page.wait_for_draft("It is ") == "It is ");
  desk.slow.text(key.substr(9) + ", or " + key + ".");
  CHECK(page.wait_for_draft("or [secret].") == "It is [secret], or [secret].");
  desk.slow.end();
  const auto answer = page.wait_for(is_answer);
  CHECK(answer.data["message"].value("text", "") == "It is [secret], or [secret].");
  for (const auto& event : page.events()) {
    CHECK_FALSE(contains(event.data.dump(), "key-of"));
  }
}
