#include <doctest/doctest.h>

#include "bot/platforms/chat_platforms.h"

namespace {

using bot::chat::IdOf;

auto problem_of(const char* platform) {
  return bot::platforms::platform_type(platform).id_problem;
}

void check(const char* platform, IdOf of, std::initializer_list<const char*> good,
           std::initializer_list<const char*> bad) {
  for (const char* id : good) {
    CAPTURE(std::string(id));
    CHECK_FALSE(problem_of(platform)(id, of));
  }
  for (const char* id : bad) {
    CAPTURE(std::string(id));
    CHECK(problem_of(platform)(id, of));
  }
}

TEST_CASE("an id of Telegram is a number, and a group's is negative") {
  check("telegram", IdOf::person, {"1", "12345678", "6000000000"},
        {"", "@ann", "ann", "-100123", "+1", " 1", "1 ", "0", "01", "1.5", "1e3", "--1",
         "123456789012345678901", "１２"});
  check("telegram", IdOf::group, {"-1", "-1001234567890"},
        {"", "-", "12345678", "@group", "-0", "--5", "-1001234567890/7"});
  CHECK(problem_of("telegram")("@ann", IdOf::person)->find("numeric ids only") != std::string::npos);
}

TEST_CASE("an id of Slack begins with the letter of what it is") {
  check("slack", IdOf::person, {"U012ABCDEF", "W9"},
        {"", "U", "@ann", "ann", "u012", "C012ABCDEF", "U012-1", "U012 ", "<@U012>"});
  check("slack", IdOf::group, {"C012ABCDEF", "G1"}, {"", "#general", "D012", "U012", "c012"});
}

TEST_CASE("an id of Mattermost is 26 letters and digits") {
  for (const auto of : {IdOf::person, IdOf::group}) {
    check("mattermost", of, {"4xp9fdt77pncbef59f4k1qe83o"},
          {"", "@ann", "ann", "town-square", "4xp9fdt77pncbef59f4k1qe83", "4xp9fdt77pncbef59f4k1qe83oo",
           "4XP9fdt77pncbef59f4k1qe83o", "4xp9fdt77pncbef59f4k1qe83/"});
  }
}

TEST_CASE("an id of Discord is a number") {
  check("discord", IdOf::person, {"80351110224678912"},
        {"", "ann", "ann#1234", "@ann", "-1", "0", "<@80351110224678912>"});
  check("discord", IdOf::group, {"80351110224678912"}, {"", "#general"});
}

TEST_CASE("the generic platform and the page take any id but none") {
  for (const char* platform : {"web", "webhook"}) {
    CHECK_FALSE(problem_of(platform)("anything@all", IdOf::person));
    CHECK(problem_of(platform)("", IdOf::group));
  }
}

}  // namespace
