#include <doctest/doctest.h>

#include "bot/chat/chat_ids.h"
#include "bot/platforms/chat_platforms.h"

namespace {

using bot::chat::IdOf;
using Problem = std::optional<std::string> (*)(std::string_view, IdOf);

void check(Problem problem, IdOf of, std::initializer_list<const char*> good,
           std::initializer_list<const char*> bad) {
  for (const char* id : good) {
    CAPTURE(std::string(id));
    CHECK_FALSE(problem(id, of));
  }
  for (const char* id : bad) {
    CAPTURE(std::string(id));
    CHECK(problem(id, of));
  }
}

TEST_CASE("an id of Telegram is a number, and a group's is negative") {
  check(bot::chat::telegram_id_problem, IdOf::person, {"1", "12345678", "6000000000"},
        {"", "@ann", "ann", "-100123", "+1", " 1", "1 ", "0", "01", "1.5", "1e3", "--1",
         "123456789012345678901", "１２"});
  check(bot::chat::telegram_id_problem, IdOf::group, {"-1", "-1001234567890"},
        {"", "-", "12345678", "@group", "-0", "--5", "-1001234567890/7"});
  CHECK(bot::chat::telegram_id_problem("@ann", IdOf::person)->find("numeric ids only") != std::string::npos);
}

TEST_CASE("an id of Slack begins with the letter of what it is") {
  check(bot::chat::slack_id_problem, IdOf::person, {"U012ABCDEF", "W9"},
        {"", "U", "@ann", "ann", "u012", "C012ABCDEF", "U012-1", "U012 ", "<@U012>"});
  check(bot::chat::slack_id_problem, IdOf::group, {"C012ABCDEF", "G1"},
        {"", "#general", "D012", "U012", "c012"});
}

TEST_CASE("an id of Discord is a number") {
  check(bot::chat::discord_id_problem, IdOf::person, {"80351110224678912"},
        {"", "ann", "ann#1234", "@ann", "-1", "0", "<@80351110224678912>"});
  check(bot::chat::discord_id_problem, IdOf::group, {"80351110224678912"}, {"", "#general"});
}

TEST_CASE("the generic platform and the page take any id but none") {
  for (const char* platform : {"web", "webhook"}) {
    CHECK_FALSE(bot::platforms::problem_with_id(platform, "anything@all", IdOf::person));
    CHECK(bot::platforms::problem_with_id(platform, "", IdOf::group));
  }
}

}  // namespace
