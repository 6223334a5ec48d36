#include "bot/runtime/secretary_model.h"

#include <chrono>
#include <utility>
#include <vector>

#include "bot/runtime/measured_model.h"
#include "bot/runtime/paced_model.h"
#include "llm/chat_models.h"
#include "llm/fallback_models.h"

namespace bot::runtime {
namespace {

// Of a model that another one stands behind.
constexpr std::chrono::seconds kConnect{5};
constexpr std::chrono::seconds kSilence{20};
constexpr std::chrono::seconds kDeadline{40};
constexpr int kAttempts = 2;
/// Below the time that a connection may take: what hangs is not tried again, since the next one may answer.
constexpr std::chrono::seconds kPatience{4};

}  // namespace

llm::Endpoint endpoint_of(const ModelSettings& model) {
  llm::Endpoint endpoint;
  endpoint.provider = model.provider;
  endpoint.model = model.model;
  endpoint.base_url = model.base_url;
  endpoint.api_key = model.api_key;
  endpoint.max_answer_bytes = model.max_answer_bytes;
  endpoint.images = model.images;
  return endpoint;
}

std::unique_ptr<llm::ChatModel> make_secretary_model(const SecretarySettings& secretary, Metrics* metrics) {
  const auto all = models_of(secretary);
  std::vector<std::unique_ptr<llm::ChatModel>> models;
  for (const auto& each : all) {
    auto endpoint = endpoint_of(each);
    if (models.size() + 1 < all.size()) {
      endpoint.connect_timeout = kConnect;
      endpoint.silence = kSilence;
      endpoint.deadline = kDeadline;
      endpoint.max_attempts = kAttempts;
      endpoint.patience = kPatience;
    }
    models.push_back(make_measured_model(llm::make_chat_model(endpoint), metrics));
  }
  return models.size() == 1 ? std::move(models.front()) : llm::make_fallback_models(std::move(models));
}

std::unique_ptr<llm::ChatModel> make_demo_model(const SecretarySettings& secretary,
                                                const std::string& address, const std::string& key,
                                                Metrics* metrics) {
  auto endpoint = endpoint_of(secretary);
  endpoint.provider = "demo";
  endpoint.base_url = address;
  endpoint.api_key = key;
  return make_paced_model(make_measured_model(llm::make_chat_model(endpoint), metrics));
}

}  // namespace bot::runtime
