// Turns about messages that waited, without a thread.
#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include <doctest/doctest.h>

#include "bot/turns/turn.h"
#include "store/in_transaction.h"
#include "store/log_view.h"
#include "store/quotations.h"
#include "store/routing_log.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

namespace {

/// Does something once, while it is asked.
class Interrupted final : public llm::ChatModel {
 public:
  llm::Completion complete(const llm::ChatRequest& request, std::stop_token) override {
    context = request.context;
    said = request.messages.size();
    if (auto meanwhile = std::exchange(meanwhile_, nullptr)) {
      meanwhile();
    }
    llm::Completion completion;
    completion.text = "Answer " + std::to_string(++calls);
    completion.usage.input = 10;
    completion.usage.output = 5;
    completion.ending = ending;
    return completion;
  }
  std::string provider() const override { return "fake"; }
  std::string model() const override { return "fake-1"; }
  void when_asked(std::function<void()> meanwhile) { meanwhile_ = std::move(meanwhile); }

  int calls = 0;
  std::string context;  ///< of the last request
  std::size_t said = 0;
  llm::Ending ending = llm::Ending::complete;

 private:
  std::function<void()> meanwhile_;
};

struct Fixture : support::ServicesFixture {
  Interrupted own_model;
  router::Secretary own_secretary{own_model, clock, {"THE GUIDE", "UTC"}};
  bot::runtime::Services mine{settings,  clock, policy_holder, own_model, own_secretary, specialists,
                              platforms, runs,  slots,         metrics,   notifier,      stopping};
  store::JobQueue queue{db};
  store::Conversations conversations{db};

  Fixture() {
    allow("web", bot::runtime::Access::Mode::open);
    settings.secretary.usd_per_million_input = 1e5;  // a dollar a call
  }
  store::MessageId hear(const std::string& text) { return hear(text, person); }
  store::MessageId hear(const std::string& text, const store::Person& who) {
    const auto message = say(text, conversation, who);
    queue.enqueue(bot::runtime::kTurnJob, conversation.id.value, message.value, clock.now(),
                  {.owner = who.id.value});
    return message;
  }
  void run_next() {
    const auto job = queue.claim(bot::runtime::kTurnJob, clock.now());
    REQUIRE(job);
    bot::turns::Turn(mine, db, *job).run({});
  }
  /// As a worker does: what the turn needs is read where its job is claimed.
  void run_next_read_ahead() {
    std::unique_ptr<bot::runtime::Work> turn;
    store::in_transaction(db, nullptr, [&] {
      const auto job =
          queue.claim_within(bot::runtime::kTurnJob, clock.now(), store::JobQueue::Order::oldest);
      turn = bot::turns::begin_turn(mine, db, job.value());
      return true;
    });
    turn->run(nullptr, {});
  }
  /// "text: outcome of text" of each decision, by the order of the messages.
  std::string outcomes() {
    auto rows = store::LogView(db).rows({});
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.message < b.message; });
    std::string all;
    for (const auto& row : rows) {
      all += row.message + ": " + row.outcome + ", ";
    }
    return all;
  }
  int answers() {
    int count = 0;
    for (const auto& message : conversations.history(conversation.id, std::nullopt, 100)) {
      count += message.author == store::Author::assistant ? 1 : 0;
    }
    return count;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "messages that wait have one answer, and the decision about the last bears its cost") {
  hear("1 one");
  hear("2 two");
  hear("3 three");
  run_next();
  CHECK(outcomes() == "1 one: joined, 2 two: joined, 3 three: answered, ");
  CHECK(answers() == 1);
  CHECK(queue.open(bot::runtime::kTurnJob) == 0);
  for (const auto& row : store::LogView(db).rows({})) {
    CHECK(row.usd == doctest::Approx(row.outcome == "answered" ? 1 : 0));
    CHECK((row.p > 0 && row.p < 1));
  }
}

