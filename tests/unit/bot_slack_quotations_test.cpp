// What Slack tells beside a person's own words: shares, previews, names, threads, edits that call the bot.
#include <doctest/doctest.h>

#include "bot/platforms/slack/thread.h"
#include "tests/support/chat_services/slack_events_fixture.h"

using bot::chat::IncomingMessage;
using bot::chat::Quotation;
using nlohmann::json;
using support::SlackService;
using Fixture = support::SlackEventsFixture;

namespace {

std::string all(const std::vector<Quotation>& list) {
  std::string text;
  for (const auto& q : list) {
    text += to_string(q.kind) + " " + to_string(q.words_of) + " " + q.author + ": " + q.text + "\n";
  }
  return text;
}

/// A workspace and the platform before it.
struct Workspace : Fixture {
  SlackService slack;
  std::unique_ptr<bot::chat::Platform> connected = make("api_base_url = \"" + slack.url() + "/\"\n");
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "slack: a shared message is a quotation of its author, and none of the sender's words") {
  const json share = {{"is_share", true},
                      {"author_name", "Boris"},
                      {"author_id", "U5"},
                      {"text", "/dispatch <@U7|eve> &amp; all"}};
  auto m = told(direct({{"text", ""}, {"attachments", json::array({share})}}));
  REQUIRE(m);
  CHECK(m->text.empty());
  CHECK(all(m->quotations) == "shared others Boris: /dispatch @eve & all\n");
  auto own = share;
  own["author_id"] = "U1";
  auto ours = share;
  ours["author_id"] = "U0BOT";
  m = told(direct({{"text", "yes"}, {"attachments", json::array({own, ours, "junk", json::object()})}}));
  CHECK(m->text == "yes");
  CHECK(all(m->quotations) ==
        "shared sender Boris: /dispatch @eve & all\nshared bot Boris: /dispatch @eve & all\n");
}

TEST_CASE_FIXTURE(Fixture, "slack: of a share without a text its blocks are told, and its files come along") {
  const json blocks = json::parse(R"([{"team":"T1","message":{"blocks":[{"type":"rich_text","elements":[
      {"type":"rich_text_section","elements":[{"type":"text","text":"one "},{"type":"user","user_id":"U5"}]},
      {"type":"rich_text_section","elements":[{"type":"text","text":"two"}]}]}]}}])");
  auto m =
      told(direct({{"text", ""}, {"attachments", {{{"is_msg_unfurl", true}, {"message_blocks", blocks}}}}}));
  REQUIRE(m);
  CHECK(all(m->quotations) == "shared others : one @U5\ntwo\n");
  m = told(direct(
      {{"text", ""},
       {"attachments",
        {{{"is_share", true},
          {"author_name", "Boris"},
          {"files", {{{"id", "F1"}, {"name", "a"}, {"url_private", "https://files.slack.com/a"}}}}}}}}));
  CHECK(all(m->quotations) == "shared others Boris: (files only)\n");
  CHECK(m->attachments.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "slack: the preview of a link is told with its source") {
  const auto m = told(direct({{"text", "<https://a.example>"},
                              {"attachments",
                               {{{"service_name", "Example"},
                                 {"title", "A title"},
                                 {"text", "A text"},
                                 {"fields", {{{"title", "Lines"}, {"value", "7"}}}},
                                 {"from_url", "https://a.example"}}}}}));
  CHECK(all(m->quotations) == "shared others Example: A title\nA text\nLines: 7\nhttps://a.example\n");
}

TEST_CASE_FIXTURE(Fixture, "slack: a mention in a shared message calls nobody") {
  const json share = {{"is_share", true}, {"author_name", "Boris"}, {"text", "<@U0BOT> wipe it"}};
  CHECK_FALSE(told(in_channel({{"text", ""}, {"attachments", json::array({share})}})));
}

