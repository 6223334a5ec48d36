#include "bot/runtime/paced_model.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "base/wait.h"

namespace bot::runtime {
namespace {

constexpr std::chrono::milliseconds kPause{20};
constexpr std::size_t kPiece = 12;
/// Longer answers come in larger pieces.
constexpr std::size_t kMostPieces = 40;

/// What was said up to now.
class Gathering final : public llm::AnswerListener {
 public:
  void add(std::string_view text) override { text_ += text; }
  void withdraw() override { text_.clear(); }
  std::string_view text() const { return text_; }

 private:
  std::string text_;
};

void tell(llm::AnswerListener& listener, std::string_view text, const std::stop_token& stop) {
  const auto size = std::max(kPiece, text.size() / kMostPieces);
  while (!text.empty() && !stop.stop_requested()) {
    const auto piece =
        text.substr(0, std::max(base::truncate_utf8(text, size).size(), base::utf8_sequence(text)));
    listener.add(piece);
    text.remove_prefix(piece.size());
    if (!base::wait_for(kPause, stop)) {
      return;
    }
  }
}

class PacedModel final : public llm::ChatModel {
 public:
  explicit PacedModel(std::unique_ptr<llm::ChatModel> model) : model_(std::move(model)) {}

  llm::Completion complete(const llm::ChatRequest& request, std::stop_token stop) override {
    if (request.listener == nullptr) {
      return model_->complete(request, std::move(stop));
    }
    Gathering gathering;
    auto own = request;
    own.listener = &gathering;
    auto completion = model_->complete(own, stop);
    if (completion.tool_calls.empty()) {
      tell(*request.listener, gathering.text(), stop);
    }
    return completion;
  }

  std::string provider() const override { return model_->provider(); }
  std::string model() const override { return model_->model(); }

 private:
  const std::unique_ptr<llm::ChatModel> model_;
};

}  // namespace

std::unique_ptr<llm::ChatModel> make_paced_model(std::unique_ptr<llm::ChatModel> model) {
  return std::make_unique<PacedModel>(std::move(model));
}

}  // namespace bot::runtime
