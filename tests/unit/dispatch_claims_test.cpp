#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "dispatch/task/claims.h"
#include "dispatch/task/token_price.h"

using dispatch::Claims;
using dispatch::Tokens;

namespace {

constexpr auto kMost = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("figures that can be true are believed as they are") {
  Claims claims;
  const auto tokens = claims.believed(Tokens{.input = 40'000, .cache_read = 900'000, .output = 9'000});
  CHECK(tokens.cache_read == 900'000);
  CHECK(tokens.output == 9'000);
  CHECK(claims.believed(1.25, tokens, "claude-opus-4-5") == 1.25);
  CHECK(claims.believed(0, {}, "") == 0);
  CHECK_FALSE(claims.exceeded());
  auto later = Claims::afterwards();
  CHECK(later.believed(Tokens{.output = 50'000'000}).output == 50'000'000);
  CHECK_FALSE(later.exceeded());
}

TEST_CASE("of a run that ends at once hardly more than one call is believed, and that is known") {
  const double claimed[] = {1e308, std::numeric_limits<double>::infinity(), 1e6};
  for (const auto usd : claimed) {
    Claims claims;
    CHECK(claims.believed(usd, Tokens{.input = 10, .output = 5}, "claude-opus-4-5") < 1);
    CHECK(claims.exceeded());
    CHECK(claims.believed(usd, {}, "claude-opus-4-5") < 3);
    CHECK(claims.believed(usd, Tokens{kMost, kMost, kMost, kMost, kMost}, "unknown") < 3);
  }
  Claims claims;
  const auto tokens = claims.believed(Tokens{kMost, kMost, kMost, kMost, kMost});
  CHECK(dispatch::TokenPrice{1, 5}.usd(tokens) < 2);
  CHECK(claims.exceeded());
}

TEST_CASE("a claim beyond belief takes no more of shared budgets than the run may cost") {
  Claims claims(1.5);
  CHECK(claims.counted(4) == 4);
  claims.believed(Tokens{.output = kMost});
  CHECK(claims.counted(4) == 1.5);
  CHECK(claims.counted(1) == 1);
}

TEST_CASE("figures below nothing, or that are none, are nothing") {
  Claims claims;
  CHECK(claims.believed(-1e308, {}, "") == 0);
  CHECK(claims.believed(std::nan(""), {}, "") == 0);
  CHECK(claims.believed(Tokens{.input = -5}).input == 0);
  CHECK(claims.exceeded());
}

TEST_CASE("texts of a report and of a request are cut") {
  const std::string longest(3'000'000, 'x');
  dispatch::Report report;
  report.text = report.problem = report.model = longest;
  report.denials.assign(1'000, {longest, longest});
  dispatch::bound_texts(report);
  CHECK(report.text.size() < 1'100'000);
  CHECK(report.problem.size() < 2'100);
  CHECK(report.denials.size() == 100);
  CHECK(report.denials[0].tool.size() < 100);
  CHECK(report.denials[0].detail.size() < 600);

  dispatch::Request request;
  request.tool = request.detail = request.scope = longest;
  dispatch::Event event{.kind = dispatch::Event::Kind::asks};
  event.request = std::make_shared<const dispatch::Request>(request);
  dispatch::bound_texts(event);
  CHECK(event.request->detail.size() < 37'000);
  CHECK_FALSE(event.request->shown_whole);  // so that it cannot be allowed
  CHECK(event.request->scope.empty());
}
