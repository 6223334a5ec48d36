// Answers that chat services show while the model writes them: the draft is never lost, never doubled and
// never left as if it were the answer.
#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/chat_services/discord_service.h"
#include "tests/support/chat_services/mattermost_service.h"
#include "tests/support/chat_services/slack_service.h"
#include "tests/support/chat_services/telegram_service.h"
#include "tests/support/models/slow_model.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using support::ChatService;
using support::contains;
using support::Desk;
using support::Shown;

namespace {

constexpr const char* kLabel = "Still writing";

/// A desk with one chat of that service and a model that says what the test says, when it says it.
template <typename Service>
struct Drafting {
  Drafting() : desk(Desk::Claude::fake) {
    service.configure(desk);
    desk.config.set("secretary", "base_url", support::toml_text(slow.url()));
  }
  void ask(const ChatService::Said& said) {
    const auto before = asked;
    const auto request = service.message(said);
    REQUIRE(service.tell(desk, request).status / 100 == 2);
    REQUIRE(slow.wait_for_requests(before + 1));
    asked = before + 1;
  }
  /// The model goes on writing until that is true.
  bool write_until(const std::function<bool()>& seen) {
    return support::wait_until([&] { return seen() || (slow.text(" and on"), false); },
                               std::chrono::seconds(30));
  }
  bool is_draft_shown() const {
    const auto all = service.shown();
    return std::any_of(all.begin(), all.end(), [](const Shown& m) { return contains(m.text, kLabel); });
  }
  Shown draft() const {
    return service.wait_for([](const Shown& m) { return contains(m.text, kLabel); });
  }
  /// Everything has been delivered, and of it the screen shows so many messages and no draft.
  void check_screen(std::size_t messages) {
    CHECK(support::wait_until([&] { return desk.query("SELECT count(*) FROM jobs") == "0"; },
                              std::chrono::seconds(30)));
    CHECK(service.answers().size() == messages);
    CHECK_FALSE(is_draft_shown());
    CHECK(desk.query("SELECT count(*) FROM drafts") == "0");
    CHECK(desk.query("SELECT count(*) FROM pieces WHERE state <> 'sent'") == "0");
  }

  Service service;
  support::SlowModel slow;
  Desk desk;
  std::size_t asked = 0;
};

}  // namespace

TEST_CASE_TEMPLATE("the message of a draft becomes the answer, also after the program was killed", Service,
                   support::SlackService, support::MattermostService, support::DiscordService) {
  Drafting<Service> chat;
  chat.desk.start();
  chat.ask({.text = "Tell me", .id = "1"});
  chat.slow.text("Half a **story**");
  REQUIRE(chat.write_until([&] { return chat.is_draft_shown(); }));
  const auto first = chat.draft();
  CHECK(contains(first.text, "Half a"));
  CHECK(chat.desk.query("SELECT count(*) FROM messages WHERE author = 'assistant'") == "0");
  chat.slow.text(" THE END");
  chat.slow.end();
  CHECK(chat.service.wait_for_text("THE END").id == first.id);
  chat.check_screen(1);
  CHECK(chat.desk.query("SELECT count(*) FROM outbox") == "1");

  chat.ask({.text = "Once more", .id = "2"});
  chat.slow.text("Words that never end");
  REQUIRE(chat.write_until([&] { return chat.is_draft_shown(); }));
  const auto second = chat.draft();
  CHECK(second.id != first.id);
  chat.desk.stop(SIGKILL);
  chat.desk.start();
  REQUIRE(chat.slow.wait_for_requests(3));
  CHECK(chat.is_draft_shown());  // and says so
  chat.slow.text("A whole story.");
  chat.slow.end();
  CHECK(chat.service.wait_for_text("A whole story.").id == second.id);
  chat.check_screen(2);
}

