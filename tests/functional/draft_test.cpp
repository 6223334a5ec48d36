// Answers that chat services show while the model writes them: the draft is never lost, never doubled and
// never left as if it were the answer.
#include <algorithm>

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
