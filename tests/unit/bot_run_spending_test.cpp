#include <algorithm>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "bot/runs/run_spending.h"
#include "store/log_view.h"
#include "tests/support/store_fixture.h"

using dispatch::Event;
using dispatch::ModelSpending;
using dispatch::Report;

namespace {

struct Fixture : support::StoreFixture {
  store::DispatchRecord record = store::DispatchLog(db).dispatch(dispatch(project("site")));
  bot::runs::RunSpending spending{db, record};

  void note(std::vector<ModelSpending> spent) {
    double usd = 0;
    for (const auto& model : spent) {
      usd += model.usd;
    }
    spending.note({.kind = Event::Kind::used, .usd_so_far = usd, .spent = std::move(spent)}, clock.now());
  }
  void note(double usd) {
    spending.note({.kind = Event::Kind::still_working, .usd_so_far = usd}, clock.now());
  }
  /// The rows, by model: "name dollars output-tokens".
  std::string rows() {
    std::string text;
    auto costs = store::LogView(db).costs_since(std::nullopt);
    std::sort(costs.begin(), costs.end(), [](const auto& a, const auto& b) { return a.model < b.model; });
    for (const auto& cost : costs) {
      text +=
          fmt::format("{}{} {:.2f} {}", text.empty() ? "" : ", ", cost.model, cost.usd, cost.output_tokens);
    }
    return text;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a sum alone adds to what is known of each model, and takes none of it away") {
  note({{"opus", {.output = 10}, 1.0}, {"haiku", {.output = 20}, 0.5}});
  CHECK(rows() == "haiku 0.50 20, opus 1.00 10");
  note(1.75);
  CHECK(rows() == " 0.25 0, haiku 0.50 20, opus 1.00 10");
  note(1.75);
  note(1.2);  // an older figure
  CHECK(spending.booked() == doctest::Approx(1.75));
  note({{"opus", {.output = 15}, 1.5}, {"haiku", {.output = 20}, 0.5}});
  CHECK(rows() == "haiku 0.50 20, opus 1.50 15");
}

TEST_CASE_FIXTURE(Fixture, "a report that tells a sum alone leaves every model its row") {
  note({{"opus", {.output = 10}, 1.0}, {"haiku", {.output = 20}, 0.5}});
  Report report;
  report.model = "opus";
  report.tokens.output = 12;
  SUBCASE("more than was seen") {
    report.usd = 2.0;
    spending.settle(report, clock.now());
    CHECK(rows() == "haiku 0.50 20, opus 1.50 12");
  }
  SUBCASE("less than was seen") {
    report.usd = 1.25;
    spending.settle(report, clock.now());
    CHECK(rows() == "haiku 0.50 20, opus 0.75 12");
  }
  SUBCASE("nothing, as of one that was killed") {
    spending.settle(report, clock.now());
    CHECK(rows() == "haiku 0.50 20, opus 1.00 12");
  }
  SUBCASE("of another model") {
    report.model = "sonnet";
    report.usd = 1.6;
    spending.settle(report, clock.now());
    CHECK(rows() == "haiku 0.50 20, opus 1.00 10, sonnet 0.10 12");
  }
}

TEST_CASE_FIXTURE(Fixture, "a report that tells each model's share is the last word") {
  note({{"an alias", {.output = 10}, 1.0}});
  note(1.5);
  Report report;
  report.spent = {{"opus", {.output = 10}, 0.9}};
  report.usd = 0.9;
  spending.settle(report, clock.now());
  CHECK(rows() == "opus 0.90 10");
}

TEST_CASE_FIXTURE(Fixture, "a run of which nothing was told before its end has one row") {
  Report report;
  report.model = "m";
  report.usd = 0.3;
  report.tokens.output = 4;
  spending.settle(report, clock.now());
  CHECK(rows() == "m 0.30 4");
}
