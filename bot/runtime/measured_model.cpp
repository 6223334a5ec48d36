#include "bot/runtime/measured_model.h"

#include <chrono>
#include <utility>

namespace bot::runtime {
namespace {

class MeasuredModel : public llm::ChatModel {
 public:
  MeasuredModel(std::unique_ptr<llm::ChatModel> model, Metrics& metrics)
      : model_(std::move(model)), metrics_(metrics) {}

  llm::Completion complete(const llm::ChatRequest& request, std::stop_token stop) override {
    const auto begun = std::chrono::steady_clock::now();
    const auto observe = [&](bool ok) {
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
      metrics_.model_call(request.purpose, provider(), took.count(), ok);
    };
    try {
      auto completion = model_->complete(request, std::move(stop));
      observe(true);
      return completion;
    } catch (const llm::ModelError&) {
      observe(false);
      throw;
    }
  }

  std::string provider() const override { return model_->provider(); }
  std::string model() const override { return model_->model(); }

 private:
  const std::unique_ptr<llm::ChatModel> model_;
  Metrics& metrics_;
};

}  // namespace

std::unique_ptr<llm::ChatModel> make_measured_model(std::unique_ptr<llm::ChatModel> model, Metrics* metrics) {
  if (metrics == nullptr) {
    return model;
  }
  return std::make_unique<MeasuredModel>(std::move(model), *metrics);
}

}  // namespace bot::runtime
