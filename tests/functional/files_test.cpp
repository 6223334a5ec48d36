// Files that come with messages, and files of a project that are asked for.
#include <doctest/doctest.h>

#include "tests/support/chat_services/telegram_service.h"
#include "tests/support/program/desk.h"
#include "tests/support/text.h"

using support::contains;
using support::Desk;

TEST_CASE("/file shows what a specialist wrote, to the chat of the project alone") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  desk.say({"/dispatch write a haiku"});
  CHECK(desk.dispatch("d-1", "**Done: write-a-haiku.**").actions.empty());
  const auto answer = [&](const Desk::Message& message) { return desk.answer_to(desk.say(message)).text; };
  CHECK(answer({"/file haiku.txt"}) == "`haiku.txt` from *write-a-haiku* (5 bytes):\n\n```\nrain\n```");
  CHECK(contains(answer({"/file write-a-haiku haiku.txt"}), "rain"));
  CHECK(contains(answer({"/file write-a-haiku tanka.txt"}), "`tanka.txt` is not there"));
  CHECK(contains(answer({"/file .dispatch-logs/project.json"}), "cannot be sent"));
  CHECK(contains(answer({"/file ../../frontdesk.toml"}), "cannot be sent"));
  CHECK(contains(answer({"/file write-a-haiku"}), "Add the file after the command"));
  CHECK(contains(answer({"/file write-a-haiku haiku.txt", "c-2", "u-2"}), "no projects yet"));
}

TEST_CASE("a document that is sent along lies in the project, and what was made comes back as a document") {
  support::TelegramService service;
  Desk desk(Desk::Claude::fake);
  service.configure(desk);
  service.put_file("file-1", "the plan");
  desk.start();
  auto message = service.text_message("");
  message.erase("text");
  message["caption"] = "/dispatch write a haiku";
  message["document"] = {
      {"file_id", "file-1"}, {"file_name", "../plan.txt"}, {"mime_type", "text/plain"}, {"file_size", 8}};
  REQUIRE(service.tell(desk, service.call_with(service.update(message))).status == 200);
  const auto result = service.wait_for_text("Done: write-a-haiku");
  CHECK(support::read_text(desk.projects() / "write-a-haiku" / "attachments" / "plan.txt") == "the plan");
  CHECK_FALSE(contains(result.text, "plan.txt"));
  REQUIRE(service.tell(desk, service.click(result, "Send haiku.txt", "1001")).status == 200);
  const auto sent = service.wait_for_text("document ");
  CHECK(contains(sent.text, "filename=\"haiku.txt\""));
  CHECK(contains(sent.text, "rain\n"));
  service.wait_for_text("Here is ");
}
