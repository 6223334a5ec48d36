#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/error.h"
#include "llm/attempt_error.h"
#include "llm/retry.h"

namespace {

using llm::AttemptError;
using llm::ModelError;
using llm::Repeat;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Time that passes only where somebody waits or takes `spend()`.
class FakePace {
 public:
  llm::RetryPace pace() {
    return {.now = [this] { return now_; },
            .wait =
                [this](milliseconds time, const std::stop_token&) {
                  waits.push_back(time);
                  now_ += time;
                },
            .jitter = [this] { return jitter; }};
  }
  void spend(milliseconds time) { now_ += time; }

  std::vector<milliseconds> waits;
  double jitter = 1;

 private:
  std::chrono::steady_clock::time_point now_{seconds(1000)};
};

llm::Endpoint endpoint(int max_attempts, milliseconds deadline) {
  llm::Endpoint made;
  made.provider = "anthropic";
  made.model = "model-x";
  made.max_attempts = max_attempts;
  made.deadline = deadline;
  made.first_backoff = milliseconds(100);
  return made;
}

/// Fails with these in turn, then answers "done".
llm::Attempt failing(std::vector<AttemptError> errors, int& calls) {
  return [errors = std::move(errors), &calls](milliseconds) -> llm::Completion {
    if (static_cast<std::size_t>(calls) < errors.size()) {
      throw errors[static_cast<std::size_t>(calls++)];
    }
    ++calls;
    llm::Completion completion;
    completion.text = "done";
    return completion;
  };
}

AttemptError overloaded(std::optional<milliseconds> retry_after = std::nullopt) {
  return {ModelError::Kind::overloaded, Repeat::often, "status 529: Overloaded", retry_after};
}

std::optional<ModelError> error_of(const llm::Endpoint& at, const llm::Attempt& attempt, FakePace& fake) {
  try {
    llm::with_retries(at, {}, attempt, fake.pace());
  } catch (const ModelError& error) {
    return error;
  }
  return std::nullopt;
}

TEST_CASE("waits double with each attempt and the jitter scales them") {
  FakePace fake;
  int calls = 0;
  const auto errors = std::vector<AttemptError>(3, overloaded());
  CHECK(llm::with_retries(endpoint(4, seconds(10)), {}, failing(errors, calls), fake.pace()).text == "done");
  CHECK(calls == 4);
  CHECK(fake.waits == std::vector<milliseconds>{milliseconds(100), milliseconds(200), milliseconds(400)});

  FakePace half;
  half.jitter = 0.5;
  calls = 0;
  llm::with_retries(endpoint(4, seconds(10)), {}, failing(errors, calls), half.pace());
  CHECK(half.waits == std::vector<milliseconds>{milliseconds(50), milliseconds(100), milliseconds(200)});
}

TEST_CASE("what took longer than the endpoint has patience for is not tried again") {
  FakePace fake;
  auto at = endpoint(9, seconds(100));
  at.patience = seconds(4);
  int calls = 0;
  const auto hangs = [&](milliseconds) -> llm::Completion {
    fake.spend(++calls == 2 ? seconds(4) : milliseconds(3'999));
    throw overloaded();
  };
  const auto error = error_of(at, hangs, fake);
  REQUIRE(error);
  CHECK(calls == 2);
  CHECK(std::string(error->what()) == "anthropic model-x: status 529: Overloaded (attempt 2)");
}

TEST_CASE("attempts end at max_attempts and the error says how many there were") {
  FakePace fake;
  int calls = 0;
  const auto error =
      error_of(endpoint(3, seconds(10)), failing(std::vector<AttemptError>(9, overloaded()), calls), fake);
  REQUIRE(error);
  CHECK(calls == 3);
  CHECK(error->kind == ModelError::Kind::overloaded);
  CHECK(std::string(error->what()) == "anthropic model-x: status 529: Overloaded (attempt 3)");
}

TEST_CASE("a failure that no repetition mends is not repeated") {
  FakePace fake;
  int calls = 0;
  const AttemptError refused(ModelError::Kind::unauthorized, Repeat::never, "status 401: no");
  const auto error = error_of(endpoint(4, seconds(10)), failing({refused, refused}, calls), fake);
  REQUIRE(error);
  CHECK(calls == 1);
  CHECK(fake.waits.empty());
  CHECK(error->kind == ModelError::Kind::unauthorized);
}

TEST_CASE("nonsense is asked for again twice, whatever max_attempts allows") {
  FakePace fake;
  int calls = 0;
  const auto error = error_of(endpoint(9, seconds(100)),
                              failing(std::vector<AttemptError>(9, llm::malformed("no JSON")), calls), fake);
  REQUIRE(error);
  CHECK(calls == 3);
  CHECK(error->kind == ModelError::Kind::malformed);
}

TEST_CASE("the wait that the provider asks for is kept if it fits into the deadline") {
  FakePace fake;
  int calls = 0;
  llm::with_retries(endpoint(4, seconds(10)), {}, failing({overloaded(seconds(7))}, calls), fake.pace());
  CHECK(fake.waits == std::vector<milliseconds>{seconds(7)});
}

TEST_CASE("a wait beyond the deadline is not begun and the error says so") {
  FakePace fake;
  int calls = 0;
  const auto error = error_of(endpoint(4, seconds(10)), failing({overloaded(seconds(60))}, calls), fake);
  REQUIRE(error);
  CHECK(calls == 1);
  CHECK(fake.waits.empty());
  CHECK(std::string(error->what()).find("asks to wait 60.0 s, longer than the deadline of 10.0 s") !=
        std::string::npos);
}

TEST_CASE("each attempt is given what is left of the deadline") {
  FakePace fake;
  std::vector<milliseconds> given;
  const auto slow = [&](milliseconds time) -> llm::Completion {
    given.push_back(time);
    fake.spend(milliseconds(600));
    throw overloaded();
  };
  const auto error = error_of(endpoint(9, milliseconds(1500)), slow, fake);
  REQUIRE(error);
  CHECK(given == std::vector<milliseconds>{milliseconds(1500), milliseconds(800)});
  CHECK(std::string(error->what()).find("the deadline of 1.5 s has passed") != std::string::npos);
}

TEST_CASE("a stop request ends the attempts at once") {
  std::stop_source stop;
  FakePace fake;
  auto pace = fake.pace();
  pace.wait = [&](milliseconds, const std::stop_token&) { stop.request_stop(); };
  int calls = 0;
  CHECK_THROWS_AS(llm::with_retries(endpoint(9, seconds(100)), stop.get_token(),
                                    failing(std::vector<AttemptError>(9, overloaded()), calls), pace),
                  base::Stopped);
  CHECK(calls == 1);
}

TEST_CASE("the real pace's wait ends at once when stop is requested") {
  std::stop_source stop;
  stop.request_stop();
  const auto pace = llm::real_pace();
  const auto begin = pace.now();
  pace.wait(seconds(60), stop.get_token());
  CHECK(pace.now() - begin < seconds(1));
  for (int i = 0; i < 100; ++i) {
    const auto jitter = pace.jitter();
    CHECK(jitter >= 0);
    CHECK(jitter < 1);
  }
}

}  // namespace
