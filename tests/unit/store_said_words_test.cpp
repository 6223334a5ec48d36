#include <algorithm>

#include <doctest/doctest.h>

#include "store/log_words.h"
#include "store/quotations.h"
#include "store/reminders.h"
#include "store/retention.h"
#include "store/said_words.h"
#include "store/statement.h"
#include "tests/support/store_fixture.h"
#include "tests/support/text.h"

namespace {

using By = store::SaidWords::By;

struct Fixture : support::StoreFixture {
  store::SaidWords said{db};

  store::MessageId say_in(const store::Conversation& where, const store::Person& who, const std::string& text,
                          const std::string& answer = "All right.") {
    const auto message = say(text, where, who);
    store::DispatchLog(db).add_decision(decision(message, where, who, store::DecisionAction::answer),
                                        clock.now());
    store::Outbox(db).post(where, {answer, {}, store::Conversations(db).message(message).external_id},
                           clock.now());
    return message;
  }
  store::MessageId say_here(const std::string& text, const std::string& answer = "All right.") {
    return say_in(conversation, person, text, answer);
  }
  std::vector<store::SaidWords::Hit> hits(const std::vector<std::string>& words, int decisions = 20) {
    return said.find(said.rooms_of(conversation, false), words, decisions);
  }
  /// The snippets, with the words that were found between brackets.
  std::vector<std::string> found(const std::vector<std::string>& words) {
    std::vector<std::string> snippets;
    for (auto& hit : hits(words)) {
      std::replace(hit.snippet.begin(), hit.snippet.end(), store::SaidWords::kBegin, '[');
      std::replace(hit.snippet.begin(), hit.snippet.end(), store::SaidWords::kEnd, ']');
      snippets.push_back(hit.snippet);
    }
    return snippets;
  }
};

using Snippets = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a word is found however its sharp s is written") {
  say_here("die Große Straße");
  say_here("eine grosse strasse");
  for (const char* word : {"große", "GROSSE", "grosse", "GROẞE"}) {
    CAPTURE(std::string(word));
    CHECK(found({word}) == Snippets{"eine [grosse] strasse", "die [Große] Straße"});
  }
  CHECK(found({"STRASSE", "große"}).size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "words are found in what people wrote and in what was answered, newest first") {
  say_here("make the countdown page blue");
  say_here("what is the time?", "The countdown\nends soon.");
  CHECK(found({"countdown"}) == Snippets{"The [countdown] ends soon.", "make the [countdown] page blue"});
  CHECK(found({"COUNT"}) == found({"countdown"}));
  CHECK(found({"blue", "page"}) == Snippets{"make the countdown [page] [blue]"});
  CHECK(found({"red", "page"}).empty());
  CHECK(found({"down"}).empty());
  CHECK(found({"\"", "*"}).empty());
  const auto both = hits({"countdown"});
  CHECK(both.front().by == By::bot);
  CHECK(both.back().by == By::person);
  CHECK(both.back().person == person.id);
  CHECK(both.back().external_id == "m-1");
}

TEST_CASE_FIXTURE(Fixture, "words of one character and more are found in twelve languages") {
  struct Row {
    const char* text;
    const char* word;
    const char* snippet;
  };
  for (const auto& row :
       {Row{"Is it a or b?", "b", "Is it a or [b]?"},                               // English
        Row{"Die Brücke über den Fluss", "brucke", "Die [Brücke] über den Fluss"},  // German
        Row{"Un café très serré", "tres", "Un café [très] serré"},                  // French
        Row{"El niño come piña", "piña", "El niño come [piña]"},                    // Spanish
        Row{"Короткий ответ", "ОТВЕ", "Короткий [ответ]"},                          // Russian
        Row{"Καλημέρα κόσμε", "ΚΌΣΜ", "Καλημέρα [κόσμε]"},                          // Greek
        Row{"هذا بيت كبير", "بيت", "هذا [بيت] كبير"},                               // Arabic
        Row{"यह किताब अच्छी है", "किताब", "यह [किताब] अच्छी है"},                       // Hindi
        Row{"我们讨论了倒计时页面", "倒计", "我们讨论了[倒计]时页面"},              // Chinese
        Row{"次の会議は月曜日です", "会議", "次の[会議]は月曜日です"},              // Japanese
        Row{"다음 회의는 월요일입니다", "회의", "다음 [회의]는 월요일입니다"},      // Korean
        Row{"การประชุมวันจันทร์", "วัน", "การประชุม[วัน]จันทร์"}}) {                         // Thai
    CAPTURE(std::string(row.word));
    say_here(row.text);
    CHECK(found({row.word}) == Snippets{row.snippet});
  }
  CHECK(found({"倒"}) == Snippets{"我们讨论了[倒]计时页面"});
  CHECK(found({"計"}).empty());
  CHECK(found({"时计"}).empty());
}

TEST_CASE_FIXTURE(Fixture, "marks, symbols and emoji that stand alone hide nothing of what is looked for") {
  say_here("the countdown page");
  say_here("我们讨论了倒计时页面");
  for (const char* mark : {"—",
                           "–",
                           "…",
                           "«",
                           "°",
                           "×",
                           "→",
                           "🎉",
                           "👍🏽",
                           "❤️",
                           "👨‍👩‍👧",
                           "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
                           "？",
                           "。",
                           "「",
                           "～",
                           "؟",
                           "।",
                           "€",
                           "-",
                           "\xEF\xBF\xBD"}) {
    CAPTURE(std::string(mark));
    CHECK(found({"countdown", mark}) == Snippets{"the [countdown] page"});
    CHECK(found({mark, "倒计时"}) == Snippets{"我们讨论了[倒计时]页面"});
    CHECK(found({mark}).empty());
  }
  for (const char* word : {"ª", "º", "µ", "é", "々", "ー", "Ａ", "ｶ", "𠀀"}) {
    CAPTURE(std::string(word));
    say_here(std::string("x ") + word + " y");
    CHECK(found({word}).size() == 1);
    CHECK(found({"countdown", word}).empty());
  }
}

TEST_CASE_FIXTURE(Fixture, "a short word is found whole, and a longer one may go on") {
  say_here("an answer on time");
  CHECK(found({"an"}) == Snippets{"[an] answer on time"});
  CHECK(found({"ans"}).empty());
  CHECK(found({"answ"}) == Snippets{"an [answer] on time"});
}

TEST_CASE_FIXTURE(Fixture, "a chat finds its own words and those of its threads, and nobody else's") {
  const auto ben = store::People(db).remember("web", "u-2", "Ben", clock.now());
  store::Conversations conversations(db);
  const auto other = conversations.open("web", "c-2", clock.now());
  const auto group = conversations.open("web", "g-1", clock.now(), "g-1");
  const auto thread = conversations.open("web", "g-1/7", clock.now(), "g-1");
  say_in(other, ben, "the secret plan of Ben");
  say_in(thread, ben, "the plan of the group");
  say_here("my own plan");
  CHECK(found({"plan"}) == Snippets{"my own [plan]"});
  const auto in_group = said.find(said.rooms_of(group, false), {"plan"}, 10);
  REQUIRE(in_group.size() == 1);
  CHECK(in_group.front().conversation == thread.id);
  CHECK(said.find(said.rooms_of(group, false), {"r1"}, 10).empty());  // no name of a room is a word
}

TEST_CASE_FIXTURE(Fixture,
                  "chats that are all of one person are searched together, and not those of another") {
  store::Conversations conversations(db);
  const auto first = conversations.open("web", "ada/1", clock.now());
  const auto second = conversations.open("web", "ada/2", clock.now());
  const auto of_another = conversations.open("web", "adam/1", clock.now());
  say_in(first, person, "the first plan");
  say_in(of_another, person, "another plan");
  say_in(second, person, "the second plan");
  CHECK(said.find(said.rooms_of(second, true), {"plan"}, 10).size() == 2);
  CHECK(said.find(said.rooms_of(second, false), {"plan"}, 10).size() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "what was taken out is found no more, and what was changed is found as it is now") {
  const auto message = say_here("the unmistakable plan");
  REQUIRE(found({"unmistakable"}).size() == 1);
  store::Conversations(db).replace_text(message, "the other plan", clock.now());
  CHECK(found({"unmistakable"}).empty());
  CHECK(found({"other"}).size() == 1);
  store::Retention(db).empty(message, clock.now());
  CHECK(found({"other"}).empty());
}

TEST_CASE_FIXTURE(Fixture, "only so many are found, the newest") {
  for (int i = 0; i < 30; ++i) {
    say_here("plan " + std::to_string(i));
  }
  const auto few = hits({"plan"}, 3);
  REQUIRE(few.size() == 3);
  CHECK(support::contains(few.front().snippet, "29"));
}

TEST_CASE("a text comes out of the index as it went in") {
  for (const std::string text :
       {"plain words", "漢字かな", "a 漢 b", "漢 字", " 漢", "ไทย แลนด์", "x漢y", "", "é"}) {
    CAPTURE(text);
    CHECK(store::text_from_index(store::text_to_index(text)) == text);
  }
}

TEST_CASE_FIXTURE(Fixture, "reminders that were posted are found, and what a message passed on") {
  const auto passed_on = say("what do you make of this?");
  store::Quotations quotations(db);
  quotations.replace(passed_on,
                     {{store::QuotationKind::forward, store::WordsOf::others, "Boris", "Bring the ukulele"},
                      {store::QuotationKind::thread, store::WordsOf::others, "Eve", "Bring the tuba"}});
  store::DispatchLog(db).add_decision(
      decision(passed_on, conversation, person, store::DecisionAction::answer), clock.now());
  clock.advance(std::chrono::minutes(1));
  store::Reminder reminder;
  reminder.person = person.id;
  const auto post = store::Outbox(db).post(conversation, {"Reminder: tune the ukulele"}, clock.now());
  store::Reminders(db).note_message(post, reminder);
  CHECK(found({"ukulele"}) ==
        Snippets{"Reminder: tune the [ukulele]", "what do you make of this? Bring the [ukulele]"});
  CHECK(found({"tuba"}).empty());
  CHECK(hits({"ukulele"}).front().by == By::bot);
  CHECK(hits({"ukulele"}).front().message == post);
  store::Outbox(db).edit(post, "Put off", {}, clock.now());
  quotations.replace(passed_on, {});
  CHECK(found({"ukulele"}).empty());
}
