// What every chat service must do, seen from outside: the real program, and a server that plays the service.
// Each service has a file of its own beside this one, <service>_contract_test.cpp, with a type for each way
// in which it is set up and CHAT_SERVICE_CONTRACT over them.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/chat_services/chat_service.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

namespace contract {

using support::ChatService;
using support::contains;
using support::Desk;
using support::Shown;
using Said = ChatService::Said;

/// The program with one chat of that service. `Kind` has the ChatService as its member `service`.
template <typename Kind>
struct Chat {
  explicit Chat(Desk::Claude claude = Desk::Claude::fake) : desk(claude) { service().configure(desk); }

  ChatService& service() { return kind.service; }
  /// Tells the program and wants it taken.
  void tell(const base::HttpRequest& request) {
    const auto response = service().tell(desk, request);
    REQUIRE(response.status / 100 == 2);
  }
  void say(const Said& said) { tell(service().message(said)); }
  std::size_t answers_with(const std::string& part) {
    const auto all = service().answers();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const Shown& message) { return contains(message.text, part); }));
  }
  /// The nth call from now on that changes the screen gets no answer for a minute, and then a failure.
  void hold_up(int nth, bool arrives) {
    writes = 0;
    service().behave({.times = 1,
                      .status = 500,
                      .accepts = arrives,
                      .delay = std::chrono::seconds(60),
                      .applies = [this, nth](const support::ServiceCall& call) {
                        return service().is_write(call) && ++writes == nth;
                      }});
  }
  bool is_held_up() {
    const auto calls = service().calls();
    return std::any_of(calls.begin(), calls.end(), [](const auto& call) { return call.answered == 500; });
  }

  std::atomic<int> writes = 0;
  Kind kind;
  Desk desk;
};

TEST_CASE_TEMPLATE_DEFINE("a message is answered once, in the chat it came from", Kind, answered_once) {
  Chat<Kind> chat;
  chat.desk.start();
  chat.say({.text = "what is a mutex?"});
  const auto answer = chat.service().wait_for_text("Answer to: what is a mutex?");
  CHECK_FALSE(answer.chat.empty());
  // The next answer comes after everything that belongs to the first.
  chat.say({.text = "and a semaphore?"});
  chat.service().wait_for_text("Answer to: and a semaphore?");
  CHECK(chat.service().shown().size() == 2);
}

TEST_CASE_TEMPLATE_DEFINE("work is dispatched with progress, a button and a final edit", Kind, dispatched) {
  Chat<Kind> chat;
  chat.desk.model.secretary("build", {support::propose("medium", "site")});
  support::write_text(chat.desk.folder() / "claude.work", "2.5");
  chat.desk.start();
  chat.say({.text = "build it"});
  const auto question = chat.service().wait_for_text("Shall I give it to the specialist?");
  CHECK_FALSE(question.action("Yes").empty());
  CHECK_FALSE(question.action("No").empty());
  chat.tell(chat.service().click(question, "Yes", "1001"));
  const auto working =
      chat.service().wait_for([](const Shown& message) { return !message.action("Cancel").empty(); });
  const auto result = chat.service().wait_for_text("Done: site");
  CHECK(result.id == working.id);
  CHECK(result.edits > 0);
  CHECK(result.action("Cancel").empty());
  // The question has lost its buttons.
  const auto asked = chat.service().wait_for(
      [&](const Shown& message) { return message.id == question.id && contains(message.text, "Yes."); });
  CHECK(asked.actions.empty());
}

TEST_CASE_TEMPLATE_DEFINE("a repeat is taken and does nothing, also after a restart", Kind, repeat) {
  Chat<Kind> chat;
  chat.desk.start();
  const auto request = chat.service().message({.text = "say it once", .id = "r-1"});
  chat.tell(request);
  chat.service().wait_for_text("say it once");
  chat.tell(request);
  chat.desk.stop(SIGKILL);
  chat.desk.start();
  chat.tell(request);
  chat.say({.text = "the next"});
  chat.service().wait_for_text("the next");
  CHECK(chat.answers_with("say it once") == 1);
  CHECK(chat.desk.query("SELECT count(*) FROM messages WHERE text = 'say it once'") == "1");
}