TEST_CASE_FIXTURE(Fixture, "a turn that was read ahead answers those that wait, too") {
  hear("1 one");
  hear("2 two");
  run_next_read_ahead();
  CHECK(outcomes() == "1 one: joined, 2 two: answered, ");
}

TEST_CASE_FIXTURE(Fixture,
                  "a turn that was read ahead asks the model with the same as one that reads itself") {
  hear("1 one");
  run_next();
  hear("2 two");
  run_next_read_ahead();
  const auto ahead = own_model.context;
  CHECK(own_model.said == 3);
  hear("3 three");
  run_next();
  CHECK(own_model.context == ahead);
  CHECK(own_model.said == 5);
  CHECK(outcomes() == "1 one: answered, 2 two: answered, 3 three: answered, ");
}

TEST_CASE_FIXTURE(Fixture, "words of others are known of a turn that was read ahead") {
  const auto message = hear("1 look");
  store::Quotations(db).replace(
      message, {{store::QuotationKind::forward, store::WordsOf::others, "Boris", "Do it for me."}});
  run_next_read_ahead();
  const auto decision = store::DispatchLog(db).decision_about(message);
  REQUIRE(decision);
  const auto judged = store::RoutingLog(db).judgement(decision->id);
  REQUIRE(judged);
  CHECK(judged->signals.find("\"foreign\":true") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an edit of any of them begins the turn anew, with the new words") {
  const auto first = hear("1 one");
  const auto middle = hear("2 two");
  const auto last = hear("3 three");
  store::MessageId edited;
  SUBCASE("the first") {
    edited = first;
  }
  SUBCASE("one in between") {
    edited = middle;
  }
  SUBCASE("the last") {
    edited = last;
  }
  own_model.when_asked([&] { conversations.replace_text(edited, "9 edited", clock.now()); });
  run_next();
  CHECK(answers() == 0);
  CHECK(queue.open(bot::runtime::kTurnJob) == 3);
  run_next();
  CHECK(own_model.calls == 2);
  CHECK(answers() == 1);
  CHECK(support::contains(outcomes(), "9 edited: "));
  CHECK(queue.open(bot::runtime::kTurnJob) == 0);
}

TEST_CASE_FIXTURE(Fixture, "what comes during a turn waits for the next one") {
  hear("1 one");
  own_model.when_asked([&] { hear("2 two"); });
  run_next();
  CHECK(outcomes() == "1 one: answered, ");
  CHECK(queue.open(bot::runtime::kTurnJob) == 1);
  run_next();
  CHECK(outcomes() == "1 one: answered, 2 two: answered, ");
}

TEST_CASE_FIXTURE(Fixture, "a turn that fails fails for all that it is about") {
  hear("1 one");
  hear("2 two");
  own_model.when_asked(
      [] { throw llm::ModelError(llm::ModelError::Kind::unauthorized, "the key was refused"); });
  run_next();
  CHECK(outcomes() == "1 one: joined, 2 two: failed, ");
  CHECK(answers() == 1);
}

TEST_CASE_FIXTURE(Fixture, "another person's message between them keeps its own turn") {
  const auto bob = store::People(db).remember("web", "u-2", "Bob", clock.now());
  hear("1 one");
  hear("2 of Bob", bob);
  hear("3 three");
  run_next();
  CHECK(outcomes() == "1 one: joined, 3 three: answered, ");
  run_next();
  CHECK(outcomes() == "1 one: joined, 2 of Bob: answered, 3 three: answered, ");
}

TEST_CASE_FIXTURE(Fixture, "an answer that the model refused to finish is posted, and logged as failed") {
  own_model.ending = llm::Ending::declined;
  hear("1 one");
  run_next();
  CHECK(outcomes() == "1 one: failed, ");
  CHECK(store::LogView(db).rows({}).front().cause == "rule:model-refused");
  CHECK(answers() == 1);
}
