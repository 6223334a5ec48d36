// The secretary's first model is down for an hour, minute by minute.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "bot/turns/turn.h"
#include "llm/fallback_models.h"
#include "store/statement.h"
#include "tests/support/services_fixture.h"
#include "tests/support/text.h"

namespace {

/// A model that can be down, and answers with its name.
class Model final : public llm::ChatModel {
 public:
  explicit Model(std::string name) : name_(std::move(name)) {}
  llm::Completion complete(const llm::ChatRequest&, std::stop_token) override {
    ++asked;
    if (is_down) {
      throw llm::ModelError(llm::ModelError::Kind::unreachable, "no connection to " + name_);
    }
    llm::Completion completion;
    completion.text = "I am " + name_;
    completion.usage.input = 10;
    return completion;
  }
  std::string provider() const override { return "p-" + name_; }
  std::string model() const override { return name_; }

  bool is_down = false;
  int asked = 0;

 private:
  const std::string name_;
};

/// What the program writes to its log while this lives.
class Written {
 public:
  Written() : before_(::dup(STDERR_FILENO)) {
    std::fflush(stderr);
    const base::Fd file(::open(path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    ::dup2(file.get(), STDERR_FILENO);
  }
  ~Written() { ::dup2(before_.get(), STDERR_FILENO); }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  std::string text() const {
    std::fflush(stderr);
    return base::read_file(path());
  }

 private:
  std::filesystem::path path() const { return folder_.path() / "log"; }
  support::TemporaryFolder folder_;
  base::Fd before_;
};

struct Fixture : support::ServicesFixture {
  std::chrono::steady_clock::time_point now{};
  Model* first = nullptr;
  std::unique_ptr<llm::ChatModel> models = make_models();
  router::Secretary both{*models, clock, {"THE GUIDE", "UTC"}};
  bot::runtime::Services mine{settings,  clock, policy_holder, *models, both,     specialists,
                              platforms, runs,  slots,         metrics, notifier, stopping};

  Fixture() {
    allow("web", bot::runtime::Access::Mode::open);
    settings.secretary.usd_per_million_input = 1e5;  // a dollar a call
    bot::runtime::ModelSettings second;
    second.provider = "p-second";
    second.model = "second";
    second.usd_per_million_input = 2e5;
    settings.secretary.fallback = {second};
  }
  std::unique_ptr<llm::ChatModel> make_models() {
    std::vector<std::unique_ptr<llm::ChatModel>> list;
    auto model = std::make_unique<Model>("first");
    first = model.get();
    list.push_back(std::move(model));
    list.push_back(std::make_unique<Model>("second"));
    return llm::make_fallback_models(std::move(list), [this] { return now; });
  }
  /// What the person reads of it.
  std::string answer_to(const std::string& text) {
    const auto message = say(text);
    store::JobQueue queue(db);
    queue.enqueue(bot::runtime::kTurnJob, conversation.id.value, message.value, clock.now(),
                  {.owner = person.id.value});
    const auto job = queue.claim(bot::runtime::kTurnJob, clock.now());
    REQUIRE(job);
    bot::turns::Turn(mine, db, *job).run({});
    return store::Conversations(db).history(conversation.id, std::nullopt, 1).back().text;
  }
  void minute() {
    now += std::chrono::minutes(1);
    clock.advance(std::chrono::minutes(1));
  }
  std::string spent() {
    return store::Statement(
               db,
               "SELECT group_concat(one, ', ') FROM (SELECT provider || ' ' || model || ': ' || "
               "count(*) || ' for $' || CAST(round(sum(usd)) AS INTEGER) AS one FROM ledger GROUP BY "
               "model ORDER BY model)")
        .first<std::string>()
        .value_or("");
  }
};

}  // namespace

TEST_CASE_FIXTURE(
    Fixture,
    "while the first model is down for an hour the next one answers, log and cost say which, and the "
    "first one is back when it answers again") {
  const Written log;
  CHECK(answer_to("before") == "I am first");
  first->is_down = true;
  for (int i = 0; i < 60; ++i) {
    minute();
    CHECK(answer_to("in between " + std::to_string(i)) == "I am second");  // and not a word of it
  }
  CHECK(spent() == "p-first first: 1 for $1, p-second second: 60 for $120");
  CHECK(first->asked < 20);  // it does not cost its time-out each time
  CHECK(support::contains(log.text(), "first is down and asked last for 300 s: no connection to first"));
  CHECK(!support::contains(log.text(), "first answers again"));

  first->is_down = false;
  std::string answer;
  int minutes = 0;
  for (; minutes < 6 && answer != "I am first"; ++minutes) {
    minute();
    answer = answer_to("after " + std::to_string(minutes));
  }
  CHECK(answer == "I am first");
  CHECK(support::contains(log.text(), "first answers again"));
  CHECK(answer_to("and again") == "I am first");
  CHECK(support::contains(spent(), "p-first first: 3 for $3"));
}