TEST_CASE_FIXTURE(Fixture, "slack: an edit that adds the mention is the first that is meant for the bot") {
  const json channel = {{"channel", "C1"}, {"channel_type", "channel"}};
  auto event = edit("hello", "<@U0BOT> hello");
  event.update(channel);
  auto m = told(event);
  REQUIRE(m);
  CHECK(m->addressed == IncomingMessage::Addressed::by_edit);
  CHECK(m->twin_id == "C1:1795363500.000100");
  CHECK(m->text == "hello");
  event = edit("<@U0BOT> helo", "<@U0BOT> hello");
  event.update(channel);
  CHECK(told(event)->addressed == IncomingMessage::Addressed::always);
  CHECK(told(event)->twin_id.empty());
  CHECK(told(edit("helo", "hello"))->addressed == IncomingMessage::Addressed::always);
}

TEST_CASE("slack: ids of people become their names, where one is known") {
  const auto names = [](const std::string& text) {
    return bot::slack::with_names(
        text, [](const std::string& id) { return id == "UCARLA" || id == "W7X" ? "Carla" : std::string(); });
  };
  CHECK(names("ask @UCARLA, or @W7X.") == "ask @Carla, or @Carla.");
  CHECK(names("@UCARLA") == "@Carla");
  for (const char* same : {"@UNKNOWN", "x@UCARLA", "@UCARLA2", "@UCARLAx", "@ucarla", "@", "a @", "@U", ""}) {
    CHECK(names(same) == same);
  }
}

TEST_CASE_FIXTURE(Workspace, "slack: names are asked for once, and stay ids where Slack does not tell them") {
  slack.name("UCARLA", "Carla");
  auto* const names = bot::chat::capability<bot::chat::SpellsOutNames>(connected.get());
  REQUIRE(names != nullptr);
  CHECK(names->with_names("ask @UCARLA", {}) == "ask @Carla");
  CHECK(names->with_names("ask @UCARLA", {}) == "ask @Carla");
  CHECK(slack.arguments_of("users.info").size() == 1);
  CHECK(names->with_names("ask @UNOBODY", {}) == "ask @UNOBODY");
}

static bool none(const std::string& /*id*/) {
  return false;
}

TEST_CASE_FIXTURE(Workspace, "slack: a thread is read up to the mention, with who said what") {
  slack.name("U5", "Boris");
  const auto root = slack.write("C1", "U5", "It is red.")["ts"].get<std::string>();
  slack.write("C1", "UEVE", "Since &lt;noon&gt;.", {{"thread_ts", root}});
  slack.write("C1", SlackService::kBot, "I see.", {{"thread_ts", root}});
  const auto mention =
      slack.write("C1", "U1", "<@U0BOT> why?", {{"thread_ts", root}})["ts"].get<std::string>();
  slack.write("C1", "U5", "later", {{"thread_ts", root}});
  auto* const threads = bot::chat::capability<bot::chat::ReadsThreads>(connected.get());
  REQUIRE(threads != nullptr);
  CHECK(all(threads->thread_before("C1/" + root, mention, none, {})) ==
        "thread others Boris: It is red.\nthread others UEVE: Since <noon>.\nthread others U0BOT: I see.\n");
  CHECK(all(threads->thread_before("C1/" + root, mention, [&](const std::string& ts) { return ts == root; },
                                   {})) ==
        "thread others UEVE: Since <noon>.\nthread others U0BOT: I see.\n");
  slack.fail("conversations.replies", "missing_scope");
  CHECK(threads->thread_before("C1/" + root, mention, none, {}).empty());
}

TEST_CASE_FIXTURE(Workspace, "slack: of a long thread the beginning and the end are read") {
  const auto root = slack.write("C1", "U5", "root")["ts"].get<std::string>();
  for (int i = 1; i <= 300; ++i) {
    slack.write("C1", "U5", "reply " + std::to_string(i), {{"thread_ts", root}});
  }
  const auto list = bot::chat::capability<bot::chat::ReadsThreads>(connected.get())
                        ->thread_before("C1/" + root, slack.next_ts(), none, {});
  REQUIRE(list.size() == 45);
  CHECK(list.front().text == "root");
  CHECK(list[1].text == "reply 257");
  CHECK(list.back().text == "reply 300");
}
