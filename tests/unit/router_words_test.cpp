#include <sstream>

#include <doctest/doctest.h>

#include "router/scoring/built_in_data.h"
#include "router/scoring/concepts.h"
#include "router/scoring/words.h"

using router::words_of;
using Words = std::vector<std::string>;

TEST_CASE("words are folded to what they have in common") {
  CHECK(words_of("Remind me, PLEASE: at 4:30!") == Words{"remind", "me", "please", "at", "#", "#"});
  CHECK(words_of("don't can’t") == Words{"dont", "cant"});
  CHECK(words_of("Straße ﬁx Ｆｉｘ") == Words{"strasse", "fix", "fix"});
  CHECK(words_of("") == Words{});
  CHECK(words_of("?! …") == Words{});
}

TEST_CASE("what cannot be seen, and letters that look like others, change no word") {
  const auto plain = words_of("dispatch this now");
  CHECK(words_of("dis\u200bpatch th\u00adis \u202enow") == plain);
  CHECK(words_of("d\u0456sp\u0430tch this n\u043ew") == plain);  // Cyrillic i, a and o
  CHECK(words_of("собака") == Words{"собака"});                  // a word of one script stays as it is
}

TEST_CASE("scripts without spaces give a word for each character") {
  CHECK(words_of("提醒我") == Words{"提", "醒", "我"});
  CHECK(words_of("メモ、test") == Words{"メ", "モ", "test"});
  CHECK(words_of("알려줘 지금") == Words{"알려줘", "지금"});
}

TEST_CASE("of a long text the two ends count") {
  std::string text = "begin ";
  for (int i = 0; i < 10'000; ++i) {
    text += "middle ";
  }
  const auto words = words_of(text + "end");
  CHECK(words.front() == "begin");
  CHECK(words.back() == "end");
  CHECK(words.size() < 400);
}

TEST_CASE("bytes that are not UTF-8 are no words") {
  CHECK(words_of("fix \xff\xfe it") == Words{"fix", "it"});
}

TEST_CASE("words of several languages have a concept in common") {
  const router::Concepts concepts(
      "# comment\nremind | en: remind* nudge | de: erinner* | zh: 提_醒 | ko: 알려*\nlook-up | en: look_up\n");
  const auto names = [&](const char* text) {
    Words found;
    for (const auto& one : concepts.in(words_of(text))) {
      found.push_back(concepts.name(one.concept_id));
    }
    return found;
  };
  CHECK(names("Reminding me") == Words{"remind"});
  CHECK(names("bitte erinnere mich") == Words{"remind"});
  CHECK(names("请提醒我") == Words{"remind"});
  CHECK(names("알려줘") == Words{"remind"});
  CHECK(names("nudges") == Words{});  // no stem
  CHECK(names("look up, then look, then nudge") == Words{"look-up", "remind"});
}

TEST_CASE("each word of the lexicon stands there as a text's words are read") {
  const auto lexicon = router::built_in_concepts();
  std::istringstream lines{std::string(lexicon)};
  int words = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) {
      continue;
    }
    std::istringstream fields(line.substr(line.find('|') + 1));
    for (std::string word; fields >> word;) {
      if (word == "|" || word.ends_with(':')) {
        continue;
      }
      std::string again;
      for (const auto& part : words_of(word)) {
        again += (again.empty() ? "" : "_") + part;
      }
      CHECK(again + (word.ends_with('*') ? "*" : "") == word);
      ++words;
    }
  }
  CHECK(words > 10'000);
}