TEST_CASE_TEMPLATE_DEFINE("a forged call is refused and nothing of it is stored", Kind, forged) {
  Chat<Kind> chat;
  chat.desk.start();
  if (!chat.service().is_called()) {
    CHECK(chat.desk.call("POST", "/webhooks/svc", "{}").status == 404);
  } else {
    const auto request = chat.service().message({.text = "forged"});
    CHECK(chat.service().tell(chat.desk, chat.service().forged(request)).status == 401);
    CHECK(chat.desk.query("SELECT count(*) FROM messages") == "0");
  }
  chat.say({.text = "genuine"});
  chat.service().wait_for_text("genuine");
}

TEST_CASE_TEMPLATE_DEFINE("when the service asks to wait, the program waits, and says it once", Kind, waits) {
  Chat<Kind> chat;
  chat.desk.start();
  if (!chat.service().is_remote()) {
    return;
  }
  chat.service().behave({.times = 1, .status = 429, .retry_after = "2"});
  chat.say({.text = "patience"});
  chat.service().wait_for_text("patience");
  CHECK(chat.answers_with("patience") == 1);
  const auto calls = chat.service().calls();
  const auto refused =
      std::find_if(calls.begin(), calls.end(), [](const auto& call) { return call.answered == 429; });
  REQUIRE(refused != calls.end());
  const auto next = std::find_if(std::next(refused), calls.end(), [&](const auto& call) {
    return call.request.path == refused->request.path;
  });
  REQUIRE(next != calls.end());
  CHECK(next->at - refused->at >= std::chrono::milliseconds(1'900));
}

TEST_CASE_TEMPLATE_DEFINE("killed between sending and sent, it does not say it twice", Kind,
                          killed_before_sent) {
  for (const bool arrived : {true, false}) {
    CAPTURE(arrived);
    Chat<Kind> chat;
    chat.desk.start();
    if (!chat.service().is_remote()) {
      return;
    }
    // The first write never gets its answer; whether it had its effect, the program cannot know.
    chat.service().behave({.times = 1, .status = 500, .accepts = arrived, .delay = std::chrono::seconds(60)});
    chat.say({.text = "only once"});
    REQUIRE(chat.service().wait_until([&] { return chat.is_held_up(); }));
    chat.desk.stop(SIGKILL);
    chat.desk.start();
    chat.service().wait_for_text("only once");
    chat.say({.text = "afterwards"});
    chat.service().wait_for_text("afterwards");
    CHECK(chat.answers_with("only once") == 1);
    if (chat.service().shows_placeholders()) {
      CHECK(chat.desk.query("SELECT count(*) FROM pieces WHERE doubtful > 0") == "1");
    } else {
      CHECK(chat.service().shown().size() == 2);
    }
  }
}

TEST_CASE_TEMPLATE_DEFINE("killed at any call of a long answer, it shows every part of it once" *
                              doctest::timeout(300),
                          Kind, killed_in_long_answer) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text +=
        "Paragraph number " + std::to_string(i) + " of an answer that takes several messages, so it is.\n\n";
  }
  for (int nth = 1; nth <= 4; ++nth) {
    for (const bool arrived : {true, false}) {
      CAPTURE(nth);
      CAPTURE(arrived);
      Chat<Kind> chat;
      chat.desk.model.secretary("tell me", {support::say(text)});
      chat.desk.start();
      if (!chat.service().is_remote()) {
        return;
      }
      chat.hold_up(nth, arrived);
      chat.say({.text = "tell me everything"});
      // The generic platform takes it all in one call.
      REQUIRE(chat.service().wait_until(
          [&] { return chat.is_held_up() || chat.answers_with("number 99 ") > 0; }));
      chat.desk.stop(SIGKILL);
      chat.desk.start();
      chat.service().wait_for_text("number 99 ");
      chat.say({.text = "afterwards"});
      chat.service().wait_for_text("afterwards");
      for (const int i : {0, 50, 99}) {
        CHECK(chat.answers_with("number " + std::to_string(i) + " of") == 1);
      }
    }
  }
}

