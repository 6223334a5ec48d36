#include <doctest/doctest.h>

#include "base/error.h"
#include "store/projects.h"
#include "tests/support/store_fixture.h"

namespace {

using Slugs = std::vector<std::string>;

struct Fixture : support::StoreFixture {
  store::Projects projects{db};

  static Slugs slugs(const std::vector<store::Project>& found) {
    Slugs result;
    for (const auto& p : found) {
      result.push_back(p.slug);
    }
    return result;
  }
  Slugs search(const std::string& query) { return slugs(projects.search(conversation, query, 10)); }
  void finish(const store::Project& project, const std::string& result) {
    store::DispatchLog(db).finish(dispatch(project), store::DispatchOutcome::success, result, "{}", 0,
                                  clock.now());
  }
};

TEST_CASE_FIXTURE(Fixture, "a project belongs to the chat that began it") {
  const auto made = project("todo-app", "A list of tasks");
  const auto found = projects.find("todo-app");
  REQUIRE(found);
  CHECK(found->id == made.id);
  CHECK(found->conversation == conversation.id);
  CHECK(found->description == "A list of tasks");
  CHECK_FALSE(projects.find("todo"));
  CHECK_THROWS_AS(projects.get({999}), base::PermanentError);
}

TEST_CASE_FIXTURE(Fixture, "a slug is taken once in the whole database") {
  project("todo-app");
  const auto other = store::Conversations(db).open("web", "c-2", clock.now());
  CHECK_THROWS_AS(projects.create("todo-app", other.id, "", clock.now()), std::runtime_error);
}

TEST_CASE_FIXTURE(Fixture, "projects are listed most recently used first") {
  const auto first = project("first");
  clock.advance(std::chrono::seconds(1));
  project("second");
  clock.advance(std::chrono::seconds(1));
  project("third");
  CHECK(slugs(projects.of(conversation, 10)) == Slugs{"third", "second", "first"});
  clock.advance(std::chrono::seconds(1));
  projects.touch(first.id, clock.now());
  CHECK(slugs(projects.of(conversation, 2)) == Slugs{"first", "third"});
}

TEST_CASE_FIXTURE(Fixture, "the threads of a chat share its projects, and nobody else does") {
  store::Conversations conversations(db);
  const auto first = conversations.open("team", "C1/1.1", clock.now(), "C1");
  const auto second = conversations.open("team", "C1/2.2", clock.now(), "C1");
  const auto channel = conversations.open("team", "C1", clock.now());
  const auto neighbour = conversations.open("team", "C11", clock.now());
  const auto namesake = conversations.open("web", "C1", clock.now());
  const auto made = projects.create("plan", first.id, "the plan", clock.now());
  for (const auto& insider : {first, second, channel}) {
    CAPTURE(insider.chat_id);
    CHECK(store::is_of(made, insider));
    CHECK(slugs(projects.of(insider, 10)) == Slugs{"plan"});
    CHECK(slugs(projects.search(insider, "PLAN the", 10)) == Slugs{"plan"});
  }
  for (const auto& outsider : {neighbour, namesake, conversation}) {
    CAPTURE(outsider.chat_id);
    CHECK_FALSE(store::is_of(made, outsider));
    CHECK(projects.of(outsider, 10).empty());
    CHECK(projects.search(outsider, "plan", 10).empty());
  }
  conversations.move_chat("team", "C1", "C2");
  CHECK(slugs(projects.of(conversations.open("team", "C2", clock.now()), 10)) == Slugs{"plan"});
  CHECK_FALSE(store::is_of(projects.create("from-a-shell", std::nullopt, "", clock.now()), first));
}

TEST_CASE_FIXTURE(Fixture, "another chat's projects are neither listed nor found") {
  const auto other = store::Conversations(db).open("web", "c-2", clock.now());
  projects.create("secret-plan", other.id, "plan", clock.now());
  project("my-plan", "plan");
  CHECK(slugs(projects.of(conversation, 10)) == Slugs{"my-plan"});
  CHECK(search("plan") == Slugs{"my-plan"});
  CHECK(search("secret").empty());
  CHECK(search("").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a search wants every word, in any case and any order") {
  project("todo-app", "Flask list of Tasks");
  project("blog", "Flask pages");
  CHECK(search("FLASK") == Slugs{"blog", "todo-app"});
  CHECK(search("tasks flask") == Slugs{"todo-app"});
  CHECK(search("  Todo\tlist ") == Slugs{"todo-app"});
  CHECK(search("flask missing").empty());
}

TEST_CASE_FIXTURE(Fixture, "a search looks into the newest finished result of a project") {
  const auto todo = project("todo-app");
  finish(todo, "Used SQLite");
  CHECK(search("sqlite") == Slugs{"todo-app"});
  finish(todo, "Used Postgres");
  CHECK(search("sqlite").empty());
  dispatch(todo);  // one that is queued has no result
  CHECK(search("postgres todo") == Slugs{"todo-app"});
}

TEST_CASE_FIXTURE(Fixture, "the wildcards of LIKE are ordinary characters in a search") {
  project("percent", "100% done");
  project("under", "snake_case");
  project("back", "C:\\temp");
  project("plain", "100 snakes in a case");
  CHECK(search("100%") == Slugs{"percent"});
  CHECK(search("%").size() == 1);
  CHECK(search("snake_case") == Slugs{"under"});
  CHECK(search("_").size() == 1);
  CHECK(search("C:\\temp") == Slugs{"back"});
  CHECK(search("\\") == Slugs{"back"});
  CHECK(search("' OR '1'='1").empty());
}

TEST_CASE_FIXTURE(Fixture, "a search gives no more than was asked for") {
  for (int i = 0; i < 5; ++i) {
    project("p" + std::to_string(i), "same");
  }
  CHECK(projects.search(conversation, "same", 3).size() == 3);
}

TEST_CASE_FIXTURE(Fixture, "a search with very many words does not fail") {
  project("todo-app", "list");
  std::string query;
  for (int i = 0; i < 40'000; ++i) {
    query += "list ";
  }
  CHECK_NOTHROW(search(query));
}

}  // namespace
