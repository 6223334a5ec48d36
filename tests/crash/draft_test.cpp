// The real program dies around the call that shows a draft, and keeps its promise.
#include <algorithm>
#include <future>

#include <doctest/doctest.h>
#include <signal.h>

#include "tests/support/chat_services/discord_service.h"
#include "tests/support/chat_services/mattermost_service.h"
#include "tests/support/chat_services/slack_service.h"
#include "tests/support/models/slow_model.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"
#include "tests/support/wait.h"

using support::contains;
using support::Desk;

namespace {

/// Dies at that point of an answer, which the model then writes anew.
template <typename Service>
void die_at(const char* point, std::size_t shown_by_then) {
  CAPTURE(point);
  Service service;
  support::SlowModel slow;
  Desk desk(Desk::Claude::fake);
  service.configure(desk);
  desk.config.set("secretary", "base_url", support::toml_text(slow.url()));
  desk.environment["FRONTDESK_CRASH_AT"] = point;
  desk.start();
  REQUIRE(service.tell(desk, service.message({.text = "Tell me", .id = "1"})).status / 100 == 2);
  REQUIRE(slow.wait_for_requests(1));
  REQUIRE(support::wait_until([&] {
    slow.text("Words that never end. ");
    return desk.program->wait(std::chrono::milliseconds(100)).has_value();
  }));
  CHECK(desk.stop(SIGKILL) == 128 + SIGKILL);
  CHECK(desk.query("SELECT count(*) FROM drafts") == "1");
  const auto is_draft = [](const auto& message) { return contains(message.text, "Still writing"); };
  const auto before = service.shown();
  CHECK(static_cast<std::size_t>(std::count_if(before.begin(), before.end(), is_draft)) == shown_by_then);

  desk.environment.erase("FRONTDESK_CRASH_AT");
  desk.start();
  REQUIRE(slow.wait_for_requests(2));
  slow.text("A whole story.");
  slow.end();
  service.wait_for_text("A whole story.");
  CHECK(support::wait_until([&] { return desk.query("SELECT count(*) FROM jobs") == "0"; }));
  const auto after = service.answers();
  CHECK(after.size() == 1);
  CHECK(std::count_if(after.begin(), after.end(), is_draft) == 0);
  CHECK(desk.query("SELECT count(*) FROM drafts") == "0");
  CHECK(desk.query("SELECT count(*) FROM pieces WHERE state <> 'sent'") == "0");
}

}  // namespace

TEST_CASE_TEMPLATE("killed before or after a draft is shown, the answer comes once and no draft stays",
                   Service, support::SlackService, support::MattermostService, support::DiscordService) {
  // Side by side, since each waits for services and for its program most of the time. What is thrown there
  // is thrown by get().
  auto begun = std::async(std::launch::async, die_at<Service>, "draft-begun", 0);
  die_at<Service>("draft-sent", 1);
  begun.get();
}
