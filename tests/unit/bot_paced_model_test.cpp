#include <string>

#include <doctest/doctest.h>

#include "bot/runtime/paced_model.h"

namespace {

/// Says all of its answer at once, as the demo model does.
class Hasty final : public llm::ChatModel {
 public:
  explicit Hasty(bool calls) : calls_(calls) {}
  llm::Completion complete(const llm::ChatRequest& request, std::stop_token) override {
    if (request.listener != nullptr) {
      request.listener->add("half");
      request.listener->withdraw();
      request.listener->add("Grüße an alle, die das lesen: 🙂🙂🙂🙂🙂🙂");
    }
    llm::Completion completion;
    completion.text = "Grüße an alle, die das lesen: 🙂🙂🙂🙂🙂🙂";
    if (calls_) {
      completion.tool_calls.push_back({"a", "dispatch", "{}"});
    }
    return completion;
  }
  std::string provider() const override { return "demo"; }
  std::string model() const override { return "hasty"; }

 private:
  const bool calls_;
};

struct Heard final : llm::AnswerListener {
  void add(std::string_view text) override {
    all += text;
    ++pieces;
  }
  void withdraw() override { all.clear(); }
  std::string all;
  int pieces = 0;
};

}  // namespace

TEST_CASE("a paced model tells its words one after the other, and none in front of a call") {
  Heard heard;
  llm::ChatRequest request;
  request.listener = &heard;
  const auto model = bot::runtime::make_paced_model(std::make_unique<Hasty>(false));
  CHECK(model->complete(request, {}).text == heard.all);
  CHECK(heard.pieces > 3);
  CHECK(heard.all == "Grüße an alle, die das lesen: 🙂🙂🙂🙂🙂🙂");
  heard = {};
  bot::runtime::make_paced_model(std::make_unique<Hasty>(true))->complete(request, {});
  CHECK(heard.pieces == 0);
  request.listener = nullptr;
  CHECK_FALSE(model->complete(request, {}).text.empty());
}
