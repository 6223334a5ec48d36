#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "store/ledger.h"
#include "store/log_pruning.h"
#include "store/log_sums.h"
#include "store/log_view.h"
#include "store/log_where.h"
#include "store/log_words.h"
#include "store/retention.h"
#include "store/review_queue.h"
#include "store/routing_log.h"
#include "store/statement.h"
#include "tests/support/store_fixture.h"
#include "tests/support/text.h"

namespace {

using namespace std::chrono_literals;
using store::DecisionAction;
using store::LogFilter;
using store::LogOrder;
using support::contains;

struct Fixture : support::StoreFixture {
  store::LogView view{db};
  store::DispatchLog log{db};

  store::DecisionId decide_on(const std::string& text, DecisionAction action = DecisionAction::answer) {
    clock.advance(1min);
    return log.add_decision(decision(say(text), conversation, person, action), clock.now());
  }
  void pay(std::optional<store::DecisionId> decided, std::optional<store::DispatchId> dispatch, double usd) {
    store::Ledger ledger(db);
    store::LedgerEntry entry;
    entry.dispatch = dispatch;
    entry.usd = usd;
    const auto id = ledger.add(entry, clock.now());
    if (decided) {
      ledger.charge_to(*decided, {id});
    }
  }
  /// What the triggers have kept is what the views say.
  void check_derived() {
    CHECK(store::Statement(db, "SELECT count(*) FROM log_entries").first<int>() ==
          store::Statement(db, "SELECT count(*) FROM decisions").first<int>());
    CHECK(store::Statement(
              db,
              "SELECT count(*) FROM log_entries e JOIN decision_outcomes o ON o.id = e.decision_id JOIN "
              "decision_costs c ON c.id = e.decision_id WHERE o.outcome IS NOT e.outcome OR "
              "abs(c.usd - e.usd) > 1e-12")
              .first<int>() == 0);
  }
  std::vector<std::int64_t> ids(const LogFilter& filter) {
    std::vector<std::int64_t> ids;
    for (const auto& place : view.places(filter)) {
      ids.push_back(place.decision.value);
    }
    return ids;
  }
  LogFilter words(const std::string& text) {
    LogFilter filter;
    filter.words = {text};
    return filter;
  }
  std::string plan(const LogFilter& filter) {
    const auto query = store::places_query(db, filter);
    std::string plan;
    store::Statement lines(db, "EXPLAIN QUERY PLAN " + query.sql, query.texts);
    while (lines.next()) {
      std::int64_t id = 0, parent = 0, unused = 0;
      std::string line;
      lines.read(id, parent, unused, line);
      plan += line + "\n";
    }
    return plan;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "outcome and cost stand beside each decision, whatever becomes of it") {
  const auto question = decide_on("maybe build it", DecisionAction::ask);
  check_derived();
  pay(question, std::nullopt, 0.25);
  log.answer_question(question, store::QuestionState::yes, clock.now());
  auto follow = decision(say("yes"), conversation, person, DecisionAction::dispatch);
  follow.follows = question;
  const auto yes = log.add_decision(follow, clock.now());
  store::Ledger(db).hand_over(question, yes);
  check_derived();
  CHECK(view.row(yes)->usd == 0.25);
  CHECK(view.row(yes)->message == "maybe build it");
  const auto run = dispatch(project("site"));
  pay(std::nullopt, run, 2);
  check_derived();
  const auto decided = log.dispatch(run).decision;
  CHECK(view.row(decided)->usd == 2);
  CHECK(view.row(decided)->outcome == "queued");
  log.begin(run, "s", false, "r", clock.now());
  check_derived();
  log.finish(run, store::DispatchOutcome::blocked, "", R"({"denials":[{"tool":"Bash","detail":"rm"}]})", 2,
             clock.now());
  check_derived();
  CHECK(view.row(decided)->outcome == "blocked");
  const auto declined = decide_on("or this", DecisionAction::ask);
  log.answer_question(declined, store::QuestionState::no, clock.now());
  log.note_over_budget(decide_on("dear"));
  check_derived();
  CHECK(view.row(declined)->outcome == "declined");
}

TEST_CASE_FIXTURE(Fixture, "pages of every order hold each decision once, where rows come in between, too") {
  for (int i = 0; i < 7; ++i) {
    auto record = decision(say("text"), conversation, person, DecisionAction::answer);
    record.p = 0.1 + 0.1 * (i % 3);
    pay(log.add_decision(record, clock.now()), std::nullopt, 0.5 * (i % 2));
    clock.advance(std::chrono::minutes(i % 2));
  }
  for (const auto by : {LogOrder::By::at, LogOrder::By::p, LogOrder::By::usd}) {
    for (const bool descending : {true, false}) {
      LogFilter filter;
      filter.order = {by, descending};
      const auto all = ids(filter);
      filter.limit = 2;
      std::vector<std::int64_t> paged;
      for (auto places = view.places(filter); !places.empty(); places = view.places(filter)) {
        for (const auto& place : places) {
          paged.push_back(place.decision.value);
        }
        filter.after = places.back();
      }
      CHECK(paged == all);
      CHECK(all.size() == 7);
    }
  }
  LogFilter filter;
  filter.limit = 3;
  const auto first = view.places(filter);
  decide_on("another");
  filter.after = first.back();
  CHECK(view.places(filter).front().decision.value == 4);
}

TEST_CASE_FIXTURE(Fixture,
                  "no filter of the log, alone or with times, looks through or sorts all decisions") {
  dispatch(project("site"));
  const auto now = clock.now();
  std::vector<std::pair<std::string, LogFilter>> filters(10);
  filters[0] = {"nothing", {}};
  filters[1] = {"chat", {.chat = "web:c-1"}};
  filters[2] = {"project", {.project = "site"}};
  filters[3] = {"outcome", {.outcome = "blocked"}};
  filters[4] = {"person", {}};
  filters[4].second.user = "web:u-1";
  filters[5] = {"action", {}};
  filters[5].second.action = DecisionAction::ask;
  filters[6] = {"usd", {}};
  filters[6].second.usd_min = 1;
  filters[7] = {"p", {}};
  filters[7].second.p_max = 0.5;
  filters[8] = {"answers", {.outcome = "answered"}};
  filters[9] = {"words", words("please")};
  for (const auto& [of, wanted] : filters) {
    for (const bool timed : {false, true}) {
      const std::string name = of;
      auto filter = wanted;
      CAPTURE(name);
      filter.limit = 50;
      filter.since = timed ? std::optional(now - 720h) : std::nullopt;
      filter.until = timed ? std::optional(now + 1h) : std::nullopt;
      const auto found = plan(filter);
      CAPTURE(found);
      CHECK_FALSE(contains(found, "SCAN n"));
      CHECK_FALSE(contains(found, "SCAN m"));
      CHECK_FALSE(contains(found, "SCAN e\n"));
      // A search finds few rows and sorts these; all others come in the order of an index.
      CHECK(contains(found, "TEMP B-TREE") == (name == "words"));
      if (timed && name != "words") {
        CHECK(contains(found, "at>? AND at<?"));
      }
      if (timed) {
        filter.order.by = LogOrder::By::usd;
        CHECK(contains(plan(filter), name == "words" ? "INTEGER PRIMARY KEY" : "at>? AND at<?"));
      }
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "what a rule decided is looked up, and what p decided is not") {
  decide_on("one");
  auto ruled = decision(say("two"), conversation, person, DecisionAction::answer);
  ruled.cause = "rule:budget";
  const auto wanted = log.add_decision(ruled, clock.now());
  LogFilter filter;
  filter.cause = "rule:budget";
  CHECK(ids(filter) == std::vector{wanted.value});
  CHECK(contains(plan(filter), "decisions_by_cause"));
  filter.cause = "policy";
  CHECK(ids(filter).size() == 1);
  CHECK_FALSE(contains(plan(filter), "decisions_by_cause"));
}

TEST_CASE_FIXTURE(Fixture, "a common word is gone through once, within the times, and pages hold each once") {
  // More than are looked up one by one. A second between two.
  const auto first = decide_on("first");
  constexpr int kMany = 5200;
  db.handle().exec(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(kMany) +
      ") INSERT INTO decisions(message_id, conversation_id, person_id, action, p, ask_at, dispatch_at, layer, cause, "
      "reason, decided_at) SELECT d.message_id, d.conversation_id, d.person_id, 'answer', 0.1, 0.4, 0.8, 'global', "
      "'policy', '', d.decided_at + 1000 * i FROM n, decisions d WHERE d.id = 1");
  const auto begin = clock.now();
  while (store::LogWords(db).add(2000)) {
  }
  auto common = words("first");
  common.limit = 50;
  for (const bool of_person : {false, true}) {
    common.user = of_person ? "web:u-1" : "";
    const auto found = plan(common);
    CAPTURE(found);
    CHECK(contains(found, "VIRTUAL TABLE"));
    CHECK_FALSE(contains(found, "CORRELATED"));
    CHECK_FALSE(contains(found, "TEMP B-TREE"));
    CHECK(ids(common).front() == first.value + kMany);
  }
  common.since = begin + 100s;
  common.until = begin + 110s;
  common.limit = 4;
  CHECK(contains(store::places_query(db, common).sql, "w.rowid >= 101 AND w.rowid <= 110"));
  std::vector<std::int64_t> paged;
  for (auto places = view.places(common); !places.empty(); places = view.places(common)) {
    for (const auto& place : places) {
      paged.push_back(place.decision.value);
    }
    common.after = places.back();
  }
  CHECK(paged == std::vector<std::int64_t>{110, 109, 108, 107, 106, 105, 104, 103, 102, 101});
  common.after.reset();
  common.order.by = LogOrder::By::usd;
  CHECK(ids(common).size() == 4);
}

TEST_CASE_FIXTURE(
    Fixture, "the words of messages, tasks, results and answers are found, in scripts without blanks, too") {
  const auto latin = decide_on("Please Café the Regulator");
  const auto tokyo = decide_on("明日の東京タワーの天気は");
  const auto run = dispatch(project("shop"));
  log.finish(run, store::DispatchOutcome::success, "It flies now", "{}", 0, clock.now());
  const auto answered = decide_on("what is it?");
  store::Outbox(db).post(conversation, {"A hovercraft, of course.", {}, "m-4"}, clock.now());
  CHECK(ids(words("regul")) == std::vector{latin.value});
  CHECK(ids(words("CAFE")) == std::vector{latin.value});
  CHECK(ids(words("東京")) == std::vector{tokyo.value});
  CHECK(ids(words("京")) == std::vector{tokyo.value});
  CHECK(ids(words("京東")).empty());
  CHECK(ids(words("shop")) == std::vector{log.dispatch(run).decision.value});
  CHECK(ids(words("flies")) == std::vector{log.dispatch(run).decision.value});
  CHECK(ids(words("hovercraft")) == std::vector{answered.value});
  CHECK(ids(words("\"--")).empty());
  CHECK(ids(words("nobody")).empty());
}

TEST_CASE_FIXTURE(Fixture, "what is edited, emptied or pruned leaves the index of words at once") {
  const auto decided = decide_on("first thoughts");
  const auto run = dispatch(project("site"));
  log.finish(run, store::DispatchOutcome::success, "It flies now", "{}", 0, clock.now());
  CHECK(ids(words("thoughts")).size() == 1);
  CHECK(ids(words("flies")).size() == 1);
  store::Conversations(db).replace_text(log.decision(decided).message, "second ones", clock.now());
  CHECK(
      store::Statement(db, "SELECT count(*) FROM log_words WHERE log_words MATCH 'thoughts'").first<int>() ==
      0);
  CHECK(ids(words("thoughts")).empty());
  CHECK(ids(words("second")).size() == 1);
  store::LogPruning(db).next(clock.now() + 1h, {}, store::LogPruning::Mode::prune);
  CHECK(store::Statement(db, "SELECT count(*) FROM log_words WHERE log_words MATCH 'flies'").first<int>() ==
        0);
  store::Retention(db).empty_old(clock.now() + 1h, 100, clock.now());
  CHECK(store::Statement(db, "SELECT count(*) FROM log_words WHERE log_words MATCH 'second'").first<int>() ==
        0);
  CHECK(ids(words("second")).empty());
}

TEST_CASE_FIXTURE(Fixture, "what is worth a look waits with its reasons until an operator has judged it") {
  auto calm = decision(say("calm"), conversation, person, DecisionAction::answer);
  calm.p = 0.1;
  log.add_decision(calm, clock.now());
  calm.p = 0.33;
  const auto near = log.add_decision(calm, clock.now());
  const auto refused = decide_on("maybe", DecisionAction::ask);
  log.answer_question(refused, store::QuestionState::no, clock.now());
  const auto stopped = dispatch(project("site"));
  log.finish(stopped, store::DispatchOutcome::cancelled, "", "{}", 0, clock.now() + 20s);
  const auto thumbed = log.add_decision(calm, clock.now());
  store::RoutingLog routing(db);
  routing.add(store::VerdictRecord{.decision = thumbed,
                                   .verdict = store::Verdict::bad_result,
                                   .by = person.id,
                                   .at = clock.now(),
                                   .source = store::VerdictSource::button});
  store::ReviewQueue queue(db);
  const auto waiting = queue.look(clock.now() - 24h).waiting;
  REQUIRE(waiting.size() == 4);
  CHECK(waiting[0].why == std::vector<std::string>{"near_threshold", "thumbs_down"});
  CHECK(waiting[1].why == std::vector<std::string>{"cancelled_soon"});
  CHECK(waiting[2].why == std::vector<std::string>{"refused"});
  CHECK(waiting[3].why == std::vector<std::string>{"near_threshold"});
  routing.add(store::VerdictRecord{
      .decision = near, .verdict = store::Verdict::right, .at = clock.now(), .reviewer = "ada"});
  const auto after = queue.look(clock.now() - 24h);
  CHECK(after.waiting.size() == 3);
  CHECK(after.judged == 1);
  CHECK(routing.verdicts(near).front().reviewer == "ada");
}

TEST_CASE_FIXTURE(Fixture, "sums count by person, chat, project and time, and come to the whole") {
  decide_on("one");
  decide_on("two", DecisionAction::ask);
  pay(decide_on("three"), std::nullopt, 0.5);
  const auto run = dispatch(project("site"));
  log.finish(run, store::DispatchOutcome::error, "", "{}", 0, clock.now());
  for (const auto by :
       {store::SumBy::person, store::SumBy::chat, store::SumBy::project, store::SumBy::quarter}) {
    std::int64_t turns = 0, failed = 0;
    double usd = 0;
    for (const auto& sum : store::log_sums(db, {}, by)) {
      turns += sum.turns;
      failed += sum.failed;
      usd += sum.usd;
    }
    CHECK(turns == 4);
    CHECK(failed == 1);
    CHECK(usd == 0.5);
  }
  const auto chat = store::log_sums(db, {.chat = "web:c-1"}, store::SumBy::chat).at(0);
  CHECK(chat.key == "web:c-1");
  CHECK(chat.name == "Ada");
  CHECK(chat.asked == 1);
}
