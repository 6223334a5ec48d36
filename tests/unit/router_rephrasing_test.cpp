#include <doctest/doctest.h>

#include "router/scoring/rephrasing.h"

using router::is_rephrasing;

TEST_CASE("the same again, and the same with a few words more, is a rephrasing") {
  const char* before = "review the contract of the new flat";
  for (const char* again :
       {"review the contract of the new flat", "Review the contract of the new flat!!",
        "please review the contract of the new flat properly", "contract of the new flat: review it"}) {
    CAPTURE(std::string(again));
    CHECK(is_rephrasing(again, before));
    CHECK(is_rephrasing(before, again));
  }
}

TEST_CASE("another name, number or day, a word or two, and much more is none") {
  struct Two {
    const char* before;
    const char* after;
  };
  for (const auto& two :
       {Two{"what is the weather in Paris", "what is the weather in Rome"},
        Two{"what is 3 times 7 please", "what is 4 times 7 please"}, Two{"and now?", "and now?"},
        Two{"yes", "yes"}, Two{"", ""},
        Two{"remind me to call Jana on Monday", "remind me to call Jana on Tuesday"},
        Two{"sort these names",
            "sort these names by length and then write a small program that does it for any file"}}) {
    CAPTURE(std::string(two.after));
    CHECK_FALSE(is_rephrasing(two.after, two.before));
  }
}

TEST_CASE("the overlap of two texts is between 0 and 1") {
  CHECK(router::word_overlap("build me a page", "build me a page") == doctest::Approx(1));
  CHECK(router::word_overlap("build me a page", "what time is it") == 0);
  CHECK(router::word_overlap("", "what time is it") == 0);
  CHECK(router::word_count("do that, please") == 3);
}
