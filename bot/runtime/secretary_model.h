#pragma once

#include <memory>
#include <string>

#include "bot/runtime/metrics.h"
#include "bot/runtime/settings.h"
#include "llm/chat_model.h"
#include "llm/endpoint.h"

namespace bot::runtime {

/// Where that model is.
llm::Endpoint endpoint_of(const ModelSettings& model);

/// The secretary's model with its fallbacks, each of which is asked while those before it are down. One that
/// another one stands behind is waited for less long. Precondition: not demo mode. Throws base::ConfigError
/// for what llm::make_chat_model() refuses. Calls are counted in `metrics`, which must outlive it.
std::unique_ptr<llm::ChatModel> make_secretary_model(const SecretarySettings& secretary,
                                                     Metrics* metrics = nullptr);

/// The scripted model at that address, at the pace of a real one where somebody watches.
std::unique_ptr<llm::ChatModel> make_demo_model(const SecretarySettings& secretary,
                                                const std::string& address, const std::string& key,
                                                Metrics* metrics = nullptr);

}  // namespace bot::runtime
