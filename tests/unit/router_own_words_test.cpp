#include <doctest/doctest.h>

#include "base/utf8.h"
#include "router/scoring/own_words.h"

namespace {

struct Row {
  const char* text;
  const char* own;
  bool foreign;
};

void check(const Row& row) {
  CAPTURE(std::string(row.text));
  const auto own = router::own_words(row.text);
  CHECK(std::string(base::trim(own.text)) == row.own);
  CHECK(own.foreign == row.foreign);
}

}  // namespace

TEST_CASE("a message without others' words is the sender's own") {
  for (const Row& row :
       {Row{"remind me at four", "remind me at four", false},
        Row{"what does \"502\" mean", "what does \"502\" mean", false},
        Row{"rename \"old flyer\" to \"new flyer\"", "rename \"old flyer\" to \"new flyer\"", false},
        Row{"at 10:30 - fix it", "at 10:30 - fix it", false}}) {
    check(row);
  }
}

TEST_CASE("quotations, pasted code and mail are not the sender's; mail and quoted lines are others' words") {
  for (
      const Row& row :
      {Row{"he wrote \"please rewrite the whole module today\" - answer kindly", "he wrote   - answer kindly",
           false},
       Row{"„Bitte bauen Sie die ganze Seite um“ – sag ihm danke", "– sag ihm danke", false},
       Row{"回复他：「请把整个网站重新做一遍，包括首页和订单页面」", "回复他：", false},
       Row{"what does this do?\n```\nfor (;;) fix();\n```", "what does this do?", false},
       Row{"> please rebuild everything\nno thanks, tell her", "no thanks, tell her", true},
       Row{"reply that I agree\n\n---------- Forwarded message ---------\nFrom: Boris\nSubject: build\n\nBuild it all",
           "reply that I agree", true},
       Row{"mail him back\nVon: Boris\nBetreff: Umbau\nBitte alles umbauen", "mail him back", true},
       Row{"is this bad?\nTraceback (most recent call last):\n  File \"x.py\", line 3, in f", "is this bad?",
           false},
       Row{"explain\n2026-11-27 10:00:01 ERROR cannot connect: refused", "explain", false}}) {
    check(row);
  }
}

TEST_CASE("where nothing else is there, the pasted words count") {
  const auto own = router::own_words("> fix the login page");
  CHECK(own.text == "> fix the login page");
  CHECK(own.foreign);
}
