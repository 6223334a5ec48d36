#include <doctest/doctest.h>

#include "store/erasure.h"
#include "store/log_words.h"
#include "store/notes.h"
#include "store/said_words.h"
#include "store/statement.h"
#include "tests/support/store_fixture.h"

namespace {

struct Fixture : support::StoreFixture {
  store::Notes notes{db};
  std::string mine = store::owner_of(person.id);
  store::NoteId keep(const std::string& text) {
    return notes.keep(person.id, mine, text, clock.now()).value();
  }
  std::vector<std::string> texts_of(const std::vector<store::NoteId>& ids) {
    std::vector<std::string> texts;
    for (const auto id : ids) {
      texts.push_back(notes.get(id).value().text);
    }
    return texts;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a note is its owner's, is kept once, and is gone when it is deleted") {
  const auto ben = store::People(db).remember("web", "u-2", "Ben", clock.now());
  const auto first = keep("I like tea");
  const auto second = keep("My desk is by the window");
  CHECK(keep("I like tea") == first);
  CHECK(notes.of(mine).size() == 2);
  CHECK(notes.of(mine).front().id == second);
  CHECK(notes.of(store::owner_of(ben.id)).empty());
  CHECK(notes.remove(first));
  CHECK_FALSE(notes.remove(first));
  CHECK_FALSE(notes.get(first));
  CHECK(notes.fitting(mine, {"tea"}, 5).empty());
}

TEST_CASE_FIXTURE(Fixture, "an owner has a hundred notes at most") {
  for (int i = 0; i < store::kMostNotes; ++i) {
    keep("note number " + std::to_string(i));
  }
  CHECK_FALSE(notes.keep(person.id, mine, "one more", clock.now()));
  CHECK(notes.keep(person.id, store::owner_of(conversation.id), "for the group", clock.now()));
  notes.remove(notes.of(mine).back().id);
  CHECK(notes.keep(person.id, mine, "one more", clock.now()));
}

TEST_CASE_FIXTURE(Fixture,
                  "the notes that fit are found in any language, inflected, and of their owner alone") {
  keep("My daughter's birthday is on 3 May");
  keep("Ich arbeite in Zürich");
  keep("我喜欢喝绿茶");
  keep("मुझे चाय पसंद है");
  keep("Я люблю короткие ответы");
  notes.keep(person.id, store::owner_of(conversation.id), "birthdays are on Fridays", clock.now());
  const auto found = [&](const std::vector<std::string>& words) {
    return texts_of(notes.fitting(mine, words, 1));
  };
  CHECK(found({"when", "are", "birthdays"}) ==
        std::vector<std::string>{"My daughter's birthday is on 3 May"});
  CHECK(found({"zurich"}) == std::vector<std::string>{"Ich arbeite in Zürich"});
  CHECK(found({"茶"}) == std::vector<std::string>{"我喜欢喝绿茶"});
  CHECK(found({"चाय"}) == std::vector<std::string>{"मुझे चाय पसंद है"});
  CHECK(found({"ответ"}) == std::vector<std::string>{"Я люблю короткие ответы"});
  CHECK(found({"nothing"}).empty());
  CHECK(notes.fitting(mine, {"\"", "OR", "*", "("}, 5).empty());
}

TEST_CASE_FIXTURE(Fixture, "a proposed note is none until it is answered, and is forgotten when it is old") {
  const auto id = notes.propose(person.id, mine, "I like coffee", conversation.id, clock.now());
  CHECK(notes.of(mine).empty());
  CHECK_FALSE(notes.get(id));
  CHECK(notes.fitting(mine, {"coffee"}, 5).empty());
  CHECK(notes.proposed(id).value().note.text == "I like coffee");
  CHECK(notes.last_proposed(conversation.id, person.id).value().note.id == id);
  notes.drop_proposed(clock.now());
  CHECK(notes.proposed(id));
  notes.drop_proposed(clock.now() + std::chrono::seconds(1));
  CHECK_FALSE(notes.proposed(id));
}

TEST_CASE_FIXTURE(Fixture,
                  "which notes a turn saw stays beside its decision, and the words go with the note") {
  const auto id = keep("I like tea");
  const auto decision = decide(store::DecisionAction::answer);
  notes.note_use(decision, {id});
  notes.note_use(decision, {id});
  REQUIRE(notes.used_in(decision).size() == 1);
  CHECK(notes.used_in(decision).front().text == "I like tea");
  notes.remove(id);
  REQUIRE(notes.used_in(decision).size() == 1);
  CHECK_FALSE(notes.used_in(decision).front().text);
}

TEST_CASE_FIXTURE(
    Fixture, "erasing a person takes their notes, kept, proposed and said for groups, and no word stays") {
  const auto ben = store::People(db).remember("web", "u-2", "Ben", clock.now());
  const auto id = keep("unmistakable tea");
  notes.keep(person.id, store::owner_of(conversation.id), "unmistakable lunch", clock.now());
  notes.propose(person.id, mine, "unmistakable coffee", conversation.id, clock.now());
  notes.keep(ben.id, store::owner_of(ben.id), "something else", clock.now());
  notes.note_use(decide(store::DecisionAction::answer), {id});
  CHECK(store::Erasure(db).erase(person.id, clock.now()).notes == 3);
  CHECK(store::Statement(db, "SELECT count(*) FROM notes").first<int>() == 1);
  CHECK(store::Statement(db, "SELECT count(*) FROM note_uses").first<int>() == 0);
  CHECK(store::Statement(db, "SELECT count(*) FROM note_words_data WHERE instr(block, 'mistakable') > 0")
            .first<int>() == 0);
  CHECK(notes.of(store::owner_of(ben.id)).size() == 1);
}
