#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "bot/demo/cities.h"
#include "bot/demo/jobs.h"
#include "bot/demo/lookup.h"
#include "bot/demo/words.h"

namespace {

base::Timestamp day(int year, unsigned month, unsigned of_month) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                               static_cast<int>(of_month));
}

TEST_CASE("the calculator takes sums alone and survives deep nesting") {
  CHECK(bot::demo::calculate("2+3*(4-1)/-2") == "-2.5");
  CHECK(bot::demo::calculate("0.1+0.2") == "0.3");
  for (const std::string text : {"2+", "(1+2", "1 2", "1..2+1", "a+1", "", "5", "1+2)"}) {
    CHECK_MESSAGE(!bot::demo::calculate(text), text);
  }
  CHECK(!bot::demo::calculate(std::string(390, '(') + "1+1"));
  CHECK(!bot::demo::answer_sum("build a REST/JSON api"));
}

TEST_CASE("every place that the demo knows has a zone of the machine") {
  for (const auto& place : bot::demo::places()) {
    CHECK_MESSAGE(base::is_time_zone(std::string(place.tz)), place.tz);
  }
}

TEST_CASE("days are counted to the next holiday, across the year and on the day itself") {
  using bot::demo::look_up;
  CHECK(look_up("how many days until christmas", day(2026, 12, 26), "UTC").value().starts_with("364 days"));
  CHECK(look_up("how many days until christmas", day(2027, 12, 25), "UTC") == "Christmas is today.");
  CHECK(look_up("how many days until new year's eve", day(2026, 12, 30), "UTC")
            .value()
            .starts_with("1 day until"));
  // 29 February lies between.
  CHECK(look_up("days until halloween?", day(2028, 1, 1), "UTC").value().starts_with("304 days"));
}

TEST_CASE("the place of a time question is the longest name, and several are answered in turn") {
  const auto both =
      bot::demo::look_up("what time is it in mexico city and london", day(2026, 7, 1), "UTC").value();
  CHECK(both.find("Mexico City (") != std::string::npos);
  CHECK(both.find("in London (UTC+01:00)") != std::string::npos);
  CHECK(!bot::demo::look_up("what is the time complexity of a heap", day(2026, 7, 1), "UTC"));
}

TEST_CASE("words are folded without case, punctuation and apostrophes") {
  const bot::demo::Words words("What\xE2\x80\x99s  THE time\xE2\x80\x94in Z\xC3\xBCrich?");
  CHECK(words.is_any({"whats the time in z\xC3\xBCrich"}));
  CHECK(words.has("the time"));
  CHECK(!words.has("he time"));
}

TEST_CASE("the specialist finds in its prompt the job that the secretary meant") {
  using bot::demo::Job, bot::demo::job_in, bot::demo::prompt_for;
  using bot::demo::Theme;
  for (const auto kind : {Job::Kind::build_task_api, Job::Kind::extend_task_api}) {
    for (const auto features : {bot::demo::TaskApiFeatures{true, false}, {false, true}, {true, true}}) {
      const Job job{kind, features, {}};
      CHECK(job_in(prompt_for(job)) == job);
    }
  }
  CHECK(job_in(prompt_for({Job::Kind::build_task_api, {}, {}})) == Job{Job::Kind::build_task_api, {}, {}});
  for (const auto theme : {Theme::dawn, Theme::dark, Theme::blue, Theme::green, Theme::red, Theme::purple}) {
    for (const auto kind : {Job::Kind::build_countdown, Job::Kind::restyle_countdown}) {
      CHECK(job_in(prompt_for({kind, {}, theme})) == Job{kind, {}, theme});
    }
  }
  for (const auto kind :
       {Job::Kind::write_comparison, Job::Kind::keep_notes, Job::Kind::review, Job::Kind::proceed}) {
    CHECK(job_in(prompt_for({kind, {}, {}})) == Job{kind, {}, {}});
  }
}

}  // namespace
