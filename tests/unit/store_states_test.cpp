#include <set>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include "base/error.h"
#include "store/approvals.h"
#include "store/states.h"
#include "tests/support/store_fixture.h"
#include "tests/support/text.h"

using support::contains;

namespace {

#define EVERY_STATE                                                                                 \
  store::JobState, store::PersonRole, store::JobTrial, store::DecisionAction, store::QuestionState, \
      store::DecisionOutcome, store::DispatchAction, store::DispatchState, store::DispatchOutcome,  \
      store::ApprovalKind, store::ApprovalState, store::Author, store::ButtonKind, store::CallKind, \
      store::DeliveryState, store::PartState, store::Purpose, store::QuotationKind, store::Verdict, \
      store::VerdictSource, store::WordsOf, store::ReminderDoes, store::ToolCallState

/// The texts that the schema allows in that column, from "column TEXT … CHECK (column IN ('a', 'b'))" or
/// "… CHECK (column = 'a' OR column = 'b')".
std::set<std::string> allowed(store::Database& db, const std::string& table, const std::string& column) {
  SQLite::Statement s(db.handle(), "SELECT sql FROM sqlite_master WHERE name = ?");
  s.bind(1, table);
  REQUIRE(s.executeStep());
  auto sql = s.getColumn(0).getString();
  auto at = sql.find("(" + column + " IN");
  if (at == std::string::npos) {
    at = sql.find("(" + column + " = '");
    REQUIRE(at != std::string::npos);
  } else {
    at = sql.find('(', at + 1);
  }
  sql = sql.substr(at, sql.find(')', at) - at);
  std::set<std::string> texts;
  for (auto begin = sql.find('\''); begin != std::string::npos;) {
    const auto end = sql.find('\'', begin + 1);
    texts.insert(sql.substr(begin + 1, end - begin - 1));
    begin = sql.find('\'', end + 1);
  }
  return texts;
}

template <typename Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const base::PermanentError& e) {
    return e.what();
  }
  return {};
}

TEST_CASE_TEMPLATE("every state and kind comes back from its text", State, EVERY_STATE) {
  const auto& values = store::spelling<State>().values;
  REQUIRE_FALSE(values.empty());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const State state = values[i].first;
    const std::string text(values[i].second);
    CAPTURE(text);
    CHECK(static_cast<std::size_t>(state) == i);  // none is missing
    CHECK(to_string(state) == text);
    CHECK(store::parse<State>(text) == state);
    CHECK(store::stored<State>(text) == state);
  }
}

TEST_CASE_TEMPLATE("the states and kinds are those that the schema allows", State, EVERY_STATE) {
  support::StoreFixture fixture;
  const auto& spelling = store::spelling<State>();
  std::set<std::string> texts;
  for (const auto& [state, text] : spelling.values) {
    texts.insert(text);
  }
  CHECK(texts.size() == spelling.values.size());
  CHECK(texts == allowed(fixture.db, spelling.table, spelling.column));
}

TEST_CASE_TEMPLATE("an unknown text is no state, and in the database an error that says where", State,
                   EVERY_STATE) {
  for (const char* text : {"", "paused", "RUNNING", " open", "answer "}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(store::parse<State>(text));
    const auto error = error_of([&] { store::stored<State>(text); });
    const auto& spelling = store::spelling<State>();
    CHECK(contains(error, std::string(spelling.table) + "." + spelling.column));
    CHECK(contains(error, "\"" + std::string(text) + "\""));
  }
}

TEST_CASE("two states are not spelled as in C++, which reserves their names") {
  CHECK(to_string(store::ButtonKind::resume) == "continue");
  CHECK(to_string(store::DeliveryState::unattempted) == "new");
}

TEST_CASE_FIXTURE(support::StoreFixture, "a row in a state that is unknown is not read as another one") {
  const auto id = dispatch(project("todo-app"));
  store::Approval request;
  request.dispatch = id;
  const auto approval = store::Approvals(db).add(request, clock.now());
  db.handle().exec("PRAGMA ignore_check_constraints = ON");
  db.handle().exec("UPDATE dispatches SET state = 'paused'");
  db.handle().exec("UPDATE approvals SET kind = 'wish'");
  const auto of_dispatch = error_of([&] { store::DispatchLog(db).dispatch(id); });
  CHECK(contains(of_dispatch, "dispatches.state"));
  CHECK(contains(of_dispatch, "\"paused\""));
  const auto of_approval = error_of([&] { store::Approvals(db).get(approval); });
  CHECK(contains(of_approval, "approvals.kind"));
  CHECK(contains(of_approval, "\"wish\""));
}

}  // namespace
