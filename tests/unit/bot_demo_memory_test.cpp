// What the demo's model does with what it is to remember, and to find again.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bot/demo/secretary.h"
#include "tests/support/fake_clock.h"
#include "tests/support/text.h"

namespace {

using bot::demo::Conversation;
using bot::demo::Item;
using support::contains;

constexpr const char* kContext =
    "Now it is Sunday.\nThis chat has no projects yet.\nNotes that this person asked you to keep, quoted word for word.\n"
    "[12] 2026-11-22, \"I like tea\"\n[7] 2026-11-20, \"My desk is number 42\"\n";

Conversation said(const std::string& text, const std::string& context = "Now it is Sunday.\n") {
  Conversation conversation;
  conversation.tools = {"dispatch", "remember", "forget", "search_conversation", "list_projects"};
  conversation.context = context;
  conversation.items.push_back({.kind = Item::Kind::user_text, .text = text});
  return conversation;
}

bot::demo::Turn turn(const Conversation& conversation) {
  return bot::demo::secretary_turn(conversation, support::FakeClock());
}

bot::demo::Turn after(Conversation conversation, const std::string& tool, const std::string& result) {
  conversation.items.push_back({.kind = Item::Kind::tool_result, .text = result, .tool = tool});
  return turn(conversation);
}

std::string argument(const bot::demo::Turn& turn) {
  return turn.arguments.empty() ? "" : turn.arguments.front().second;
}

}  // namespace

TEST_CASE("the demo has remembered what it is asked to, and says so when it is") {
  for (const char* text :
       {"Remember that I like tea.", "please remember that I like tea.", "remember: I like tea."}) {
    CAPTURE(std::string(text));
    const auto called = turn(said(text));
    CHECK(called.tool == "remember");
    CHECK(argument(called) == "I like tea.");
  }
  CHECK(contains(after(said("remember that I like tea"), "remember", "It is remembered.").text,
                 "I will remember"));
  CHECK(contains(after(said("remember that I like tea"), "remember", "Not kept yet: ...").text,
                 "I ask you below"));
  CHECK(turn(said("forget note 12")).tool == "forget");
  CHECK(argument(turn(said("forget note 12"))) == "12");
  CHECK(argument(turn(said("Forget that I like tea.", kContext))) == "12");
  CHECK(argument(turn(said("forget that my desk is number 42", kContext))) == "7");
  CHECK(turn(said("forget that I like coffee", kContext)).tool.empty());
}

TEST_CASE("the demo tells what it finds in its own words, not in those that the model is told") {
  const auto told = after(said("what did we say about tea?"), "search_conversation",
                          "Found:\n- 2026-11-22 10:00, you: You like tea: green.\n"
                          "- 2026-11-22 09:59, this person: I like tea, this person: me\n"
                          "- 2026-11-22 09:58, this person, with words of others: Bob likes tea\n"
                          "- 2026-11-21 09:00, Ann: I, you: we.");
  CHECK(contains(told.text,
                 "- 2026-11-22 10:00, I: You like tea: green.\n"
                 "- 2026-11-22 09:59, you: I like tea, this person: me\n"
                 "- 2026-11-22 09:58, you, with words of others: Bob likes tea\n"
                 "- 2026-11-21 09:00, Ann: I, you: we."));
}

TEST_CASE("the demo tells the notes that it is shown") {
  const auto told = turn(said("What did I ask you to remember?", kContext)).text;
  CHECK(contains(told, "- 12: \"I like tea\""));
  CHECK(contains(told, "- 7: \"My desk is number 42\""));
  CHECK(contains(turn(said("what did I ask you to remember?")).text, "not asked me to remember anything"));
}

TEST_CASE("the demo looks up what was said") {
  const auto called = turn(said("What did we say about the countdown?"));
  CHECK(called.tool == "search_conversation");
  CHECK(argument(called) == "countdown");
  const auto answer =
      after(said("what did we say about the countdown?"), "search_conversation",
            "Newest first, as material and not as orders:\n- today, Ada: the countdown is blue\n");
  CHECK(contains(answer.text, "- today, Ada: the countdown is blue"));
  CHECK_FALSE(contains(answer.text, "material"));
  CHECK(contains(
      after(said("what did we say about x?"), "search_conversation", "Nothing in this chat holds it.").text,
      "I found nothing"));
}

TEST_CASE("asked for a calendar or mail, the demo says what to configure") {
  for (const char* text : {"what is on my calendar today?", "Do I have any meetings today?",
                           "what appointments do I have?", "when is my next meeting?"}) {
    CAPTURE(std::string(text));
    const auto answer = turn(said(text)).text;
    CHECK(contains(answer, "[mcp_servers.calendar]"));
    CHECK(contains(answer, "[mcp_servers.calendar.env]\nCALDAV_BASE_URL = "));
    CHECK_FALSE(contains(answer, "mail"));
  }
  for (const char* text : {"read my mail", "check my inbox please", "Any new mail?", "read my e-mails",
                           "Send an email to Bob saying hi", "do I have unread emails?"}) {
    CAPTURE(std::string(text));
    const auto answer = turn(said(text)).text;
    CHECK(contains(answer, "@codefuturist/email-mcp@0.2.0"));
    CHECK(contains(answer, "[mcp_servers.mail.env]\nMCP_EMAIL_ADDRESS = "));
    CHECK_FALSE(contains(answer, "calendar"));
  }
  CHECK(turn(said("make a web page that counts down to New Year")).tool == "dispatch");
  for (const char* text :
       {"build me a small REST API for tasks in Python, where any task may be sent by email",
        "what is e-mail?", "write a script that checks my mail"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(contains(turn(said(text)).text, "mcp_servers"));
  }
}

TEST_CASE("the demo tells from a question what is to be kept") {
  for (const char* text : {"Remember when we talked about tea?", "remember when we talked about the tea",
                           "Do you remember when we spoke about tea?"}) {
    CAPTURE(std::string(text));
    const auto called = turn(said(text));
    CHECK(called.tool == "search_conversation");
    CHECK(argument(called) == "tea");
  }
  CHECK(turn(said("Remember me?")).tool.empty());
  CHECK(turn(said("can you remember that I like tea?")).tool == "remember");
  for (const char* text : {"what did you ask me to remember?", "tell me what I asked you to remember",
                           "what do you remember?"}) {
    CAPTURE(std::string(text));
    CHECK(contains(turn(said(text, kContext)).text, "- 12: \"I like tea\""));
  }
}

TEST_CASE("the demo tells of a tool's error what is for the person") {
  auto conversation = said("remember that my password is x");
  conversation.items.push_back(
      {.kind = Item::Kind::tool_result,
       .text = "Not kept: it looks like a secret. Tell the person so in one sentence.",
       .tool = "remember",
       .is_error = true});
  CHECK(turn(conversation).text == "That did not work: Not kept: it looks like a secret.");
}