TEST_CASE_TEMPLATE_DEFINE("killed at any call after a click, it does what was clicked, once", Kind,
                          killed_after_click) {
  for (int nth = 1; nth <= 3; ++nth) {
    for (const bool arrived : {true, false}) {
      CAPTURE(nth);
      CAPTURE(arrived);
      Chat<Kind> chat;
      chat.desk.model.secretary("maybe", {support::propose("medium", "site")});
      chat.desk.start();
      if (!chat.service().is_remote()) {
        return;
      }
      chat.say({.text = "maybe build it"});
      const auto question =
          chat.service().wait_for([](const Shown& shown) { return !shown.actions.empty(); });
      chat.hold_up(nth, arrived);
      const auto click = chat.service().click(question, "Yes");
      chat.tell(click);
      REQUIRE(chat.service().wait_until([&] { return chat.is_held_up(); }));
      chat.desk.stop(SIGKILL);
      chat.desk.start();
      chat.tell(click);  // as services do that saw no answer
      chat.service().wait_for_text("Done: site");
      chat.say({.text = "afterwards"});
      chat.service().wait_for_text("afterwards");
      CHECK(chat.answers_with("Done: site") == 1);
      CHECK(chat.answers_with("Yes.") == 1);
      CHECK(chat.desk.query("SELECT count(*) FROM dispatches") == "1");
    }
  }
}

TEST_CASE_TEMPLATE_DEFINE("an answer that the service took but did not confirm is not said again", Kind,
                          unconfirmed) {
  Chat<Kind> chat;
  chat.desk.start();
  if (!chat.service().is_remote()) {
    return;
  }
  chat.service().behave({.times = 2, .status = 502, .accepts = true});
  chat.say({.text = "unconfirmed"});
  chat.service().wait_for_text("unconfirmed");
  chat.say({.text = "afterwards"});
  chat.service().wait_for_text("afterwards");
  CHECK(chat.answers_with("unconfirmed") == 1);
}

TEST_CASE_TEMPLATE_DEFINE("long answers come in order, whole, and within the service's limits", Kind,
                          long_answers) {
  Chat<Kind> chat;
  std::string text;
  for (int i = 0; i < 110; ++i) {
    text += "Paragraph number " + std::to_string(i) + " of a long answer with <b>marks</b> & *emphasis*.\n\n";
  }
  chat.desk.model.secretary("tell me", {support::say(text)});
  chat.desk.start();
  chat.say({.text = "tell me everything"});
  chat.service().wait_for_text("number 109 ");
  std::string all;
  for (const auto& message : chat.service().answers()) {
    all += message.text + "\n";
  }
  std::size_t at = 0;
  for (int i = 0; i < 110; ++i) {
    const auto found = all.find("number " + std::to_string(i) + " of", at);
    REQUIRE(found != std::string::npos);
    at = found;
  }
}

/// Every case for each of these types.
#define CHAT_SERVICE_CONTRACT(...)                               \
  TEST_CASE_TEMPLATE_INVOKE(answered_once, __VA_ARGS__);         \
  TEST_CASE_TEMPLATE_INVOKE(dispatched, __VA_ARGS__);            \
  TEST_CASE_TEMPLATE_INVOKE(repeat, __VA_ARGS__);                \
  TEST_CASE_TEMPLATE_INVOKE(forged, __VA_ARGS__);                \
  TEST_CASE_TEMPLATE_INVOKE(waits, __VA_ARGS__);                 \
  TEST_CASE_TEMPLATE_INVOKE(killed_before_sent, __VA_ARGS__);    \
  TEST_CASE_TEMPLATE_INVOKE(killed_in_long_answer, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(killed_after_click, __VA_ARGS__);    \
  TEST_CASE_TEMPLATE_INVOKE(unconfirmed, __VA_ARGS__);           \
  TEST_CASE_TEMPLATE_INVOKE(long_answers, __VA_ARGS__)

}  // namespace contract