TEST_CASE("what was withdrawn is not read any more, and the note of a dispatch takes its place") {
  Drafting<support::SlackService> chat;
  chat.desk.start();
  chat.ask({.text = "Build a site", .id = "1"});
  chat.slow.text("I would HAND THIS over");
  REQUIRE(chat.write_until([&] { return chat.is_draft_shown(); }));
  const auto draft = chat.draft();
  REQUIRE(contains(draft.text, "HAND THIS"));
  SUBCASE("dispatched") {
    chat.slow.call("dispatch",
                   R"({"action":"run","slug":"site","description":"The site","prompt":"Build it",)"
                   R"("confidence":"high","reason":"work"})");
    chat.slow.end();
    CHECK(chat.service.wait_for_text("Done: site").id == draft.id);
  }
  SUBCASE("the model fails, and then answers") {
    chat.slow.fail("overloaded_error");
    REQUIRE(chat.slow.wait_for_requests(2));
    chat.service.wait_for([&](const Shown& shown) {
      return shown.id == draft.id && contains(shown.text, kLabel) && !contains(shown.text, "HAND THIS");
    });
    chat.slow.text("A whole answer.");
    chat.slow.end();
    CHECK(chat.service.wait_for_text("A whole answer.").id == draft.id);
  }
  CHECK(chat.service.shown().size() == 1);
  CHECK_FALSE(chat.is_draft_shown());
}

TEST_CASE("the answer after No is shown while it is written") {
  Drafting<support::SlackService> chat;
  chat.desk.start();
  chat.ask({.text = "Build a site", .id = "1"});
  chat.slow.call("dispatch", R"({"action":"run","slug":"site","description":"The site","prompt":"Build it",)"
                             R"("confidence":"medium","reason":"work"})");
  chat.slow.end();
  const auto question = chat.service.wait_for([](const Shown& shown) { return !shown.action("No").empty(); });
  REQUIRE(chat.service.tell(chat.desk, chat.service.click(question, "No", "1001")).status == 200);
  REQUIRE(chat.slow.wait_for_requests(2));
  chat.slow.text("By YOURSELF");
  REQUIRE(chat.write_until([&] { return chat.is_draft_shown(); }));
  const auto draft = chat.draft();
  CHECK(draft.id != question.id);
  chat.slow.text(" then.");
  chat.slow.end();
  CHECK(chat.service.wait_for_text(" then.").id == draft.id);
  chat.check_screen(2);
}

TEST_CASE("Telegram shows a passing draft to a person, and a group none") {
  Drafting<support::TelegramService> chat;
  chat.desk.start();
  const auto drafts = [&] {
    std::vector<nlohmann::json> drafts;
    for (const auto& call : chat.service.calls()) {
      if (call.request.path.ends_with("/sendMessageDraft")) {
        drafts.push_back(nlohmann::json::parse(call.request.body));
      }
    }
    return drafts;
  };
  chat.ask({.text = "Tell me", .id = "1"});
  chat.slow.text("Half a **story**");
  REQUIRE(chat.write_until([&] { return drafts().size() >= 2; }));
  const auto seen = drafts();
  CHECK(contains(seen.back().value("text", ""), "Half a <b>story</b>"));
  CHECK(seen.front()["draft_id"] == seen.back()["draft_id"]);
  CHECK(seen.back().value("chat_id", 0) == 1001);
  chat.slow.end();
  chat.service.wait_for_text("Half a");
  chat.check_screen(1);
  // Nothing of the draft comes behind the answer.
  const auto calls = chat.service.calls();
  const auto is_draft = [](const auto& call) { return call.request.path.ends_with("/sendMessageDraft"); };
  const auto is_answer = [](const auto& call) { return call.request.path.ends_with("/sendMessage"); };
  CHECK(std::find_if(std::find_if(calls.begin(), calls.end(), is_answer), calls.end(), is_draft) ==
        calls.end());
}

TEST_CASE("without stream nothing is shown before the answer is whole") {
  Drafting<support::SlackService> chat;
  chat.desk.config.set("chat.svc", "stream", "false");
  chat.desk.start();
  chat.ask({.text = "Tell me", .id = "1"});
  // Longer than the patience, after which it would be shown.
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2'500);
  REQUIRE(chat.write_until([&] { return std::chrono::steady_clock::now() > until; }));
  chat.slow.end();
  CHECK(chat.service.wait_for_text("and on").edits == 0);
  CHECK(chat.service.arguments_of("chat.postMessage").size() == 1);
  CHECK(chat.service.arguments_of("chat.update").empty());
}
