#include <doctest/doctest.h>

#include "bot/texts/approvals.h"
#include "bot/texts/commands.h"
#include "bot/texts/errors.h"
#include "bot/texts/files.h"
#include "bot/texts/results.h"
#include "bot/texts/tasks.h"
#include "bot/texts/why.h"
#include "tests/support/text.h"

namespace {

namespace texts = bot::texts;
using support::contains;

TEST_CASE("a model error has a plain sentence for the chat that says who can mend it") {
  for (const std::string sentence :
       {texts::kModelUnreachable, texts::kModelOverloaded, texts::kModelUnauthorized,
        texts::kModelOutOfCredit, texts::kModelMisconfigured, texts::kConversationTooLong,
        texts::kModelUnusable}) {
    CAPTURE(sentence);
    CHECK(contains(sentence, "assistant's model"));
    CHECK(sentence.back() == '.');
    CHECK((contains(sentence, "operator") || contains(sentence, "Please")));
  }
}

TEST_CASE("a request for permission loses its deadline when it is settled, and nothing else") {
  const auto asked = texts::permission_request("task-api", "run `git push`",
                                               "every command that begins with `git push`", "10 m", "Ann");
  CHECK(
      asked ==
      "*task-api* wants to run `git push`\n\nAllowing it for this task covers: every command that begins with `git push`.\n\n"
      "Without an answer within 10 m it is denied. Only Ann can allow it.");
  CHECK(
      texts::with_answer(texts::without_deadline(asked), texts::denied("Ann")) ==
      "*task-api* wants to run `git push`\n\nAllowing it for this task covers: every command that begins with `git push`.\n\n"
      "**Denied by Ann.**");
  const auto question = texts::question("task-api", "Which port?");
  CHECK(texts::without_deadline(question) == question);
}

TEST_CASE("numbers agree with their nouns") {
  CHECK(texts::file_size(1) == "1 byte");
  CHECK(texts::queued_for_place("a", 1) == "Queued: *a* starts as soon as the running task ends.");
  CHECK(texts::queued_for_place("a", 3) == "Queued: *a* starts as soon as one of the 3 running tasks ends.");
  texts::Result result;
  result.folder = "~/task";
  result.steps = 1;
  result.resumed_times = 1;
  CHECK(contains(texts::details(result), " · 1 step · "));
  CHECK(contains(texts::details(result), "resumed once."));
  result.steps = 2;
  result.resumed_times = 3;
  CHECK(contains(texts::details(result), " · 2 steps · "));
  CHECK(contains(texts::details(result), "resumed 3 times."));
  result.longest_cut = std::chrono::hours(26);
  CHECK(contains(texts::details(result), "resumed 3 times, at most 1 day after it was cut."));
  result.resumed_times = 0;
  CHECK(contains(texts::details(result), "resumed once, 1 day after it was cut."));
  result.longest_cut = std::chrono::seconds(20);
  CHECK_FALSE(contains(texts::details(result), "resumed"));
}

TEST_CASE("a run of the demo says that nothing was charged") {
  texts::Result result;
  result.usd = 0.25;
  CHECK_FALSE(contains(texts::details(result), "demo"));
  result.demo = true;
  CHECK(contains(texts::details(result), "$0.25 (demo: nothing was charged)"));
}

TEST_CASE("an unknown command is answered with the nearest one") {
  CHECK(texts::unknown_command("stauts", "status") ==
        "I don't know /stauts. Did you mean `/status`? `/help` lists all commands.");
  CHECK(texts::unknown_command("x", std::nullopt) == "I don't know /x. `/help` lists all commands.");
}

}  // namespace

TEST_CASE("p is told with two digits, and never as 0 or 1") {
  CHECK(bot::texts::probability(0.9996) == "0.99");
  CHECK(bot::texts::probability(0.0004) == "0.01");
  CHECK(bot::texts::probability(0.625) == "0.62");
}
