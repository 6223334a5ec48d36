#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/error.h"
#include "llm/fallback_models.h"

namespace {

using Kind = llm::ModelError::Kind;

/// A model that fails as it is told, else answers with its name.
class Model final : public llm::ChatModel {
 public:
  explicit Model(std::string name) : name_(std::move(name)) {}
  llm::Completion complete(const llm::ChatRequest& request, std::stop_token stop) override {
    ++asked;
    if (stop.stop_requested()) {
      throw base::Stopped();
    }
    for (const auto& message : request.messages) {
      got += message.as_received + ";";
    }
    if (failure) {
      throw llm::ModelError(*failure, name_ + " failed");
    }
    llm::Completion completion;
    completion.text = name_;
    completion.as_received = "[" + name_ + "]";
    return completion;
  }
  std::string provider() const override { return "p-" + name_; }
  std::string model() const override { return name_; }

  std::optional<Kind> failure;
  int asked = 0;
  std::string got;

 private:
  const std::string name_;
};

struct Fixture {
  std::chrono::steady_clock::time_point now{};
  std::vector<Model*> each;
  std::unique_ptr<llm::ChatModel> models;

  Fixture() {
    std::vector<std::unique_ptr<llm::ChatModel>> list;
    for (const auto* name : {"one", "two", "three"}) {
      auto model = std::make_unique<Model>(name);
      each.push_back(model.get());
      list.push_back(std::move(model));
    }
    models = llm::make_fallback_models(std::move(list), [this] { return now; });
  }
  std::string answer() const { return models->complete({}, {}).text; }
  std::string asked() {
    std::string counts;
    for (auto* model : each) {
      counts += std::to_string(std::exchange(model->asked, 0));
    }
    return counts;
  }
};

TEST_CASE_FIXTURE(Fixture, "fallback: the first model answers while it can, and names them all") {
  const auto completion = models->complete({}, {});
  CHECK(completion.text == "one");
  CHECK(completion.usage.by == 0);
  CHECK(asked() == "100");
  CHECK(models->provider() == "p-one");
  CHECK(models->model() == "one");
}

TEST_CASE_FIXTURE(Fixture, "fallback: the next one is asked while those before are down") {
  for (const auto kind : {Kind::unreachable, Kind::overloaded, Kind::out_of_credit}) {
    now += std::chrono::hours(1);
    each[0]->failure = kind;
    each[1]->failure.reset();
    const auto second = models->complete({}, {});
    CHECK(second.text == "two");
    CHECK(second.usage.by == 1);
    each[1]->failure = Kind::unreachable;
    now += std::chrono::hours(1);
    CHECK(models->complete({}, {}).usage.by == 2);
  }
}

TEST_CASE_FIXTURE(
    Fixture, "fallback: what is wrong with the request, the key or the words hides behind no other model") {
  for (const auto kind :
       {Kind::misconfigured, Kind::unauthorized, Kind::refused, Kind::too_long, Kind::malformed}) {
    each[0]->failure = kind;
    CHECK_THROWS_WITH_AS(answer(), "one failed", llm::ModelError);
    CHECK(asked() == "100");
  }
}

TEST_CASE_FIXTURE(Fixture, "fallback: a model that was down is not asked for a while, longer each time") {
  each[0]->failure = Kind::unreachable;
  CHECK(answer() == "two");
  CHECK(asked() == "110");
  now += std::chrono::seconds(29);
  CHECK(answer() == "two");
  CHECK(asked() == "010");
  now += std::chrono::seconds(2);
  CHECK(answer() == "two");
  CHECK(asked() == "110");
  now += std::chrono::seconds(59);
  CHECK(answer() == "two");
  CHECK(asked() == "010");
  now += std::chrono::seconds(2);
  each[0]->failure.reset();
  CHECK(answer() == "one");
  CHECK(asked() == "100");
  // It begins anew.
  each[0]->failure = Kind::overloaded;
  CHECK(answer() == "two");
  now += std::chrono::seconds(31);
  each[0]->failure.reset();
  CHECK(answer() == "one");
  // Never longer than five minutes.
  each[0]->failure = Kind::overloaded;
  for (int i = 0; i < 12; ++i) {
    now += std::chrono::minutes(6);
    answer();
  }
  asked();
  now += std::chrono::seconds(301);
  answer();
  CHECK(asked() == "110");
}

TEST_CASE_FIXTURE(Fixture, "fallback: where all are down each is asked, and the first failure is told") {
  for (auto* model : each) {
    model->failure = Kind::overloaded;
  }
  CHECK_THROWS_WITH_AS(answer(), "one failed", llm::ModelError);
  CHECK(asked() == "111");
  CHECK_THROWS_AS(answer(), llm::ModelError);
  CHECK(asked() == "111");
  each[2]->failure.reset();
  CHECK(answer() == "three");
  each[0]->failure.reset();
  CHECK(answer() == "three");  // one rests, and three does not
}

TEST_CASE_FIXTURE(Fixture, "fallback: what a model wants back goes to itself alone") {
  llm::ChatRequest request;
  request.messages = {{llm::Role::assistant, {llm::Text{"x"}}, models->complete({}, {}).as_received}};
  CHECK(models->complete(request, {}).text == "one");
  CHECK(each[0]->got == "[one];");
  each[0]->failure = Kind::unreachable;
  CHECK(models->complete(request, {}).text == "two");
  CHECK(each[1]->got == ";");
}

TEST_CASE_FIXTURE(Fixture, "fallback: a turn does not wait twice for a model that hangs") {
  each[0]->failure = Kind::unreachable;
  llm::ChatRequest request;
  request.messages = {{llm::Role::assistant, {llm::Text{"x"}}, models->complete({}, {}).as_received}};
  CHECK(asked() == "110");
  now += std::chrono::minutes(1);  // a tool took its time
  CHECK(models->complete(request, {}).text == "two");
  CHECK(asked() == "010");
  CHECK(answer() == "two");
  CHECK(asked() == "110");  // another turn
  // Unless the other one is down, too.
  each[0]->failure.reset();
  each[1]->failure = Kind::unreachable;
  now += std::chrono::minutes(2);
  CHECK(models->complete(request, {}).text == "one");
  CHECK(asked() == "110");
}

TEST_CASE_FIXTURE(Fixture, "fallback: a stop is a stop") {
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(models->complete({}, stop.get_token()), base::Stopped);
  CHECK(asked() == "100");
}

}  // namespace
