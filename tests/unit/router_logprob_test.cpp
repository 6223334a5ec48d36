#include <doctest/doctest.h>

#include "router/scoring/judgement.h"
#include "router/secretary.h"
#include "tests/support/models/fake_chat_model.h"
#include "tests/support/store_fixture.h"

namespace {

struct Fixture : support::StoreFixture {
  support::FakeChatModel model;
  router::Secretary secretary{model, clock, {.guide = "THE GUIDE", .timezone = "UTC"}};
  router::SecretaryTools tools{db, clock, {conversation, person.id, "UTC", {}}};

  router::Secretary::Turn propose(bool offer_dispatch) {
    return secretary.propose({{llm::Role::user, {llm::Text{"build me a list"}}}}, tools, offer_dispatch,
                             [](const llm::Usage&) {}, {});
  }
};

TEST_CASE_FIXTURE(Fixture,
                  "the log-probability is wanted of the first answer to a turn that may be dispatched") {
  model.will_answer({"", {{"c1", "list_projects", "{}"}}, llm::Ending::complete, {1, 0, 0, 1}, -0.5});
  model.will_answer({"None.", {}, llm::Ending::complete, {1, 0, 0, 1}, -4});
  CHECK(propose(true).logprob == -0.5);
  REQUIRE(model.requests.size() == 2);
  CHECK(model.requests[0].wants_logprob);
  CHECK_FALSE(model.requests[1].wants_logprob);
  model.will_say("Hello.");
  CHECK_FALSE(propose(false).logprob);
  CHECK_FALSE(model.requests.back().wants_logprob);
}

TEST_CASE("it is a signal of its own, for a call and for an answer") {
  const auto& scorer = router::Scorer::built_in();
  const auto value = [&](const router::SecretarySignal& signal,
                         const std::string& name) -> std::optional<router::Logit> {
    for (const auto& of : router::judge({"build it"}, signal, scorer, {}, "").values) {
      if (of.name == name) {
        return of.value;
      }
    }
    return std::nullopt;
  };
  CHECK(value({router::Confidence::high, -0.5}, "logprob:call") == -router::kLogitOne / 2);
  CHECK(value({std::nullopt, -2.0}, "logprob:none") == -2 * router::kLogitOne);
  CHECK_FALSE(value({router::Confidence::high}, "logprob:call"));
}

TEST_CASE(
    "the less likely the call was, the nearer p is to that of no call, and no log-probability moves nothing") {
  const auto p = [](const router::SecretarySignal& signal) {
    return router::judge({"could you have a look at the table"}, signal, router::Scorer::built_in(), {}, "")
        .p;
  };
  for (const auto confidence :
       {router::Confidence::low, router::Confidence::medium, router::Confidence::high}) {
    double before = p({confidence});
    CHECK(p({confidence, 0.0}) == before);
    for (const double logprob : {-0.05, -0.3, -1.0, -3.0}) {
      CHECK(p({confidence, logprob}) < before);
      before = p({confidence, logprob});
    }
    CHECK(before >= p({}));
  }
  // The first word of an answer tells nothing of a call.
  CHECK(p({std::nullopt, -2.0}) == p({}));
}

}  // namespace
