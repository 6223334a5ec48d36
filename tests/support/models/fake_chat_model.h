#pragma once

#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "llm/chat_model.h"

namespace support {

/// A model that says what it was told to say, turn by turn, and keeps what it was asked.
/// Thread rule: one thread.
class FakeChatModel final : public llm::ChatModel {
 public:
  void will_say(const std::string& text, llm::Ending ending = llm::Ending::complete) {
    turns_.push_back({text, {}, ending, {10, 0, 0, 5}});
  }
  void will_call(const std::string& tool, const std::string& arguments, const std::string& text = "") {
    turns_.push_back({text,
                      {{"call-" + std::to_string(turns_.size() + requests.size()), tool, arguments}},
                      llm::Ending::complete,
                      {10, 0, 0, 5}});
  }
  void will_answer(llm::Completion completion) { turns_.push_back(std::move(completion)); }

  llm::Completion complete(const llm::ChatRequest& request, std::stop_token) override {
    requests.push_back(request);
    if (turns_.empty()) {
      throw llm::ModelError(llm::ModelError::Kind::unreachable,
                            "the test told this model nothing more to say");
    }
    auto turn = std::move(turns_.front());
    turns_.pop_front();
    return turn;
  }
  std::string provider() const override { return "fake"; }
  std::string model() const override { return "fake-1"; }

  std::vector<llm::ChatRequest> requests;

 private:
  std::deque<llm::Completion> turns_;
};

}  // namespace support
