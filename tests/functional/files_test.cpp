// Files of a project, asked for in a chat that takes text alone.
#include <doctest/doctest.h>

#include "tests/support/desk.h"

using support::Desk;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("/file shows what a specialist wrote, to the chat of the project alone") {
  Desk desk(Desk::Claude::fake);
  desk.start();
  desk.say({"/dispatch write a haiku"});
  CHECK(desk.dispatch("d-1", "**Done: write-a-haiku.**").actions.empty());
  const auto answer = [&](const Desk::Message& message) { return desk.answer_to(desk.say(message)).text; };
  CHECK(answer({"/file haiku.txt"}) == "`haiku.txt` of *write-a-haiku* (5 bytes):\n\n```\nrain\n```");
  CHECK(contains(answer({"/file write-a-haiku haiku.txt"}), "rain"));
  CHECK(contains(answer({"/file write-a-haiku tanka.txt"}), "`tanka.txt` is not there"));
  CHECK(contains(answer({"/file .dispatch-logs/project.json"}), "is not sent"));
  CHECK(contains(answer({"/file ../../frontdesk.toml"}), "is not sent"));
  CHECK(contains(answer({"/file write-a-haiku"}), "Write behind it which file"));
  CHECK(contains(answer({"/file write-a-haiku haiku.txt", "c-2", "u-2"}), "no projects yet"));
}
